package lab

import (
	"io/fs"
	"path/filepath"
	"runtime"
	"slices"
	"sync"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Datasets is what the lab asks of recorded data.
type Datasets interface {
	// Available says whether the dataset is here, and if not, in one line, how
	// to get it.
	Available(name string) (ok bool, why string)
	// Check says what is wrong with a dataset's name: a *datasets.UnknownError when
	// no set here has it.
	Check(name string) error
	// Digest is the sha256 of the dataset's content.
	Digest(name string) (string, error)
}

// Config is what a Lab is made of.
type Config struct {
	Root      string        // the repository
	Results   string        // folder of the results; "" means <root>/.repro/results
	Worlds    []trial.World // those that definitions may name
	Datasets  Datasets      // nil when there are none
	Sources   fs.FS         // the code that trials run, for its fingerprint
	Profile   Profile
	Overrides []Override
	Workers   int // 0 means one for each core
	// World, unless empty, is where experiments run, instead of the first world
	// that each lists. Choosing a world that cannot be repeated is consent to run
	// what is not recorded of it.
	World string
	// Record plans for [Lab.Record]: recordings that no longer fit are no error.
	Record bool
}

// Lab turns definitions into results and results into verdicts and figures.
type Lab struct {
	root      string
	store     *Store
	worlds    []trial.World
	datasets  Datasets
	code      *Code
	profile   Profile
	overrides []Override
	workers   int
	world     string
	record    bool
	// machine is held by a trial that needs the machine for itself, and shared by
	// the others.
	machine *sync.RWMutex
}

// Missing says of every dataset that the plans need and that is not here how to
// get it.
func (l *Lab) Missing(plans []*Plan) []string {
	var names []string
	for _, p := range plans {
		names = append(names, p.Missing()...)
	}
	slices.Sort(names)
	var reasons []string
	for _, name := range slices.Compact(names) {
		_, why := l.datasets.Available(name)
		reasons = append(reasons, why)
	}
	return reasons
}

// New sets up a lab. Nothing is read of definitions or results yet.
func New(c Config) (*Lab, error) {
	code, err := ReadCode(c.Sources)
	if err != nil {
		return nil, err
	}
	if c.Results == "" {
		c.Results = filepath.Join(c.Root, ".repro", "results")
	}
	if c.Workers <= 0 {
		c.Workers = runtime.GOMAXPROCS(0)
	}
	return &Lab{
		root: c.Root, store: OpenStore(c.Results), worlds: c.Worlds, datasets: c.Datasets,
		code: code, profile: c.Profile, overrides: c.Overrides, workers: c.Workers,
		world: c.World, record: c.Record, machine: &sync.RWMutex{},
	}, nil
}
