package film

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"time"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/sim/coordinates"
	"github.com/swimlab/swimlab/experiments/sim/embedding"
	"github.com/swimlab/swimlab/experiments/sim/picture"
	"github.com/swimlab/swimlab/experiments/sim/stream"
	"github.com/swimlab/swimlab/experiments/trial"
)

// EmbeddingOptions choose what embedding to film: a trial of an experiment's
// definition, or one put together from a few choices.
type EmbeddingOptions struct {
	Experiment string `json:"experiment,omitempty"`
	Cell       string `json:"cell,omitempty"` // "step=adaptive"; empty is the first
	Seed       int    `json:"seed"`           // number of the trial, from 1

	Dataset    string        `json:"dataset,omitempty"`
	Hosts      int           `json:"hosts,omitempty"` // at most so many of the dataset's, drawn at random
	Space      string        `json:"space,omitempty"`
	Radius     time.Duration `json:"radius_ns,omitempty"` // of the sphere
	TimeStep   string        `json:"time_step,omitempty"`
	Delta      float64       `json:"delta,omitempty"` // of the constant time step
	Cc         float64       `json:"cc,omitempty"`    // of the adaptive time step
	Neighbours int           `json:"neighbours,omitempty"`
	Samples    int           `json:"samples,omitempty"` // that each node takes
}

// The bounds of a film of an embedding.
const (
	maxHosts      = 1024       // of a free choice
	maxNodes      = 2048       // of a definition
	maxRoundTrips = 16_000_000 // in all matrices of a film together
	frameCount    = 240
)

// ParseEmbedding reads options from the query of an address. Its error is a
// *[trial.KeyError].
func ParseEmbedding(query url.Values) (EmbeddingOptions, error) {
	r := read(query)
	o := EmbeddingOptions{Experiment: r.text("experiment", ""), Seed: r.whole("seed", 1, 1, math.MaxInt32)}
	if o.Experiment != "" {
		o.Cell = r.bounded("cell", "", longestCell)
		return o, r.done()
	}
	o.Dataset = r.text("dataset", "synthetic-internet")
	o.Hosts = r.whole("hosts", 500, 3, maxHosts)
	o.Space = r.one("space", "2D+height", spaceNames()...)
	o.Radius = r.duration("radius", 100*time.Millisecond, time.Millisecond, 10*time.Second)
	o.TimeStep = r.one("time_step", "adaptive", "adaptive", "constant")
	o.Delta = r.number("delta", 0.05, 0, 1)
	o.Cc = r.number("cc", 0.25, 0, 1)
	o.Neighbours = r.whole("neighbours", 32, 1, maxHosts)
	o.Samples = r.whole("samples", 400, 1, 5000)
	return o, r.done()
}

// Place is who a node is, for labels and colours.
type Place struct {
	Name   string  `json:"name"`
	City   string  `json:"city,omitempty"`
	Region string  `json:"region,omitempty"`
	Role   string  `json:"role,omitempty"` // see picture.Node
	X      float64 `json:"-"`
	Y      float64 `json:"-"`
	known  bool    // X and Y are
}

// Embedding is the film of an embedding. Lengths are milliseconds, full round
// trips; arrays are indexed by frame first, then by node.
type Embedding struct {
	Options EmbeddingOptions
	Spec    trial.Spec
	Cast    picture.Cast
	Places  []Place
	// Dimensions of the space, its height not counted; Radius is the sphere's, 0
	// in a Euclidean space.
	Dimensions int
	HasHeight  bool
	Radius     float64
	// Shares of the variance of the last frame that each coordinate bears, in
	// falling order; for the page, which can draw three. None on a sphere.
	Shares []float64
	// Oriented is true where the last frame was turned to lie as on a map.
	Oriented bool
	// Refused counts round trips of the dataset that vivaldi does not believe.
	Refused int

	// RTT holds a matrix for each state that the network was in: that of frame k
	// begins at Epochs[k]·n·n. It is 0 where there is no round trip.
	RTT        []float32
	Epochs     []uint16
	Springs    int      // of a node, at most
	Neighbours []uint16 // n×Springs, noNeighbour where a node has fewer

	At          []float32 // in the cast's clock, by frame
	Joined      []uint8   // 0 of a node that is not there; nil when all are, always
	Coordinates []float32
	Heights     []float32
	Adjustments []float32 // nil where nodes have none
	Estimates   []float32 // e_i, what a node believes of its error
	NodeErrors  []float32 // median relative error of a node's predictions, in truth
	Median, P90 []float32 // of the relative error over all pairs that are judged, by frame; NaN of none
}

const noNeighbour = math.MaxUint16

