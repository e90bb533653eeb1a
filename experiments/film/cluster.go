package film

import (
	"context"
	"fmt"
	"math"
	"net/url"
	"time"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/sim"
	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/swim"
)

// ClusterOptions choose what group of members to film: a trial of an experiment's
// definition, or one put together from a few circumstances.
type ClusterOptions struct {
	Experiment string `json:"experiment,omitempty"`
	Cell       string `json:"cell,omitempty"` // "members=16 config=swim"; empty is the first
	Seed       int    `json:"seed"`           // number of the trial, from 1

	Members   int           `json:"members"`
	Preset    string        `json:"preset"`
	Lifeguard bool          `json:"lifeguard"`
	Dataset   string        `json:"dataset,omitempty"` // round trips; empty is a LAN
	Loss      float64       `json:"loss"`              // share of messages
	Crash     int           `json:"crash"`             // members that crash
	Slow      int           `json:"slow"`              // members that are slow, in cycles
	Blocked   time.Duration `json:"blocked_ns"`        // how long in each cycle
	Partition int           `json:"partition"`         // members cut off
	Duration  time.Duration `json:"duration_ns"`
}

// The bounds of a film of a group.
const (
	maxMembers  = 512
	maxDuration = 30 * time.Minute
	maxMessages = 300_000
	maxOpinions = 4_000_000 // conclusions: a film of more is too large to be sent
)

// onset is when the circumstances of a group without a definition begin.
const onset = 10 * time.Second

// ParseCluster reads options from the query of an address. Its error is a
// *[trial.KeyError].
func ParseCluster(query url.Values) (ClusterOptions, error) {
	r := read(query)
	o := ClusterOptions{Experiment: r.text("experiment", ""), Seed: r.whole("seed", 1, 1, math.MaxInt32)}
	if o.Experiment != "" {
		o.Cell = r.bounded("cell", "", longestCell)
		return o, r.done()
	}
	o.Members = r.whole("members", 64, 3, maxMembers)
	o.Preset = r.one("preset", "deployed", "paper", "deployed", "fixed")
	o.Lifeguard = r.one("lifeguard", "false", "true", "false") == "true"
	o.Dataset = r.text("dataset", "")
	o.Loss = r.fraction("loss", 0, 0.9)
	o.Crash = r.whole("crash", 0, 0, o.Members-1)
	o.Slow = r.whole("slow", 0, 0, o.Members-1)
	o.Blocked = r.duration("blocked", 8*time.Second, time.Millisecond, time.Minute)
	o.Partition = r.whole("partition", 0, 0, o.Members-1)
	o.Duration = r.duration("duration", time.Minute, onset+time.Second, 10*time.Minute)
	return o, r.done()
}

// spec is the trial that the circumstances describe.
func (o ClusterOptions) spec(seed uint64) trial.Spec {
	spec := trial.Spec{
		Experiment: "live", World: "simulation", Seed: seed,
		System:  map[string]any{"protocol": "swim", "preset": o.Preset, "members": o.Members},
		Network: map[string]any{"latency": map[string]any{"uniform": []any{"100us", "500us"}}},
		Run:     map[string]any{"duration": o.Duration.String()},
	}
	if o.Lifeguard {
		spec.System["lifeguard"] = map[string]any{"lha_probe": true, "lha_suspicion": true, "buddy": true}
	}
	if o.Dataset != "" {
		spec.Network = map[string]any{"dataset": o.Dataset}
		if o.Preset == "paper" {
			spec.System["ping_timeout"] = "500ms" // the preset's 100 ms is a LAN's
		}
	}
	if o.Loss > 0 {
		spec.Network["loss"] = fmt.Sprintf("%g%%", o.Loss*100)
	}
	at := onset.String()
	if o.Slow > 0 {
		spec.Faults = append(spec.Faults, map[string]any{"at": at, "slow": map[string]any{
			"members": o.Slow, "blocked": o.Blocked.String(), "normal": "64ms", "for": (o.Duration - onset).String(),
		}})
	}
	if o.Crash > 0 {
		spec.Faults = append(spec.Faults, map[string]any{"at": at, "crash": map[string]any{"members": o.Crash}})
	}
	if o.Partition > 0 {
		spec.Faults = append(spec.Faults, map[string]any{"at": at, "partition": map[string]any{"members": o.Partition, "for": ((o.Duration - onset) / 2).String()}})
	}
	return spec
}

