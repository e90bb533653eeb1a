package embedding

import (
	"fmt"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// RTTs is a recorded matrix of round-trip times.
type RTTs interface {
	// Len is the number of nodes.
	Len() int
	// RTT is the full round trip from i to j, false where it was not measured.
	RTT(i, j int) (time.Duration, bool)
}

// Open loads a dataset by its name. It is called from many trials at once and
// may be asked for one name again and again.
type Open func(name string) (RTTs, error)

// matrix is RTTs made ready: the round trip from i to j at i·n+j, 0 where there
// is none.
type matrix struct {
	n        int
	directed bool
	rtt      []time.Duration
}

// load opens the plan's dataset and checks that a trial can run on it.
func (p plan) load(open Open) (*matrix, error) {
	const key = "network.dataset"
	rtts, err := open(p.dataset)
	if err != nil {
		return nil, &trial.KeyError{Key: key, Err: err}
	}
	n := rtts.Len()
	if n < 2 {
		return nil, &trial.KeyError{Key: key, Err: fmt.Errorf("%s has %d nodes", p.dataset, n), Want: "a dataset of at least 2"}
	}
	if p.neighbours > n-1 {
		return nil, &trial.KeyError{Key: "system.neighbours", Got: p.neighbours, Want: fmt.Sprintf("1 to %d, the other nodes of %s", n-1, p.dataset)}
	}
	m := &matrix{n: n, directed: p.directed, rtt: make([]time.Duration, n*n)}
	for i := range n {
		for j := range n {
			rtt, ok := rtts.RTT(i, j)
			if i == j || !ok {
				continue
			}
			if rtt <= 0 || rtt > p.config.MaxRTT {
				return nil, &trial.KeyError{Key: key,
					Err:  fmt.Errorf("%s has a round trip of %v from node %d to node %d", p.dataset, rtt, i, j),
					Want: fmt.Sprintf("more than 0s and at most %v, or a missing cell", p.config.MaxRTT)}
			}
			m.rtt[i*n+j] = rtt
		}
	}
	if !p.directed {
		m.symmetrise()
	}
	for i := range n {
		if !m.measured(i) {
			return nil, &trial.KeyError{Key: key, Err: fmt.Errorf("node %d of %s has no measured peer", i, p.dataset), Want: "at least one"}
		}
	}
	return m, nil
}

// symmetrise gives both directions of a pair their mean, or the one there is.
func (m *matrix) symmetrise() {
	for i := range m.n {
		for j := range i {
			there, back := &m.rtt[i*m.n+j], &m.rtt[j*m.n+i]
			switch {
			case *there == 0:
				*there = *back
			case *back == 0:
				*back = *there
			default:
				mean := (*there + *back) / 2
				*there, *back = mean, mean
			}
		}
	}
}

func (m *matrix) at(i, j int) time.Duration { return m.rtt[i*m.n+j] }

func (m *matrix) measured(i int) bool {
	for _, rtt := range m.rtt[i*m.n : (i+1)*m.n] {
		if rtt != 0 {
			return true
		}
	}
	return false
}

// pairs calls f with every measured pair once: both directions if the matrix is
// directed, else i < j.
func (m *matrix) pairs(f func(i, j int, rtt time.Duration)) {
	for i := range m.n {
		first := i + 1
		if m.directed {
			first = 0
		}
		for j := first; j < m.n; j++ {
			if rtt := m.at(i, j); rtt != 0 {
				f(i, j, rtt)
			}
		}
	}
}