// RecordEmbedding runs a trial in the world that runs it in experiments, and films
// it.
func RecordEmbedding(ctx context.Context, o EmbeddingOptions, stage Stage) (*Embedding, error) {
	f := &Embedding{Options: o}
	open := func(name string) (matrix, error) { return stage.Open(name) }
	if o.Experiment != "" {
		var err error
		if f.Spec, err = stage.Resolve(o.Experiment, o.Cell, o.Seed); err != nil {
			return nil, err
		}
	} else {
		hosts, err := draw(o, stage)
		if err != nil {
			return nil, err
		}
		f.Options.Hosts, f.Options.Neighbours = hosts.Len(), min(o.Neighbours, hosts.Len()-1)
		f.Refused = hosts.refused
		f.Spec = f.Options.spec(stage.Seed(o.Seed))
		open = func(string) (matrix, error) { return hosts, nil }
	}
	if err := f.shoot(ctx, open); err != nil {
		return nil, err
	}
	if o.Experiment == "" {
		f.Cast.Clock = "samples a node" // one a second, and seconds mean nothing else here
	}
	return f, f.review(ctx)
}

// matrix is what all worlds of embeddings take for a dataset.
type matrix interface {
	Len() int
	RTT(i, j int) (time.Duration, bool)
}

var _ matrix = (*datasets.Matrix)(nil)

// shoot runs the trial before a camera, and develops what it took.
func (f *Embedding) shoot(ctx context.Context, open func(name string) (matrix, error)) error {
	if err := CheckEmbedding(f.Spec); err != nil {
		return err
	}
	c := &camera{}
	var err error
	switch f.Spec.System["protocol"] {
	case "vivaldi":
		err = embedding.Film(ctx, f.Spec, func(name string) (embedding.RTTs, error) { return open(name) }, c)
	case coordinates.Protocol:
		err = coordinates.Film(ctx, f.Spec, func(name string) (coordinates.RTTs, error) { return open(name) }, c)
	case stream.Protocol:
		err = stream.Film(ctx, f.Spec, func(name string) (stream.RTTs, error) { return open(name) }, c)
	}
	if err != nil {
		return err
	}
	f.develop(c)
	return nil
}

// CheckEmbedding says whether a film of an embedding can be made of a trial, as far
// as that goes without its dataset. Its error is a *[trial.KeyError].
func CheckEmbedding(spec trial.Spec) error {
	switch spec.System["protocol"] {
	case "vivaldi":
		return embedding.CheckFilm(spec)
	case stream.Protocol:
		return stream.CheckFilm(spec)
	case coordinates.Protocol:
		return nil
	case "swim":
		return &trial.KeyError{Key: "system.protocol", Err: errors.New("it is a group of members, whose films the page Membership has"), Want: "vivaldi, coordinates or vivaldi_stream"}
	}
	return &trial.KeyError{Key: "system.protocol", Got: spec.System["protocol"], Want: "vivaldi, coordinates or vivaldi_stream"}
}

// network names what the round trips are of.
func (f *Embedding) network() string {
	n := len(f.Places)
	switch {
	case f.Spec.Network["grid"] != nil:
		return fmt.Sprintf("a grid of %d nodes", n)
	case f.Spec.Network["transit_stub"] != nil:
		return fmt.Sprintf("a transit-stub network of %d nodes", n)
	}
	return fmt.Sprintf("%d nodes of %v", n, f.Spec.Network["dataset"])
}

// Encode writes the film for the page.
func (f *Embedding) Encode() ([]byte, error) {
	head := struct {
		Kind       string           `json:"kind"`
		Options    EmbeddingOptions `json:"options"`
		Title      string           `json:"title,omitempty"`
		Network    string           `json:"network"`
		Space      string           `json:"space"`
		Clock      string           `json:"clock"`
		Judged     string           `json:"judged"`
		Events     []picture.Event  `json:"events"`
		Places     []Place          `json:"places"`
		Dimensions int              `json:"dimensions"`
		HasHeight  bool             `json:"has_height"`
		Radius     float64          `json:"radius"`
		Shares     []float64        `json:"shares"`
		Oriented   bool             `json:"oriented"`
		Refused    int              `json:"refused"`
		Springs    int              `json:"springs"`
		Frames     int              `json:"frames"`
	}{
		"embedding", f.Options, titleOf(f.Options.Experiment, f.Options.Cell), f.network(), f.Cast.Space.String(), f.Cast.Clock,
		"all pairs", append([]picture.Event{}, f.Cast.Events...), f.Places, f.Dimensions, f.HasHeight, f.Radius, append([]float64{}, f.Shares...), f.Oriented, f.Refused, f.Springs, len(f.At),
	}
	if f.Cast.Judged != nil {
		head.Judged = "pairs of honest nodes"
	}
	return encode(head, []track{
		{"rtt", f.RTT}, {"epochs", f.Epochs}, {"neighbours", f.Neighbours}, {"at", f.At}, {"joined", f.Joined},
		{"coordinates", f.Coordinates}, {"heights", f.Heights}, {"adjustments", f.Adjustments}, {"estimates", f.Estimates},
		{"node_errors", f.NodeErrors}, {"median", f.Median}, {"p90", f.P90},
	})
}

// titleOf names the trial of a definition; "" without one.
func titleOf(experiment, cell string) string {
	if experiment == "" || cell == "" {
		return experiment
	}
	return experiment + ", " + cell
}
