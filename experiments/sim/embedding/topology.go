package embedding

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// gridConfig places nodes on a square grid, row after row: the paper's example of
// a network that a plane holds exactly. The last row may be short.
type gridConfig struct {
	Nodes   int           `key:"nodes"`
	Spacing time.Duration `key:"spacing"` // between neighbours, as a round trip
}

// maxNodes bounds a topology; the matrix holds as many numbers squared.
const maxNodes = 4096

func (g gridConfig) check() error {
	if g.Nodes < 2 || g.Nodes > maxNodes {
		return &trial.KeyError{Key: "network.grid.nodes", Got: g.Nodes, Want: fmt.Sprintf("2 to %d", maxNodes)}
	}
	if g.Spacing <= 0 {
		return &trial.KeyError{Key: "network.grid.spacing", Got: g.Spacing, Want: "more than 0s"}
	}
	return nil
}

func (g gridConfig) build() topology {
	columns := int(math.Ceil(math.Sqrt(float64(g.Nodes))))
	sites := make([]site, g.Nodes)
	for i := range sites {
		row, column := i/columns, i%columns
		sites[i] = site{
			name: fmt.Sprintf("%d,%d", row, column), group: "grid", known: true,
			x: float64(column) * inMs(g.Spacing), y: -float64(row) * inMs(g.Spacing),
		}
	}
	rtt := make([]time.Duration, g.Nodes*g.Nodes)
	for i, a := range sites {
		for j, b := range sites {
			rtt[i*g.Nodes+j] = fromMs(math.Hypot(a.x-b.x, a.y-b.y))
		}
	}
	return topology{sites: sites, rtt: rtt}
}

// transitStubConfig is a two-level network in the manner of the transit-stub
// graphs of GT-ITM (Zegura, Calvert, Bhattacharjee, INFOCOM 1996); the generator
// is our own. One transit domain of routers at random places of a square is the
// core. Each router serves stub domains: hosts at random places around a centre,
// joined in a random connected graph, with one uplink to the router. A link's
// round trip is its length in the plane; the round trip of two nodes is that of
// the shortest path, so stub hosts of one domain talk directly, and all else
// crosses the uplinks.
//
// The defaults give GT-ITM's classic hundred nodes: 4 routers, 3 stub domains at
// each, 8 hosts in each.
type transitStubConfig struct {
	Transits int           `key:"transits"` // routers
	Stubs    int           `key:"stubs"`    // stub domains at each router
	Hosts    int           `key:"hosts"`    // in each stub domain
	Core     time.Duration `key:"core"`     // side of the routers' square, as a round trip
	Stub     time.Duration `key:"stub"`     // side of a stub domain's square
	Uplink   time.Duration `key:"uplink"`   // mean round trip of an uplink; each is within half of it
}

func defaultTransitStub() transitStubConfig {
	return transitStubConfig{Transits: 4, Stubs: 3, Hosts: 8, Core: 100 * time.Millisecond, Stub: 10 * time.Millisecond, Uplink: 10 * time.Millisecond}
}

// UnmarshalKey reads the section, which is called transit_stub, over the defaults.
func (t *transitStubConfig) UnmarshalKey(value any) error {
	type plain transitStubConfig
	p := plain(defaultTransitStub())
	if err := trial.Decode("transit_stub", value, &p); err != nil {
		return err
	}
	*t = transitStubConfig(p)
	return nil
}

func (t transitStubConfig) nodes() int { return t.Transits * (1 + t.Stubs*t.Hosts) }

func (t transitStubConfig) check() error {
	for _, part := range []struct {
		key   string
		value int
	}{{"transits", t.Transits}, {"stubs", t.Stubs}, {"hosts", t.Hosts}} {
		if part.value < 1 || part.value > maxNodes {
			return &trial.KeyError{Key: "network.transit_stub." + part.key, Got: part.value, Want: "1 or more"}
		}
	}
	for _, part := range []struct {
		key   string
		value time.Duration
	}{{"core", t.Core}, {"stub", t.Stub}, {"uplink", t.Uplink}} {
		if part.value <= 0 {
			return &trial.KeyError{Key: "network.transit_stub." + part.key, Got: part.value, Want: "more than 0s"}
		}
	}
	if t.Transits*t.Stubs*t.Hosts > maxNodes/2 {
		return &trial.KeyError{Key: "network.transit_stub", Err: fmt.Errorf("it has %d nodes", t.nodes()), Want: fmt.Sprintf("at most %d", maxNodes/2)}
	}
	return nil
}

