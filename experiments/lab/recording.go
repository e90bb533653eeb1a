package lab

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Recording is what one experiment observed in one world whose trials cannot be
// repeated. It is a file beside the definition, committed with it, from which
// every clone draws the same figures:
//
//	experiments/<paper>/recorded/<name>.<world>.jsonl
//	  # {"experiment":"agreement/detection","version":1,"world":"memberlist","with":"…","date":"2026-11-26",…}
//	  # {"cell":"members=8","spec":{"world":"memberlist","system":{…},…,"seed":0}}
//	  b1946ac92492d234 {"trial":1,"samples":{…}}
//	  591785b794601e21 {"trial":2,"samples":{…}}
//	  # {"cell":"members=32","spec":{…}}
//	  …
//
// It is one sitting's: the trials of one machine, on one commit. Nothing is ever
// added to it; [Lab.Record] replaces it as a whole.
type Recording struct {
	Provenance
	file  string // from the repository's root, with slashes
	cells []recordedCell
}

// Provenance says where a recording comes from.
type Provenance struct {
	Experiment string `json:"experiment"`
	Version    int    `json:"version"`
	Profile    string `json:"profile"`
	World      string `json:"world"`
	With       string `json:"with"`
	Date       string `json:"date"`
	Commit     string `json:"commit"`
	Machine    string `json:"machine"`
	Go         string `json:"go"`
	Command    string `json:"command"`
}

// recordedCell is the trials of one cell.
type recordedCell struct {
	name   string
	spec   []byte // canonical
	trials []trial.Observations
	lines  []byte // as written, for their digest
}

// recordedHeader is the line before a cell's trials.
type recordedHeader struct {
	Cell string          `json:"cell"`
	Spec json.RawMessage `json:"spec"`
}

// recordedCode takes the code's place in the keys of cells that are recorded: a
// recording stays what it is when code changes.
const recordedCode = "recorded"

// String says in one line where the recording comes from.
func (p Provenance) String() string {
	return fmt.Sprintf("recorded on %s with %s, on %s", p.Date, p.With, p.Machine)
}

// Recordings lists the recordings that the plan draws from.
func (p *Plan) Recordings() []*Recording {
	var all []*Recording
	for _, world := range slices.Sorted(mapKeys(p.recordings)) {
		all = append(all, p.recordings[world])
	}
	return all
}

// Unrecorded names the worlds of the plan's cells that cannot be repeated and of
// which there is no recording.
func (p *Plan) Unrecorded() []string {
	var names []string
	for _, w := range p.recordedWorlds() {
		if _, is := p.recordings[w.Name()]; !is {
			names = append(names, w.Name())
		}
	}
	return names
}

// worlds lists the worlds that the plan's cells run in, in their order.
func (p *Plan) worlds() []string {
	var names []string
	for _, c := range p.Cells {
		if !slices.Contains(names, c.Spec.World) {
			names = append(names, c.Spec.World)
		}
	}
	return names
}

// recordedWorlds lists those of them that cannot be repeated.
func (p *Plan) recordedWorlds() []trial.Recorded {
	var worlds []trial.Recorded
	for _, c := range p.Cells {
		if w, is := c.World.(trial.Recorded); is && !slices.Contains(worlds, w) {
			worlds = append(worlds, w)
		}
	}
	return worlds
}

// recordingFile is where a definition's recording in a world stands.
func (d *Definition) recordingFile(world string) string {
	dir, name := path.Split(d.File())
	return dir + "recorded/" + strings.TrimSuffix(name, ".yaml") + "." + world + ".jsonl"
}

// notRecorded says why a cell cannot be judged. It says the same on every machine.
func (p *Plan) notRecorded(c Cell) string {
	return fmt.Sprintf("%s is not recorded in world %s; `repro run %s --record` measures it", p.Name(c), c.Spec.World, p.Definition.Address())
}

// readRecordings reads what is recorded of the plan's cells. A recording of other
// parameters than the definition's is refused, because its figures would be of
// something else than they say. A smaller profile, or a call with --set, takes
// what there is.
func (l *Lab) readRecordings(p *Plan) error {
	if l.record {
		return nil
	}
	p.recordings = map[string]*Recording{}
	for _, w := range p.recordedWorlds() {
		r, err := readRecording(l.root, p.Definition.recordingFile(w.Name()))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		p.recordings[w.Name()] = r
	}
	for i := range p.Cells {
		c := &p.Cells[i]
		r := p.recordings[c.Spec.World]
		if r == nil || !c.isRecorded() {
			continue
		}
		found, why := r.find(p, *c)
		if found == nil {
			if p.Profile == Standard && len(l.overrides) == 0 {
				return fmt.Errorf("%s: %s; `repro run %s --record` measures again", r.file, why, p.Definition.Address())
			}
			continue
		}
		c.code = recordedCode + " " + sha(found.lines)[:16]
	}
	return nil
}

