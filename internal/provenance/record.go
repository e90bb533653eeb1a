package provenance

import (
	"strconv"
	"strings"
)

// Record is the origin of one figure or table. Empty fields are left out
// wherever it is shown.
type Record struct {
	// Experiment is the definition's id, such as "swim2002/fig3a".
	Experiment string
	// Version is the definition's version; 0 when there is none.
	Version int
	// Profile is "smoke", "standard" or "full".
	Profile string
	// Seeds says which seeds went in, in words: "1-200".
	Seeds string
	// Key is the hash of the results it was drawn from.
	Key string
	// Commit is the version of the code, where the reader cannot know it.
	Commit string
	// More are further facts, in the order they are to be shown.
	More []Field
}

// Field is one named fact.
type Field struct{ Name, Value string }

// Fields lists the facts that are there, in a fixed order.
func (r Record) Fields() []Field {
	version := ""
	if r.Version != 0 {
		version = strconv.Itoa(r.Version)
	}
	all := append([]Field{
		{"experiment", r.Experiment},
		{"version", version},
		{"profile", r.Profile},
		{"seeds", r.Seeds},
		{"key", r.Key},
		{"commit", r.Commit},
	}, r.More...)
	fields := all[:0]
	for _, f := range all {
		if f.Value != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

// shortKey is how much of a hash the small print shows; twelve hex digits name
// one among millions of results.
const shortKey = 12

// Line is the record as one line of small print, hashes shortened:
// "swim2002/fig3a v1 · standard · seeds 1-200 · key 0f3a9c21d4e7".
func (r Record) Line() string {
	var parts []string
	if r.Experiment != "" {
		name := r.Experiment
		if r.Version != 0 {
			name += " v" + strconv.Itoa(r.Version)
		}
		parts = append(parts, name)
	}
	if r.Profile != "" {
		parts = append(parts, r.Profile)
	}
	if r.Seeds != "" {
		parts = append(parts, "seeds "+r.Seeds)
	}
	if r.Key != "" {
		parts = append(parts, "key "+r.Key[:min(shortKey, len(r.Key))])
	}
	if r.Commit != "" {
		parts = append(parts, "commit "+r.Commit[:min(shortKey, len(r.Commit))])
	}
	for _, f := range r.More {
		if f.Value != "" {
			parts = append(parts, f.Name+" "+f.Value)
		}
	}
	return strings.Join(parts, " · ")
}

// Comments is the record as lines that begin with "# ", for the head of a CSV.
// A line break inside a value becomes a space, or the value would leave the
// comment.
func (r Record) Comments() string {
	var b strings.Builder
	for _, f := range r.Fields() {
		b.WriteString("# " + f.Name + ": " + OneLine(f.Value) + "\n")
	}
	return b.String()
}