// check says whether a trial is one that a film can be made of.
func check(spec trial.Spec) error {
	members, ok := spec.System["members"].(int)
	if !ok || members > maxMembers {
		return &trial.KeyError{Key: "system.members", Got: spec.System["members"], Want: fmt.Sprintf("at most %d for a film", maxMembers)}
	}
	text, _ := spec.Run["duration"].(string)
	if d, err := time.ParseDuration(text); err == nil && d > maxDuration {
		return &trial.KeyError{Key: "run.duration", Got: text, Want: fmt.Sprintf("at most %v for a film", maxDuration)}
	}
	return nil
}

// Cluster is the film of a group of members.
type Cluster struct {
	*sim.Recording
	Options ClusterOptions
	Spec    trial.Spec
	// Places name the members' hosts where the trial has a dataset, and X and Y
	// are where the hosts' coordinates put them, in ms; nil without one.
	Places []Place
	X, Y   []float64
}

// Stage is what films of groups are made with.
type Stage struct {
	World *sim.World
	Open  func(name string) (*datasets.Matrix, error)
	// Resolve finds the trial of a definition's cell, with the seed of the
	// numbered trial.
	Resolve func(experiment, cell string, number int) (trial.Spec, error)
	// Seed is the seed of the numbered trial.
	Seed func(number int) uint64
}

// RecordCluster runs a trial and films it.
func RecordCluster(ctx context.Context, o ClusterOptions, stage Stage) (*Cluster, error) {
	spec := o.spec(stage.Seed(o.Seed))
	if o.Experiment != "" {
		var err error
		if spec, err = stage.Resolve(o.Experiment, o.Cell, o.Seed); err != nil {
			return nil, err
		}
	}
	if err := check(spec); err != nil {
		return nil, err
	}
	r, err := stage.World.Record(ctx, spec, maxMessages)
	if err != nil {
		return nil, err
	}
	if len(r.Conclusions) > maxOpinions {
		return nil, &trial.KeyError{Key: "run.duration", Err: fmt.Errorf("members came to %d conclusions", len(r.Conclusions)), Want: fmt.Sprintf("a trial of at most %d", maxOpinions)}
	}
	f := &Cluster{Recording: r, Options: o, Spec: spec}
	return f, f.place(ctx, stage)
}

// place puts the members where a plane embedding of their hosts puts them.
func (f *Cluster) place(ctx context.Context, stage Stage) error {
	name, _ := f.Spec.Network["dataset"].(string)
	if name == "" || f.Hosts == nil {
		return nil
	}
	m, err := stage.Open(name)
	if err != nil {
		return err
	}
	if m.Len() > maxHosts {
		return nil // a ring, then
	}
	e, err := RecordEmbedding(ctx, EmbeddingOptions{
		Seed: 1, Dataset: name, Hosts: m.Len(), Space: "2D", Radius: time.Second, TimeStep: "adaptive", Delta: 0.05, Cc: 0.25,
		Neighbours: 32, Samples: 400,
	}, stage)
	if err != nil {
		return err
	}
	if len(e.Places) != m.Len() {
		return nil // some were left out
	}
	last := e.Coordinates[(frameCount-1)*m.Len()*2:]
	for _, host := range f.Hosts {
		f.Places = append(f.Places, e.Places[host])
		f.X = append(f.X, float64(last[2*host]))
		f.Y = append(f.Y, float64(last[2*host+1]))
	}
	return nil
}

// clusterHead is the header of a group's film. Times are seconds.
type clusterHead struct {
	Kind      string         `json:"kind"`
	Options   ClusterOptions `json:"options"`
	Title     string         `json:"title"`
	Founders  int            `json:"founders"`
	Members   int            `json:"members"`
	Period    float64        `json:"period"`
	End       float64        `json:"end"`
	OneIn     int            `json:"one_in"`
	Lifeguard bool           `json:"lifeguard"`
	Suspicion bool           `json:"suspicion"`
	Places    []Place        `json:"places,omitempty"`
	X         []float64      `json:"x,omitempty"`
	Y         []float64      `json:"y,omitempty"`
	Deeds     []deed         `json:"deeds"`
	Cases     []story        `json:"cases"`
}

type deed struct {
	At      float64 `json:"at"`
	ID      uint32  `json:"id"`
	What    string  `json:"what"`
	Touched bool    `json:"touched,omitempty"`
}

type story struct {
	Began         float64  `json:"began"`
	Declared      *float64 `json:"declared,omitempty"`
	Member        uint32   `json:"member"`
	Accuser       uint32   `json:"accuser"`
	FalsePositive bool     `json:"false_positive,omitempty"`
	Cleared       bool     `json:"cleared,omitempty"`
	Headline      string   `json:"headline"`
	Account       []string `json:"account"`
}

