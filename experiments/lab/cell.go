package lab

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Cell is one combination of the axes' levels.
type Cell struct {
	Levels []Level    // one for each of the plan's axes
	Spec   trial.Spec // with Seed 0; see [Plan.Spec]
	World  trial.World
	Key    Key
	// Missing names datasets that are not here; the cell cannot run.
	Missing []string

	// code is the fingerprint of the code it runs. That of a cell whose world cannot
	// be repeated is of its recording, and empty without one.
	code string
}

// Key names a cell's results: the hash of everything that they depend on
// besides the seed.
type Key string

// keyOf hashes the resolved parameters, datasets' checksums included, with the
// fingerprint of the code that the trials run.
func keyOf(spec trial.Spec, fingerprint string) (Key, error) {
	canonical, err := spec.Canonical()
	if err != nil {
		return "", err
	}
	h := sha256.New()
	h.Write(canonical)
	h.Write([]byte("\n" + fingerprint))
	return Key(hex.EncodeToString(h.Sum(nil)[:16])), nil
}

// Seed turns the number of a trial, from 1, into the seed of its random
// source: the SplitMix64 finaliser (Steele, Lea, Flood 2014), which spreads
// neighbouring numbers over all 64 bits and gives no two the same.
func Seed(number int) uint64 {
	z := uint64(number) * 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// trial is the trial with the given number, from 1.
func (c Cell) trial(number int) trial.Spec {
	spec := c.Spec
	spec.Seed = Seed(number)
	return spec
}

// Name says which cell it is: "members=8 variant=basic".
func (p *Plan) Name(c Cell) string {
	parts := make([]string, len(p.Axes))
	for i, axis := range p.Axes {
		parts[i] = axis.Name + "=" + c.Levels[i].Name
	}
	if len(parts) == 0 {
		return "the only cell"
	}
	return strings.Join(parts, " ")
}

// missing says why a cell cannot run. It says the same on every machine,
// because it may be recorded; how to get the dataset here is for
// [Datasets.Available] to say.
func (c Cell) missing() string {
	return "needs the dataset " + strings.Join(c.Missing, " and the dataset ") + ", which is not here; `repro datasets list` says how to get it"
}
