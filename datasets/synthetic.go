package datasets

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"time"
)

// SyntheticConfig describes a synthetic Internet. Start from [DefaultSynthetic].
//
// A host stands in a city, chosen by weight, and is a customer of one of the
// city's carriers. A city's carrier is a site. The round trip of two hosts is
//
//	(path/(c·2/3)·2·stretch + equipment + access_i + access_j) · direction
//
// where path is the great circle between the cities, or, for the share of site
// pairs that are detoured, the great circles by way of a hub. Stretch, detour and
// direction are drawn for each pair of sites, so hosts of the same two sites
// share their route's fate, as they do under real routing policies. Detours and
// unequal stretch are what violates the triangle inequality.
type SyntheticConfig struct {
	// Nodes is the number of hosts, 2 to [MaxSynthetic].
	Nodes int
	// Seed decides everything random. The hosts of a smaller Internet are the
	// first hosts of a larger one with the same seed.
	Seed uint64
	// Carriers is the number of carriers in each city, from 1.
	Carriers int
	// Stretch is the median of a route's length over the great circle, and
	// StretchSpread the standard deviation of the logarithm of its excess over 1.
	Stretch, StretchSpread float64
	// Equipment is what routers add to every round trip, however short.
	Equipment time.Duration
	// Access is the median round trip over a host's access link, AccessSpread
	// the standard deviation of its logarithm.
	Access       time.Duration
	AccessSpread float64
	// DetourShare is the share of site pairs whose route leads through a hub: one
	// of the DetourHubs hubs that make the shortest such route.
	DetourShare float64
	DetourHubs  int
	// AsymmetricShare is the share of site pairs whose two directions measure
	// differently by more than noise, AsymmetricSpread the standard deviation of
	// the logarithm of the ratio there.
	AsymmetricShare, AsymmetricSpread float64
	// Jitter is the median over host pairs of the mean deviation of single
	// round trips, JitterSpread the standard deviation of its logarithm. No
	// pair's exceeds its round trip.
	Jitter       time.Duration
	JitterSpread float64
}

// MaxSynthetic bounds the nodes of a computed set: its matrices hold Nodes²
// values of eight bytes. A larger simulated group shares hosts.
const MaxSynthetic = 4096

// DefaultSynthetic is the Internet that the name synthetic-internet stands for,
// with 256 hosts and seed 1. datasets/README.md compares it with recorded sets.
func DefaultSynthetic() SyntheticConfig {
	return SyntheticConfig{
		Nodes:            256,
		Seed:             1,
		Carriers:         3,
		Stretch:          1.6,
		StretchSpread:    0.2,
		Equipment:        200 * time.Microsecond,
		Access:           2 * time.Millisecond,
		AccessSpread:     1,
		DetourShare:      0.12,
		DetourHubs:       4,
		AsymmetricShare:  0.12,
		AsymmetricSpread: 0.2,
		Jitter:           700 * time.Microsecond,
		JitterSpread:     1.5,
	}
}

func (c SyntheticConfig) check() error {
	blame := func(key string, got any, want string) error {
		return fmt.Errorf("synthetic Internet: %s: %v is not valid; want %s", key, got, want)
	}
	switch {
	case c.Nodes < 2 || c.Nodes > MaxSynthetic:
		return blame("nodes", c.Nodes, fmt.Sprintf("2 to %d", MaxSynthetic))
	case c.Carriers < 1:
		return blame("carriers", c.Carriers, "1 or more")
	case !(c.Stretch >= 1):
		return blame("stretch", c.Stretch, "1 or more")
	case c.Equipment <= 0:
		return blame("equipment", c.Equipment, "more than 0")
	case c.Access < 0 || c.Jitter < 0:
		return blame("access and jitter", []time.Duration{c.Access, c.Jitter}, "0 or more")
	case !(c.DetourShare >= 0 && c.DetourShare <= 1) || !(c.AsymmetricShare >= 0 && c.AsymmetricShare <= 1):
		return blame("shares", []float64{c.DetourShare, c.AsymmetricShare}, "0 to 1")
	case c.DetourHubs < 1 || c.DetourHubs > len(hubs)-2: // the ends of a route are no detour
		return blame("detour hubs", c.DetourHubs, fmt.Sprintf("1 to %d", len(hubs)-2))
	}
	for _, spread := range []float64{c.StretchSpread, c.AccessSpread, c.AsymmetricSpread, c.JitterSpread} {
		if !(spread >= 0 && spread <= 3) {
			return blame("spreads", spread, "0 to 3, standard deviations of logarithms")
		}
	}
	return nil
}

// Streams of random numbers: one for each concern, so that a change of one
// leaves the others' draws alone.
const (
	streamRoutes = iota + 1
	streamHosts
	streamPairs
)

// fibreRTT is the round trip over a kilometre of fibre: light travels in glass
// at about two thirds of its speed in vacuum, so a kilometre and back takes
// about 10 µs.
const fibreRTT = 10e3 // ns