// Encode writes the film for the page.
func (f *Cluster) Encode() ([]byte, error) {
	h := clusterHead{
		Kind: "cluster", Options: f.Options, Title: f.title(), Founders: f.Founders, Members: f.Members,
		Period: f.Period.Seconds(), End: f.End.Seconds(), OneIn: f.OneIn,
		Places: f.Places, X: f.X, Y: f.Y, Deeds: []deed{}, Cases: []story{},
	}
	if l, ok := f.Spec.System["lifeguard"].(map[string]any); ok {
		for _, on := range l {
			h.Lifeguard = h.Lifeguard || on == true
		}
	}
	h.Suspicion = f.Spec.System["suspicion"] != false
	for _, d := range f.Deeds {
		h.Deeds = append(h.Deeds, deed{d.At.Seconds(), d.ID, d.What, d.Touched})
	}
	for _, c := range f.Cases {
		s := story{Began: c.Began.Seconds(), Member: c.Member, Accuser: c.Accuser, FalsePositive: c.FalsePositive, Cleared: c.Cleared, Headline: c.Headline, Account: c.Account}
		if c.Declared != trial.Never {
			at := c.Declared.Seconds()
			s.Declared = &at
		}
		h.Cases = append(h.Cases, s)
	}
	return encode(h, append(f.opinions(), append(f.letters(), f.conditions()...)...))
}

func (f *Cluster) title() string {
	if f.Options.Experiment == "" {
		return fmt.Sprintf("%d members", f.Founders)
	}
	return titleOf(f.Options.Experiment, f.Options.Cell)
}

// opinions are the members' conclusions. Kinds are swim.EventKind's numbers.
func (f *Cluster) opinions() []track {
	n := len(f.Conclusions)
	at := make([]float32, n)
	by, about, author := make([]uint16, n), make([]uint16, n), make([]uint16, n)
	kind, healthy := make([]uint8, n), make([]uint8, n)
	for i, c := range f.Conclusions {
		at[i], by[i], about[i], author[i], kind[i] = float32(c.At.Seconds()), handle(c.By), handle(uint32(c.Member)), handle(uint32(c.Event.By)), uint8(c.Kind)
		if c.Healthy {
			healthy[i] = 1
		}
	}
	return []track{{"op_at", at}, {"op_by", by}, {"op_about", about}, {"op_author", author}, {"op_kind", kind}, {"op_healthy", healthy}}
}

// letters are the messages, by the time when they were written.
func (f *Cluster) letters() []track {
	n := len(f.Messages)
	left, ended := make([]float32, n), make([]float32, n)
	from, to := make([]uint16, n), make([]uint16, n)
	kind, fate, worst := make([]uint8, n), make([]uint8, n), make([]uint8, n)
	for i, m := range f.Messages {
		left[i], ended[i] = float32(m.Left.Seconds()), float32(m.Ended.Seconds())
		if m.Fate == sim.Pending {
			ended[i] = float32(f.End.Seconds())
		}
		from[i], to[i] = handle(m.From), handle(m.To)
		kind[i], fate[i], worst[i] = uint8(m.Kind), uint8(m.Fate), uint8(m.Worst)
	}
	return []track{{"msg_left", left}, {"msg_ended", ended}, {"msg_from", from}, {"msg_to", to}, {"msg_kind", kind}, {"msg_fate", fate}, {"msg_worst", worst}}
}

// conditions are what members' processes are, whether they stall, and their health.
func (f *Cluster) conditions() []track {
	lives := timeline{}
	for _, l := range f.Lives {
		lives.add(l.At, l.ID, uint8(l.Condition))
	}
	stalls := timeline{}
	for _, s := range f.Stalls {
		stalled := uint8(0)
		if s.Stalled {
			stalled = 1
		}
		stalls.add(s.At, s.ID, stalled)
	}
	health := timeline{}
	for _, h := range f.Health {
		health.add(h.At, h.ID, uint8(min(h.Score, math.MaxUint8)))
	}
	return append(lives.tracks("life"), append(stalls.tracks("stall"), health.tracks("health")...)...)
}

// timeline is values of members that each hold from an instant on.
type timeline struct {
	at    []float32
	id    []uint16
	value []uint8
}

func (t *timeline) add(at time.Duration, id uint32, value uint8) {
	t.at, t.id, t.value = append(t.at, float32(at.Seconds())), append(t.id, handle(id)), append(t.value, value)
}

func (t *timeline) tracks(name string) []track {
	return []track{{name + "_at", t.at}, {name + "_id", t.id}, {name + "_value", t.value}}
}

// handle is a member's handle as films have it; nobody is 65535.
func handle(id uint32) uint16 {
	if id == uint32(swim.Nobody) {
		return math.MaxUint16
	}
	return uint16(id)
}
