package lab

import (
	"errors"
	"fmt"
	"strings"
)

// Profile is how much is run: the same experiments with fewer or more trials.
type Profile string

const (
	// Smoke runs everything in seconds. Its figures are watermarked and its
	// verdicts do not count: a handful of trials shows that the machinery turns.
	Smoke Profile = "smoke"
	// Standard runs in minutes. The committed figures, tables and verdicts
	// are this profile's.
	Standard Profile = "standard"
	// Full runs the published number of repetitions.
	Full Profile = "full"
)

// Profiles lists the profiles, smallest first.
var Profiles = []Profile{Smoke, Standard, Full}

// ParseProfile reads a profile's name.
func ParseProfile(name string) (Profile, error) {
	known := make([]string, len(Profiles))
	for i, p := range Profiles {
		if string(p) == name {
			return p, nil
		}
		known[i] = string(p)
	}
	return "", errors.New(fmt.Sprintf("profile %q is not known", name) + didYouMean(name, known) + "; want one of " + strings.Join(known, ", "))
}

// Binding says whether the profile's verdicts count. A smoke run's do not.
func (p Profile) Binding() bool { return p != Smoke }