// find finds a cell with all its trials, or says why it is not there.
func (r *Recording) find(p *Plan, c Cell) (found *recordedCell, why string) {
	spec, err := c.Spec.Canonical()
	if err != nil {
		return nil, err.Error()
	}
	why = fmt.Sprintf("%s is not in it", p.Name(c))
	for i := range r.cells {
		k := &r.cells[i]
		switch {
		case bytes.Equal(k.spec, spec) && len(k.trials) >= p.Trials:
			return k, ""
		case bytes.Equal(k.spec, spec):
			why = fmt.Sprintf("%s has %d trials, and the definition asks for %d", p.Name(c), len(k.trials), p.Trials)
		case k.name == p.Name(c):
			why = fmt.Sprintf("%s was recorded with %s", p.Name(c), difference(k.spec, spec))
		}
	}
	return nil, why
}

// difference names the first parameter in which two specs differ.
func difference(recorded, now []byte) string {
	var a, b map[string]any
	if json.Unmarshal(recorded, &a) != nil || json.Unmarshal(now, &b) != nil {
		return "other parameters"
	}
	was, is := map[string]any{}, map[string]any{}
	flatten("", a, was)
	flatten("", b, is)
	keys := slices.Collect(mapKeys(was))
	keys = slices.AppendSeq(keys, mapKeys(is))
	slices.Sort(keys)
	for _, key := range keys {
		old, had := was[key]
		fresh, has := is[key]
		switch {
		case reflect.DeepEqual(old, fresh):
		case !had:
			return fmt.Sprintf("no %s, and the definition says %v", key, fresh)
		case !has:
			return fmt.Sprintf("%s %v, and the definition has none", key, old)
		default:
			return fmt.Sprintf("%s %v, and the definition says %v", key, old, fresh)
		}
	}
	return "other parameters"
}

// flatten lists the plain values of a tree by their dotted paths.
func flatten(prefix string, value any, into map[string]any) {
	switch v := value.(type) {
	case map[string]any:
		for key, item := range v {
			flatten(strings.TrimPrefix(prefix+"."+key, "."), item, into)
		}
	case []any:
		for i, item := range v {
			flatten(fmt.Sprintf("%s.%d", prefix, i), item, into)
		}
	default:
		into[prefix] = value
	}
}

// stored is what there is of a cell's trials: in its recording, or else in the store.
func (l *Lab) stored(p *Plan, c Cell) (map[int]trial.Observations, error) {
	if !c.isRecorded() || c.code == "" {
		return l.store.Load(c.Key)
	}
	found, _ := p.recordings[c.Spec.World].find(p, c)
	trials := make(map[int]trial.Observations, len(found.trials))
	for i, seen := range found.trials {
		trials[i+1] = seen
	}
	return trials, nil
}

// readRecording reads a recording. Nothing in it may be torn or altered.
func readRecording(root, file string) (*Recording, error) {
	data, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(file)))
	if err != nil {
		return nil, err
	}
	r := &Recording{file: file}
	number := 0
	damaged := func(what string) error {
		return fmt.Errorf("%s:%d: %s; want the file as `repro run … --record` wrote it", file, number, what)
	}
	for line := range bytes.Lines(data) {
		number++
		if comment, is := bytes.CutPrefix(line, []byte("# ")); is {
			if number == 1 {
				if err := strictJSON(comment, &r.Provenance); err != nil {
					return nil, damaged(err.Error())
				}
				continue
			}
			var h recordedHeader
			if err := strictJSON(comment, &h); err != nil {
				return nil, damaged(err.Error())
			}
			r.cells = append(r.cells, recordedCell{name: h.Cell, spec: h.Spec})
			continue
		}
		if len(r.cells) == 0 {
			return nil, damaged("a trial before its cell")
		}
		cell := &r.cells[len(r.cells)-1]
		if n, whole := trialOf(line); !whole || n != len(cell.trials)+1 {
			return nil, damaged("the line is torn, altered or out of order")
		}
		var seen record
		if err := json.Unmarshal(line[checksumLength+1:], &seen); err != nil {
			return nil, damaged(err.Error())
		}
		cell.trials = append(cell.trials, seen.Observations)
		cell.lines = append(cell.lines, line...)
	}
	return r, nil
}

func strictJSON(text []byte, into any) error {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}
