package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/swim/live"
)

func newRecordCommand() *cobra.Command {
	var j joining
	var out, licence string
	cmd := &cobra.Command{
		Use:   "record HOST:PORT",
		Short: "Record a running group's round trips, coordinates and events as a dataset",
		Long: `Join a running group as "repro join" does, and write what was seen into the folder
--out, whose name becomes the dataset's:

  raw/matrix         round trips in µs: the medians of this member's own probes in its row;
                     nobody else tells of theirs, so the other rows are 0: not measured
  rtts.jsonl         every round trip measured
  coordinates.jsonl  every member's coordinate, every ten seconds (families serf and consul)
  events.jsonl       what happened, by whom, and why
  members.json       the members, in the order of the matrix
  dataset.yaml, SHA256SUMS, RECORDING.md

Beside it, OUT-estimated holds the round trips of all pairs as the last coordinates
estimate them: Vivaldi's opinion and no measurement.

The folder is written at the end, whole or not at all. Ctrl-C ends early and keeps what
there is.`,
		Example: `  repro record 127.0.0.1:7946 --for 10m --out recordings/office
  REPRO_DATASETS=recordings repro datasets verify office office-estimated
  REPRO_DATASETS=recordings repro run vivaldi2004/dimensions --profile smoke --set network.dataset=office-estimated --set system.neighbours=3`,
		Args: exactly(1, "the address of one member, such as 127.0.0.1:7946"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if out == "" {
				return fmt.Errorf("--out is missing; want the folder to write, whose name becomes the dataset's")
			}
			if err := j.check(args[0]); err != nil {
				return err
			}
			if j.forLong == 0 {
				return fmt.Errorf("--for 0 is not valid; want how long to record, such as 10m")
			}
			place, err := filepath.Abs(out)
			if err != nil {
				return err
			}
			r := newRecording(place, args[0], licence, j)
			for _, set := range []datasets.Dataset{r.set(), r.estimatedSet()} {
				if err := datasets.CheckRecording(r.parent, set); err != nil {
					return fmt.Errorf("--out: %w", err)
				}
			}
			if err := writable(r.parent); err != nil {
				return fmt.Errorf("--out: %w; want a folder that can be written", err)
			}
			m, events, err := j.begin(cmd.Context(), cmd.ErrOrStderr(), args[0])
			if err != nil {
				return err
			}
			ctx, stop := withEnd(cmd.Context(), j.forLong)
			defer stop()
			fmt.Fprintf(cmd.ErrOrStderr(), "%s is a member at %v, of %d; recording for %v, or until Ctrl-C\n", m.Name(), m.Addr(), m.GroupSize(), j.forLong)
			r.watch(ctx, m, events)
			if err := leave(m); err != nil {
				fmt.Fprintln(cmd.ErrOrStderr(), err)
			}
			written, err := r.write()
			if err != nil {
				return failure{err}
			}
			for _, dir := range written {
				fmt.Fprintf(cmd.OutOrStdout(), "%s is in %s\n", filepath.Base(dir), dir)
			}
			return nil
		},
	}
	j.flags(cmd)
	cmd.Flags().DurationVar(&j.forLong, "for", 10*time.Minute, "record so long, and leave")
	cmd.Flags().StringVar(&out, "out", "", "the folder to write")
	cmd.Flags().StringVar(&licence, "licence", "not stated", "the dataset's licence")
	return cmd
}

