package film

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"net/url"
	"regexp"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

// EmbeddingOptions choose what embedding to film.
type EmbeddingOptions struct {
	Dataset    string  `json:"dataset"`
	Hosts      int     `json:"hosts"` // at most so many of the dataset's, drawn at random
	Space      string  `json:"space"`
	TimeStep   string  `json:"time_step"`
	Delta      float64 `json:"delta"` // of the constant time step
	Cc         float64 `json:"cc"`    // of the adaptive time step
	Neighbours int     `json:"neighbours"`
	Samples    int     `json:"samples"` // that each node takes
	Seed       uint64  `json:"seed"`
}

// The bounds of a film.
const (
	maxHosts   = 1024
	frameCount = 240
)

// spaces are those that a film can be made in.
var spaces = []struct {
	name  string
	space vivaldi.Space
}{
	{"2D", vivaldi.Euclidean(2)},
	{"3D", vivaldi.Euclidean(3)},
	{"2D+height", vivaldi.Euclidean(2).WithHeight()},
	{"3D+height", vivaldi.Euclidean(3).WithHeight()},
	{"5D", vivaldi.Euclidean(5)},
	{"8D+height", vivaldi.Euclidean(8).WithHeight()},
}

func spaceNames() []string {
	names := make([]string, len(spaces))
	for i, s := range spaces {
		names[i] = s.name
	}
	return names
}

// ParseEmbedding reads options from the query of an address. Its error is a
// *[trial.KeyError].
func ParseEmbedding(query url.Values) (EmbeddingOptions, error) {
	r := read(query)
	o := EmbeddingOptions{
		Dataset:    r.text("dataset", "synthetic-internet"),
		Hosts:      r.whole("hosts", 500, 3, maxHosts),
		Space:      r.one("space", "2D+height", spaceNames()...),
		TimeStep:   r.one("time_step", "adaptive", "adaptive", "constant"),
		Delta:      r.number("delta", 0.05, 0, 1),
		Cc:         r.number("cc", 0.25, 0, 1),
		Neighbours: r.whole("neighbours", 32, 1, maxHosts),
		Samples:    r.whole("samples", 400, 1, 5000),
		Seed:       uint64(r.whole("seed", 1, 0, math.MaxInt32)),
	}
	return o, r.done()
}

func (o EmbeddingOptions) config() vivaldi.Config {
	at := slices.IndexFunc(spaces, func(s struct {
		name  string
		space vivaldi.Space
	}) bool {
		return s.name == o.Space
	})
	c := vivaldi.Paper(spaces[at].space)
	if o.TimeStep == "constant" {
		c.TimeStep = vivaldi.Constant
	}
	c.Delta, c.Cc = o.Delta, o.Cc
	return c
}

// Place is where a node stands, for labels and colours.
type Place struct {
	Name      string  `json:"name"`
	City      string  `json:"city,omitempty"`
	Region    string  `json:"region,omitempty"`
	Longitude float64 `json:"longitude"`
	Latitude  float64 `json:"latitude"`
	located   bool
}

// Embedding is the film of an embedding. Lengths are milliseconds, full round
// trips; arrays are indexed by frame first, then by node.
type Embedding struct {
	Options EmbeddingOptions
	Places  []Place
	// Dimensions of the space, its height not counted.
	Dimensions int
	HasHeight  bool
	// Shares of the variance of the last frame that each coordinate bears, in
	// falling order; for the page, which can draw three.
	Shares []float64
	// Oriented is true where the last frame was turned to lie as on a map.
	Oriented bool
	// Refused counts round trips of the dataset that vivaldi does not believe.
	Refused int

	RTT        []float32 // n×n, symmetric; 0 where there is none
	Neighbours []uint16  // n×Options.Neighbours, noNeighbour where a node has fewer

	Samples     []float32 // taken by a node on average, by frame
	Coordinates []float32
	Heights     []float32
	Estimates   []float32 // e_i, what a node believes of its error
	NodeErrors  []float32 // median relative error of a node's predictions, in truth
	Median, P90 []float32 // of the relative error over all pairs, by frame
}

const noNeighbour = math.MaxUint16

// The streams of a film's seed.
const (
	streamHosts = 1 + iota
	streamNeighbours
	streamOrder
	streamDirections
)

