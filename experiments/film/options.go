package film

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// reader takes options out of the query of an address and remembers the first
// thing that is wrong with it.
type reader struct {
	query url.Values
	known []string
	err   error
}

func read(query url.Values) *reader { return &reader{query: query} }

func (r *reader) blame(key string, got any, want string) {
	if r.err == nil {
		r.err = &trial.KeyError{Key: key, Got: fmt.Sprintf("%q", got), Want: want}
	}
}

// longestText bounds values, and so what is repeated in an error; longestCell
// those that name a cell of a sweep.
const (
	longestText = 100
	longestCell = 1000
)

// text is the value of a key; fallback if it is not given.
func (r *reader) text(key, fallback string) string { return r.bounded(key, fallback, longestText) }

func (r *reader) bounded(key, fallback string, longest int) string {
	r.known = append(r.known, key)
	values := r.query[key]
	switch {
	case len(values) == 0 || len(values) == 1 && values[0] == "":
		return fallback
	case len(values) > 1:
		r.blame(key, strings.Join(values, ", "), "one value")
	case len(values[0]) > longest:
		r.blame(key, values[0][:longestText]+"…", fmt.Sprintf("at most %d bytes", longest))
	}
	return values[0]
}

func (r *reader) one(key, fallback string, of ...string) string {
	v := r.text(key, fallback)
	if !slices.Contains(of, v) {
		r.blame(key, v, "one of "+strings.Join(of, ", "))
	}
	return v
}

func (r *reader) whole(key string, fallback, low, high int) int {
	v := r.text(key, strconv.Itoa(fallback))
	n, err := strconv.Atoi(v)
	if err != nil || n < low || n > high {
		r.blame(key, v, fmt.Sprintf("a whole number from %d to %d", low, high))
		return fallback
	}
	return n
}

// number is over low and at most high.
func (r *reader) number(key string, fallback, low, high float64) float64 {
	v := r.text(key, strconv.FormatFloat(fallback, 'g', -1, 64))
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || !(x > low && x <= high) {
		r.blame(key, v, fmt.Sprintf("a number over %v and at most %v", low, high))
		return fallback
	}
	return x
}

// fraction is from 0 to high.
func (r *reader) fraction(key string, fallback, high float64) float64 {
	v := r.text(key, strconv.FormatFloat(fallback, 'g', -1, 64))
	x, err := strconv.ParseFloat(v, 64)
	if err != nil || !(x >= 0 && x <= high) {
		r.blame(key, v, fmt.Sprintf("a number from 0 to %v", high))
		return fallback
	}
	return x
}

func (r *reader) duration(key string, fallback, low, high time.Duration) time.Duration {
	v := r.text(key, fallback.String())
	d, err := time.ParseDuration(v)
	if err != nil || d < low || d > high {
		r.blame(key, v, fmt.Sprintf("a duration with its unit, from %v to %v", low, high))
		return fallback
	}
	return d
}

// done is the first thing that was wrong; a key that nobody asked for is.
func (r *reader) done() error {
	if r.err != nil {
		return r.err
	}
	var unknown []string
	for key := range r.query {
		if !slices.Contains(r.known, key) {
			unknown = append(unknown, key)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	slices.Sort(unknown)
	key := unknown[0]
	if len(key) > longestText {
		key = key[:longestText] + "…"
	}
	slices.Sort(r.known)
	return &trial.KeyError{Key: key, Err: errors.New("unknown key"), Want: "one of " + strings.Join(r.known, ", ")}
}