// writable says whether a folder, or the nearest one above it that there is, can be
// written, so that a long recording does not end with the news that it cannot.
func writable(dir string) error {
	for {
		probe, err := os.MkdirTemp(dir, ".writable-")
		if err == nil {
			return os.Remove(probe)
		}
		if above := filepath.Dir(dir); errors.Is(err, fs.ErrNotExist) && above != dir && !exists(dir) {
			dir = above
			continue
		}
		return fmt.Errorf("cannot write to %s: %w", dir, errors.Unwrap(err))
	}
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// recording is what was seen so far.
type recording struct {
	parent, name, address, licence string
	joining                        joining
	began                          time.Time
	lasted                         time.Duration
	self                           string
	load                           string // of the machine, at the end

	rtts    map[string][]time.Duration // by name
	last    map[string]time.Duration   // what was read last
	peers   map[string]live.Peer
	dropped uint64
	// estimated are the pairs' round trips at the end.
	estimated map[[2]string]time.Duration

	samples, coordinates, events bytes.Buffer // lines of JSON
}

func newRecording(place, address, licence string, j joining) *recording {
	return &recording{
		parent: filepath.Dir(place), name: filepath.Base(place), address: address, licence: licence, joining: j,
		rtts: map[string][]time.Duration{}, last: map[string]time.Duration{}, peers: map[string]live.Peer{}, estimated: map[[2]string]time.Duration{},
	}
}

// watch takes in what a member sees until ctx ends.
func (r *recording) watch(ctx context.Context, m *live.Member, events *live.Subscription) {
	r.began, r.self = time.Now(), m.Name()
	// Members are probed once a period, and each keeps its last round trip only.
	look := time.NewTicker(100 * time.Millisecond)
	defer look.Stop()
	place := time.NewTicker(10 * time.Second)
	defer place.Stop()
	r.look(m)
	r.place(m)
	for {
		select {
		case <-ctx.Done():
			r.look(m)
			r.place(m)
			r.estimate(m)
			r.lasted, r.dropped = time.Since(r.began), events.Dropped()
			if load, err := os.ReadFile("/proc/loadavg"); err == nil {
				r.load = strings.TrimSpace(string(load))
			}
			return
		case e, more := <-events.C:
			if more {
				line(&r.events, map[string]any{
					"at_s": time.Since(r.began).Seconds(), "kind": e.Kind.String(), "member": e.Member, "by": e.By, "incarnation": e.Incarnation, "text": e.String(),
				})
			}
		case <-look.C:
			r.look(m)
		case <-place.C:
			r.place(m)
		}
	}
}

// look takes in the round trips that are new. Two in a row that do not differ by a
// nanosecond are taken for one.
func (r *recording) look(m *live.Member) {
	for _, p := range m.Members() {
		r.peers[p.Name] = p
		if p.RTT > 0 && p.RTT != r.last[p.Name] && p.Name != r.self {
			r.last[p.Name] = p.RTT
			r.rtts[p.Name] = append(r.rtts[p.Name], p.RTT)
			line(&r.samples, map[string]any{"at_s": time.Since(r.began).Seconds(), "member": p.Name, "rtt_us": float64(p.RTT) / 1e3})
		}
	}
}

func (r *recording) place(m *live.Member) {
	for _, p := range m.Members() {
		if p.HasCoordinate {
			c := p.Coordinate
			line(&r.coordinates, map[string]any{
				"at_s": time.Since(r.began).Seconds(), "member": p.Name, "vec_s": c.Vec, "height_s": c.Height, "adjustment_s": c.Adjustment, "error": c.Error,
			})
		}
	}
}

func (r *recording) estimate(m *live.Member) {
	members := m.Members()
	for _, a := range members {
		for _, b := range members {
			if rtt, err := m.RTT(a.Name, b.Name); err == nil && a.Name != b.Name {
				r.estimated[[2]string{a.Name, b.Name}] = rtt
			}
		}
	}
}

func line(b *bytes.Buffer, value any) {
	_ = json.NewEncoder(b).Encode(value) // numbers and strings
}

func (r *recording) set() datasets.Dataset {
	return datasets.Dataset{
		Name: r.name, Title: "Round trips from one member of a running group, by its own probes", Kind: datasets.KindRecording,
		Licence: r.licence, Unit: datasets.Microsecond, Quantity: datasets.RTT, Format: datasets.FormatTable,
		Shape: datasets.Shape{Directed: true}, Missing: []float64{0}, Measured: r.how(),
		Traps: []string{
			"One row is measured: the recorder's, by the probes of its protocol. All others are missing.",
			"A round trip includes what the other took to answer; on a busy machine that is most of it.",
		},
	}
}

func (r *recording) estimatedSet() datasets.Dataset {
	d := r.set()
	d.Name += "-estimated"
	d.Title = "Round trips of all pairs of a running group, as their coordinates estimate them"
	d.Traps = []string{
		"Nothing here was measured: every value is the distance of two Vivaldi coordinates.",
		"It fits coordinates by construction, so it says nothing about how well they fit.",
	}
	return d
}

func (r *recording) how() string {
	return fmt.Sprintf("`%s`, begun %s, for %v", r.command(), r.began.UTC().Format(time.RFC3339), r.lasted.Round(time.Second))
}

func (r *recording) command() string {
	return fmt.Sprintf("repro record %s --family %s --for %v --out %s", r.address, r.joining.family, r.joining.forLong, r.name)
}

// write writes the sets, and says which.
func (r *recording) write() ([]string, error) {
	names := []string{r.self}
	for name := range r.rtts {
		names = append(names, name)
	}
	slices.Sort(names[1:])
	if len(names) < 2 {
		return nil, fmt.Errorf("no round trip was measured in %v, so nothing is written; want a longer --for: members are probed once a second in all", r.lasted.Round(time.Second))
	}
	row := func(i, j int) float64 {
		if i != 0 || j == 0 {
			return 0
		}
		return float64(median(r.rtts[names[j]])) / 1e3
	}
	beside := map[string][]byte{
		"rtts.jsonl": r.samples.Bytes(), "coordinates.jsonl": r.coordinates.Bytes(), "events.jsonl": r.events.Bytes(),
		"members.json": r.members(names), "RECORDING.md": r.words(len(names)),
	}
	set := r.set()
	set.Shape.Nodes = len(names)
	if err := datasets.WriteRecording(r.parent, set, map[string][]byte{"matrix": matrix(len(names), row)}, beside); err != nil {
		return nil, err
	}
	written := []string{filepath.Join(r.parent, set.Name)}

	names = r.placed()
	if len(names) < 2 {
		return written, nil
	}
	set = r.estimatedSet()
	set.Shape.Nodes = len(names)
	estimate := func(i, j int) float64 { return float64(r.estimated[[2]string{names[i], names[j]}]) / 1e3 }
	err := datasets.WriteRecording(r.parent, set, map[string][]byte{"matrix": matrix(len(names), estimate)}, map[string][]byte{"members.json": r.members(names)})
	return append(written, filepath.Join(r.parent, set.Name)), err
}

// placed are the members whose coordinates were known at the end.
func (r *recording) placed() []string {
	var names []string
	for pair := range r.estimated {
		names = append(names, pair[0])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func matrix(n int, value func(i, j int) float64) []byte {
	var b bytes.Buffer
	for i := range n {
		for j := range n {
			if j > 0 {
				b.WriteByte(' ')
			}
			fmt.Fprintf(&b, "%.3f", value(i, j))
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func median(ds []time.Duration) time.Duration {
	ds = slices.Sorted(slices.Values(ds))
	return (ds[(len(ds)-1)/2] + ds[len(ds)/2]) / 2
}

func (r *recording) members(names []string) []byte {
	type member struct {
		Name    string            `json:"name"`
		Address string            `json:"address"`
		Status  string            `json:"status"` // at the end
		Tags    map[string]string `json:"tags,omitempty"`
		Samples int               `json:"samples"` // round trips measured
	}
	list := make([]member, len(names))
	for i, name := range names {
		p := r.peers[name]
		list[i] = member{name, p.Addr.String(), p.Status(), p.Tags, len(r.rtts[name])}
	}
	var b bytes.Buffer
	_ = printJSON(&b, list) // numbers and strings
	return b.Bytes()
}

// words say how the recording was made and what it is worth.
func (r *recording) words(members int) []byte {
	samples := 0
	for _, rtts := range r.rtts {
		samples += len(rtts)
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, "# %s\n\nMade by %s.\n\n", r.name, r.how())
	fmt.Fprintf(&b, "- The recorder, `%s`, was one member of the group and ran on %s.\n", r.self, machine())
	if r.load != "" {
		fmt.Fprintf(&b, "- That machine's load averages at the end (1, 5 and 15 minutes, running/all, last process): %s.\n", r.load)
	}
	fmt.Fprintf(&b, "- %d round trips to %d members were measured, by the protocol's own probes, in real time: a repetition gives others.\n", samples, members-1)
	fmt.Fprintf(&b, "- Row 1 of raw/matrix holds their medians. What two other members measured between them, nobody told; those values are 0, for missing.\n")
	fmt.Fprintf(&b, "- Whoever was never probed is not in the matrix. %d events were lost because they came too fast.\n", r.dropped)
	return b.Bytes()
}

func machine() string {
	s := fmt.Sprintf("%s/%s with %d processors, %s", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version())
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		s += ", kernel " + strings.TrimSpace(string(release))
	}
	return s
}