// RecordEmbedding embeds a dataset and films it. In one round every node, in an
// order shuffled anew, samples one of its neighbours, drawn at random.
func RecordEmbedding(ctx context.Context, o EmbeddingOptions, open func(name string) (*datasets.Matrix, error)) (*Embedding, error) {
	m, err := open(o.Dataset)
	if err != nil {
		return nil, &trial.KeyError{Key: "dataset", Err: err}
	}
	config := o.config()
	f := &Embedding{Options: o, Dimensions: config.Space.Dimensions(), HasHeight: config.Space.HasHeight()}
	f.stage(m, config.MaxRTT)
	frames, err := f.shoot(ctx, config)
	if err != nil {
		return nil, err
	}
	f.develop(frames)
	return f, f.review(ctx)
}

func (f *Embedding) stream(which uint64) *rand.Rand {
	return rand.New(rand.NewPCG(f.Options.Seed, which))
}

// stage chooses the hosts and their neighbours and copies what is known of them.
func (f *Embedding) stage(m *datasets.Matrix, longest time.Duration) {
	m = m.Symmetric()
	hosts := f.stream(streamHosts).Perm(m.Len())
	hosts = hosts[:min(len(hosts), f.Options.Hosts)]
	slices.Sort(hosts)
	n := len(hosts)
	f.Places, f.RTT = make([]Place, n), make([]float32, n*n)
	rng := f.stream(streamNeighbours)
	f.Options.Hosts, f.Options.Neighbours = n, min(f.Options.Neighbours, n-1)
	for i, host := range hosts {
		f.Places[i].Name = m.Name(host)
		if zone := cloudZone.FindStringSubmatch(m.Name(host)); zone != nil {
			f.Places[i].Region = zone[1]
		}
		if at, ok := m.Location(host); ok {
			f.Places[i] = Place{m.Name(host), at.City, region(at), at.Longitude, at.Latitude, at.Longitude != 0 || at.Latitude != 0}
		}
		var peers []uint16
		for j, other := range hosts {
			switch rtt, ok := m.RTT(host, other); {
			case !ok:
			case rtt > longest:
				f.Refused++
			default:
				f.RTT[i*n+j] = milliseconds(rtt)
				peers = append(peers, uint16(j))
			}
		}
		rng.Shuffle(len(peers), func(a, b int) { peers[a], peers[b] = peers[b], peers[a] })
		for k := range f.Options.Neighbours {
			if k >= len(peers) {
				peers = append(peers, noNeighbour)
			}
			f.Neighbours = append(f.Neighbours, peers[k])
		}
	}
}

// cloudZone finds the part of the world in a cloud provider's name of a region:
// the "eu" of eu-west-1.
var cloudZone = regexp.MustCompile(`^([a-z]{2})-[a-z]+-\d$`)

// region is the source's name of the continent. WonderNetwork's "Eurasia" holds
// half of all hosts and would colour them alike; it is parted here, roughly.
func region(at datasets.Location) string {
	switch {
	case at.Region != "Eurasia":
		return at.Region
	case at.Longitude < 45 && at.Latitude > 35.5:
		return "Europe"
	}
	return "Asia"
}

// shot is a frame as it was, before it is aligned.
type shot struct {
	cloud
	samples            int
	heights, estimates []float32
}

// shoot runs the embedding and takes the frames.
func (f *Embedding) shoot(ctx context.Context, config vivaldi.Config) ([]shot, error) {
	n, k := len(f.Places), f.Options.Neighbours
	c, err := vivaldi.NewCloud(config, n, f.stream(streamDirections))
	if err != nil {
		return nil, err
	}
	take := func(samples int) shot {
		s := shot{cloud: newCloud(n, f.Dimensions), samples: samples, heights: make([]float32, n), estimates: make([]float32, n)}
		for i := range n {
			at := c.Coordinate(i)
			for d := range f.Dimensions {
				s.at(i)[d] = at.Vec[d] * 1e3
			}
			s.heights[i], s.estimates[i] = float32(at.Height*1e3), float32(c.ErrorEstimate(i))
		}
		return s
	}
	frames := []shot{take(0)}
	rng := f.stream(streamOrder)
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	for samples := 0; samples < n*f.Options.Samples; samples++ {
		if samples%n == 0 {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			rng.Shuffle(n, func(a, b int) { order[a], order[b] = order[b], order[a] })
		}
		i := order[samples%n]
		if j := f.Neighbours[i*k+rng.IntN(k)]; j != noNeighbour {
			rtt := time.Duration(math.Round(float64(f.RTT[i*n+int(j)]) * 1e6))
			if err := c.Update(i, int(j), rtt); err != nil {
				return nil, fmt.Errorf("%s samples %s: %w", f.Places[i].Name, f.Places[j].Name, err)
			}
		}
		for len(frames) < frameCount && due(len(frames), n*f.Options.Samples) <= samples+1 {
			frames = append(frames, take(samples+1))
		}
	}
	return frames, nil
}