// Synthetic computes a synthetic Internet. Values are whole microseconds.
func Synthetic(c SyntheticConfig) (*Matrix, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	routes := c.routes()
	site, access := c.hosts()
	n := c.Nodes
	rtt, jitter := make([]time.Duration, n*n), make([]time.Duration, n*n)
	// A pair's draws come in the order of its larger member: more hosts append.
	noise := rand.New(rand.NewPCG(c.Seed, streamPairs))
	for j := range n {
		for i := range j {
			base := access[i] + access[j] + float64(c.Equipment)
			for _, way := range [2][2]int{{i, j}, {j, i}} {
				route := routes.rtt[site[way[0]]*routes.sites+site[way[1]]]
				const measurement = 0.002 // directions never measure quite the same
				rtt[way[0]*n+way[1]] = wholeMicroseconds((base + route) * math.Exp(measurement*noise.NormFloat64()))
			}
			quicker := min(rtt[i*n+j], rtt[j*n+i])
			deviation := min(quicker, wholeMicroseconds(lognormal(noise, float64(c.Jitter), c.JitterSpread)))
			jitter[i*n+j], jitter[j*n+i] = deviation, deviation
		}
	}
	names, places := make([]string, n), make([]Location, n)
	for i := range n {
		at := cities[site[i]/c.Carriers]
		names[i] = fmt.Sprintf("%s %d", at.name, i)
		places[i] = Location{City: at.name, Region: at.region, Latitude: at.latitude, Longitude: at.longitude}
	}
	m := newMatrix(rtt, names)
	m.jitter, m.places = jitter, places
	return m, nil
}

// hosts places the hosts: the site of each, and its access link's round trip in ns.
func (c SyntheticConfig) hosts() (site []int, access []float64) {
	upTo := make([]float64, len(cities))
	total := 0.0
	for i, at := range cities {
		total += at.weight
		upTo[i] = total
	}
	draw := rand.New(rand.NewPCG(c.Seed, streamHosts))
	for range c.Nodes {
		at := sort.SearchFloat64s(upTo, draw.Float64()*total)
		site = append(site, at*c.Carriers+draw.IntN(c.Carriers))
		access = append(access, lognormal(draw, float64(c.Access), c.AccessSpread))
	}
	return site, access
}

// routeTable holds the round trip in ns from every site to every other, without
// access links.
type routeTable struct {
	sites int
	rtt   []float64
}

func (c SyntheticConfig) routes() routeTable {
	t := routeTable{sites: len(cities) * c.Carriers}
	t.rtt = make([]float64, t.sites*t.sites)
	draw := rand.New(rand.NewPCG(c.Seed, streamRoutes))
	vias := viaHubs()
	for b := range t.sites {
		for a := range b {
			from, to := a/c.Carriers, b/c.Carriers
			path := distance(cities[from], cities[to])
			stretch := 1 + lognormal(draw, c.Stretch-1, c.StretchSpread)
			detour, choice := draw.Float64() < c.DetourShare, draw.IntN(c.DetourHubs)
			if detour {
				path = vias[from*len(cities)+to][choice]
			}
			asymmetric, tilt := draw.Float64() < c.AsymmetricShare, c.AsymmetricSpread*draw.NormFloat64()
			if !asymmetric {
				tilt = 0
			}
			route := path * stretch * fibreRTT
			t.rtt[a*t.sites+b] = route * math.Exp(tilt/2)
			t.rtt[b*t.sites+a] = route * math.Exp(-tilt/2)
		}
	}
	return t
}

// viaHubs lists, for each pair of cities, the lengths in km of the ways through
// each hub, the shortest first.
func viaHubs() [][]float64 {
	toHub := make([][]float64, len(cities)) // NaN for a hub to itself
	for i, from := range cities {
		for _, at := range cities {
			if !slices.Contains(hubs, at.name) {
				continue
			}
			length := math.NaN()
			if at != from {
				length = distance(from, at)
			}
			toHub[i] = append(toHub[i], length)
		}
	}
	vias := make([][]float64, len(cities)*len(cities))
	for i := range cities {
		for j := range cities {
			ways := make([]float64, 0, len(hubs))
			for h := range hubs {
				if way := toHub[i][h] + toHub[j][h]; !math.IsNaN(way) {
					ways = append(ways, way)
				}
			}
			slices.Sort(ways)
			vias[i*len(cities)+j] = ways
		}
	}
	return vias
}

// distance is the great circle between two cities in km, by the haversine formula.
func distance(a, b city) float64 {
	const earthRadius = 6371
	const degree = math.Pi / 180
	sinLat := math.Sin((b.latitude - a.latitude) * degree / 2)
	sinLong := math.Sin((b.longitude - a.longitude) * degree / 2)
	h := sinLat*sinLat + math.Cos(a.latitude*degree)*math.Cos(b.latitude*degree)*sinLong*sinLong
	return 2 * earthRadius * math.Asin(math.Sqrt(h))
}

func lognormal(draw *rand.Rand, median, spread float64) float64 {
	return median * math.Exp(spread*draw.NormFloat64())
}

// wholeMicroseconds rounds so that the last bits of a processor's floating
// point do not show in the result. The least value is one microsecond.
func wholeMicroseconds(ns float64) time.Duration {
	return max(time.Microsecond, time.Duration(math.Round(ns/1e3))*time.Microsecond)
}
