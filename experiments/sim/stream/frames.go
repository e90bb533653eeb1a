package stream

import (
	"errors"
	"fmt"
	"time"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/trial"
)

// RTTs are the round trips of a dataset, as measured from host i to host j.
type RTTs interface {
	Len() int
	RTT(i, j int) (time.Duration, bool)
}

// Open opens a dataset by name.
type Open func(name string) (RTTs, error)

// load opens the frames a trial goes through, in order. The static matrix is
// symmetric, the mean of both directions; slices of time are as measured.
func (p *plan) load(open Open) ([]RTTs, error) {
	names := []string{p.Dataset}
	if p.Frames > 0 {
		names = names[:0]
		for t := range p.Frames {
			names = append(names, fmt.Sprintf("%s:%d", p.Dataset, t+1))
		}
	}
	frames := make([]RTTs, len(names))
	for i, name := range names {
		var err error
		if frames[i], err = open(name); err != nil {
			return nil, &trial.KeyError{Key: "network.dataset", Err: err}
		}
	}
	if frames[0].Len() < 2 {
		return nil, &trial.KeyError{Key: "network.dataset", Err: errors.New(p.Dataset + " has fewer than two hosts")}
	}
	if p.Frames == 0 {
		mean, err := matrixOf(frames[0])
		if err != nil {
			return nil, &trial.KeyError{Key: "network.dataset", Err: err}
		}
		frames[0] = mean.Symmetric()
	}
	return frames, nil
}

func matrixOf(r RTTs) (*datasets.Matrix, error) {
	return datasets.FromFunc(r.Len(), func(i, j int) time.Duration {
		rtt, _ := r.RTT(i, j)
		return rtt
	})
}