// due is after how many samples frame k of a film is taken: in short steps at
// first, when everything moves, and in ever longer ones later.
func due(k, samples int) int {
	const growth = 5
	return int(math.Round(float64(samples) * math.Expm1(growth*float64(k)/(frameCount-1)) / math.Expm1(growth)))
}

// develop aligns the frames and copies them into the film.
func (f *Embedding) develop(frames []shot) {
	clouds := make([]cloud, len(frames))
	for i, s := range frames {
		clouds[i] = s.cloud
	}
	last := clouds[len(clouds)-1]
	last.centre()
	f.Shares = last.principal()
	f.Oriented = last.orient(func(i int) (float64, float64, bool) {
		p := f.Places[i]
		return p.Longitude, p.Latitude, p.located
	})
	steady(clouds)
	for _, s := range frames {
		f.Samples = append(f.Samples, float32(float64(s.samples)/float64(s.n)))
		for _, x := range s.points {
			f.Coordinates = append(f.Coordinates, float32(x))
		}
		f.Heights = append(f.Heights, s.heights...)
		f.Estimates = append(f.Estimates, s.estimates...)
	}
}

// Predicted is the round trip in milliseconds that a frame predicts of a pair.
func (f *Embedding) Predicted(frame, i, j int) float64 {
	n, d := len(f.Places), f.Dimensions
	at := f.Coordinates[frame*n*d:]
	var sum float64
	for k := range d {
		x := float64(at[i*d+k]) - float64(at[j*d+k])
		sum += x * x
	}
	return math.Sqrt(sum) + float64(f.Heights[frame*n+i]) + float64(f.Heights[frame*n+j])
}

// review computes the errors of every frame over every measured pair, frames
// beside each other.
func (f *Embedding) review(ctx context.Context) error {
	n, frames := len(f.Places), len(f.Samples)
	f.NodeErrors = make([]float32, frames*n)
	f.Median, f.P90 = make([]float32, frames), make([]float32, frames)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	for frame := range frames {
		group.Go(func() error {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			all, own := make([]float32, 0, n*n/2), make([]float32, 0, n)
			missed := make([]float32, n*n) // relative error of a pair, either way
			for i := range n {
				for j := range i {
					if rtt := float64(f.RTT[i*n+j]); rtt > 0 {
						e := float32(math.Abs(f.Predicted(frame, i, j)-rtt) / rtt)
						missed[i*n+j], missed[j*n+i] = e, e
						all = append(all, e)
					}
				}
			}
			for i := range n {
				own = own[:0]
				for j := range n {
					if f.RTT[i*n+j] > 0 {
						own = append(own, missed[i*n+j])
					}
				}
				f.NodeErrors[frame*n+i] = quantile(own, 0.5)
			}
			f.Median[frame], f.P90[frame] = quantile(all, 0.5), quantile(all, 0.9)
			return nil
		})
	}
	return group.Wait()
}

// Encode writes the film for the page.
func (f *Embedding) Encode() ([]byte, error) {
	head := struct {
		Kind       string           `json:"kind"`
		Options    EmbeddingOptions `json:"options"`
		Places     []Place          `json:"places"`
		Dimensions int              `json:"dimensions"`
		HasHeight  bool             `json:"has_height"`
		Shares     []float64        `json:"shares"`
		Oriented   bool             `json:"oriented"`
		Refused    int              `json:"refused"`
		Frames     int              `json:"frames"`
	}{"embedding", f.Options, f.Places, f.Dimensions, f.HasHeight, f.Shares, f.Oriented, f.Refused, len(f.Samples)}
	return encode(head, []track{
		{"rtt", f.RTT}, {"neighbours", f.Neighbours}, {"samples", f.Samples},
		{"coordinates", f.Coordinates}, {"heights", f.Heights}, {"estimates", f.Estimates},
		{"node_errors", f.NodeErrors}, {"median", f.Median}, {"p90", f.P90},
	})
}

func milliseconds(d time.Duration) float32 { return float32(float64(d) / 1e6) }