// edgeChance is the chance of a link between two hosts of a stub domain, beside
// those that keep it connected.
const edgeChance = 0.4

// shortestLink keeps two nodes at one place apart.
const shortestLink = 0.05 // ms

func (t transitStubConfig) build(rng *rand.Rand) topology {
	top := topology{sites: make([]site, 0, t.nodes())}
	core, side, mean := inMs(t.Core), inMs(t.Stub), inMs(t.Uplink)
	for r := range t.Transits {
		top.add(site{name: fmt.Sprintf("transit %d", r), group: "transit", x: core * rng.Float64(), y: core * rng.Float64(), known: true})
		for other := range r {
			top.link(other, r)
		}
	}
	for stub := range t.Transits * t.Stubs {
		router := top.sites[stub%t.Transits]
		// The uplink's length is drawn and its direction too; a stub lies beside
		// its router.
		length, angle := mean*(0.5+rng.Float64()), 2*math.Pi*rng.Float64()
		x, y := router.x+length*math.Cos(angle), router.y+length*math.Sin(angle)
		first := len(top.sites)
		for h := range t.Hosts {
			at := len(top.sites)
			top.add(site{
				name: fmt.Sprintf("stub %d host %d", stub, h), group: fmt.Sprintf("stub %d", stub),
				x: x + side*(rng.Float64()-0.5), y: y + side*(rng.Float64()-0.5), known: true,
			})
			if h > 0 {
				top.link(first+rng.IntN(h), at)
			}
		}
		for a := first; a < len(top.sites); a++ {
			for b := first; b < a; b++ {
				if rng.Float64() < edgeChance {
					top.link(b, a)
				}
			}
		}
		top.uplinks = append(top.uplinks, len(top.links))
		top.links = append(top.links, link{stub % t.Transits, first, length})
	}
	top.shortestPaths()
	return top
}

// topology is a network of our own making.
type topology struct {
	sites []site
	rtt   []time.Duration // from i to j at i·n+j
	// Of a transit-stub network:
	links   []link
	uplinks []int // of each stub domain, its place in links
}

type link struct {
	a, b int
	ms   float64 // round trip
}

func (t *topology) add(s site) { t.sites = append(t.sites, s) }

// link joins two nodes by a link as long as they lie apart.
func (t *topology) link(a, b int) {
	from, to := t.sites[a], t.sites[b]
	t.links = append(t.links, link{a, b, max(math.Hypot(from.x-to.x, from.y-to.y), shortestLink)})
}

// shortestPaths fills rtt from the links, by Floyd and Warshall.
func (t *topology) shortestPaths() {
	n := len(t.sites)
	ms := make([]float64, n*n)
	for i := range ms {
		ms[i] = math.Inf(1)
	}
	for i := range n {
		ms[i*n+i] = 0
	}
	for _, l := range t.links {
		ms[l.a*n+l.b] = min(ms[l.a*n+l.b], l.ms)
		ms[l.b*n+l.a] = ms[l.a*n+l.b]
	}
	for k := range n {
		via := ms[k*n : (k+1)*n]
		for i := range n {
			row, first := ms[i*n:(i+1)*n], ms[i*n+k]
			if math.IsInf(first, 1) {
				continue
			}
			for j, rest := range via {
				row[j] = min(row[j], first+rest)
			}
		}
	}
	t.rtt = make([]time.Duration, n*n)
	for i, v := range ms {
		t.rtt[i] = fromMs(v)
	}
}

// slowed is the network's round trips with the uplinks of some stub domains slower.
func (t topology) slowed(by []slowEvent) []time.Duration {
	changed := topology{sites: t.sites, links: slices.Clone(t.links)}
	for _, e := range by {
		changed.links[t.uplinks[e.Stub]].ms *= e.Factor
	}
	changed.shortestPaths()
	return changed.rtt
}

// site is what is known of where a node is: degrees east and north of a dataset,
// milliseconds of a topology.
type site struct {
	name, group string
	x, y        float64
	known       bool
}

func inMs(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func fromMs(ms float64) time.Duration {
	return time.Duration(math.Round(ms * float64(time.Millisecond)))
}
