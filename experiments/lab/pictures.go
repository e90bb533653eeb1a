package lab

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/internal/provenance"
	"github.com/swimlab/swimlab/internal/spacetime"
)

// PictureSpec asks for the space-time picture of one accusation in one trial.
type PictureSpec struct {
	Name    string         `key:"name"`
	Title   string         `key:"title"`
	Caption string         `key:"caption"`
	Where   map[string]any `key:"where"`   // one level of every axis
	Seed    int            `key:"seed"`    // number of the trial; 1 if not given
	Members []int          `key:"members"` // as trace --member: whom the case must concern
}

// Picture is a space-time picture and the same story in words.
type Picture struct {
	ID, Title, Caption string
	SVG                []byte
	Story              []string
	Provenance         provenance.Record
}

// number is the trial that is shown.
func (s PictureSpec) number() int { return max(s.Seed, 1) }

func (d *Definition) validatePictures() error {
	taken := map[string]bool{}
	for _, f := range d.Figures {
		taken[f.Name] = true
	}
	for i, s := range d.Pictures {
		at := func(key string) string { return fmt.Sprintf("pictures.%d.%s", i, key) }
		if !isID(s.Name) || taken[s.Name] {
			return d.doc.blame(at("name"), "%q is not valid; want a name that no figure or other picture has: lower-case words", s.Name)
		}
		taken[s.Name] = true
		if s.Seed < 0 {
			return d.doc.blame(at("seed"), "%d is not valid; want the number of a trial, from 1", s.Seed)
		}
		if err := d.needFilter(at("where"), s.Where); err != nil {
			return err
		}
		for _, axis := range d.axes {
			if level, given := s.Where[axis.Name]; !given || isList(level) {
				return d.doc.blame(at("where"), "a picture is of one trial; want one level of %s, one of %s", axis.Name, strings.Join(d.levelNames(axis), ", "))
			}
		}
	}
	return nil
}

func isList(v any) bool {
	_, is := v.([]any)
	return is
}

// pictured finds the cell that a picture is of; -1 if the plan leaves it out.
func (p *Plan) pictured(s PictureSpec) (cell int, where map[string][]string, err error) {
	if where, err = p.filter(s.Where); err != nil {
		return -1, nil, err
	}
	all := make([]int, len(p.Cells))
	for i := range all {
		all[i] = i
	}
	if cells := p.match(all, where); len(cells) == 1 {
		return cells[0], where, nil
	}
	return -1, where, nil
}

// key names the case that a picture of a cell shows.
func (s PictureSpec) key(c Cell) Key {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s picture of trial %d, members %v", c.Key, s.number(), s.Members))
	return Key(hex.EncodeToString(sum[:16]))
}

// casePath is where the store keeps a case, beside the cells' files: 3f/3f09….case.json.
func (s *Store) casePath(key Key) string {
	return filepath.Join(s.dir, string(key[:2]), string(key)+".case.json")
}

// Case reads a case; false if it is not there, or not whole.
func (s *Store) Case(key Key) (trial.SpaceTime, bool, error) {
	data, err := os.ReadFile(s.casePath(key))
	if errors.Is(err, fs.ErrNotExist) {
		return trial.SpaceTime{}, false, nil
	}
	if err != nil {
		return trial.SpaceTime{}, false, err
	}
	sum, payload, found := strings.Cut(string(data), " ")
	var seen trial.SpaceTime
	if !found || sum != string(checksum([]byte(payload))) || json.Unmarshal([]byte(payload), &seen) != nil {
		return trial.SpaceTime{}, false, nil
	}
	return seen, true, nil
}

// KeepCase stores a case.
func (s *Store) KeepCase(key Key, seen trial.SpaceTime) error {
	payload, err := json.Marshal(seen)
	if err != nil {
		return err
	}
	return writeFile(s.casePath(key), append(append(checksum(payload), ' '), payload...))
}

// runPictures runs the trials again whose pictures the store does not hold.
func (l *Lab) runPictures(ctx context.Context, plans []*Plan) error {
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(l.workers)
	for _, p := range plans {
		for _, s := range p.Definition.Pictures {
			at, _, err := p.pictured(s)
			if err != nil {
				return err
			}
			if at < 0 || len(p.Cells[at].Missing) > 0 {
				continue
			}
			c := p.Cells[at]
			if _, kept, err := l.store.Case(s.key(c)); kept || err != nil {
				if err != nil {
					return err
				}
				continue
			}
			group.Go(func() error {
				seen, err := p.World.(trial.SpaceTimer).SpaceTime(ctx, c.trial(s.number()), s.Members)
				if err != nil {
					return fmt.Errorf("%s, picture %s, %s, seed %d: %w", p.Definition.Address(), s.Name, p.Name(c), s.number(), err)
				}
				return l.store.KeepCase(s.key(c), seen)
			})
		}
	}
	return group.Wait()
}

// pictures draws those of the experiment's pictures whose trials have been run.
func (l *Lab) pictures(r *Results) (drawn []Drawing[Picture], missing map[string]string, err error) {
	missing = map[string]string{}
	for i, s := range r.Plan.Definition.Pictures {
		name := r.artifactName(s.Name, nil)
		at, where, err := r.Plan.pictured(s)
		if err != nil {
			return nil, nil, r.Plan.Definition.doc.blame(fmt.Sprintf("pictures.%d", i), "%v", err)
		}
		if at < 0 {
			missing[name] = r.Plan.lacks(where)
			continue
		}
		c := r.Plan.Cells[at]
		if len(c.Missing) > 0 {
			missing[name] = c.missing()
			continue
		}
		seen, kept, err := l.store.Case(s.key(c))
		if err != nil {
			return nil, nil, err
		}
		if !kept {
			missing[name] = fmt.Sprintf("its trial has not been run again; `repro run %s` does", r.Plan.Definition.Address())
			continue
		}
		svg, err := spacetime.SVG(seen)
		if err != nil {
			return nil, nil, r.Plan.Definition.doc.blame(fmt.Sprintf("pictures.%d", i), "%v", err)
		}
		from := r.provenance([]int{at})
		from.Seeds, from.Key = fmt.Sprint(s.number()), string(s.key(c))
		picture := Picture{
			ID: name, Title: s.Title, Caption: strings.TrimSpace(oneLine(s.Caption) + " " + r.Plan.Name(c) + "."), SVG: svg, Story: seen.Story, Provenance: from,
		}
		if picture.Title == "" {
			picture.Title = seen.Title
		}
		drawn = append(drawn, Drawing[Picture]{Name: name, What: picture, Cells: []int{at}})
	}
	return drawn, missing, nil
}
