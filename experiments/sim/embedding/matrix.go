package embedding

import (
	"fmt"
	"strconv"
	"time"

	"github.com/swimlab/swimlab/datasets"
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

// located is an RTTs that knows its nodes' names and places, as
// [datasets.Matrix] does.
type located interface {
	Name(i int) string
	Location(i int) (datasets.Location, bool)
}

// matrix is RTTs made ready: the round trip from i to j at i·n+j, 0 where there
// is none.
type matrix struct {
	n        int
	directed bool
	rtt      []time.Duration
	sites    []site
	topology topology // of a network of our own making
}

// load opens the plan's dataset, or builds its topology from the trial's seed,
// and checks that a trial can run on it.
func (p plan) load(open Open, seed uint64) (*matrix, error) {
	m, name, key, err := p.network.matrix(open, seed)
	if err != nil {
		return nil, err
	}
	if m.n < 2 {
		return nil, &trial.KeyError{Key: key, Err: fmt.Errorf("%s has %d nodes", name, m.n), Want: "a dataset of at least 2"}
	}
	if p.Neighbours > m.n-1 {
		return nil, &trial.KeyError{Key: "system.neighbours", Got: p.Neighbours, Want: fmt.Sprintf("1 to %d, the other nodes of %s", m.n-1, name)}
	}
	if p.method == "landmarks" && p.Landmarks >= m.n {
		return nil, &trial.KeyError{Key: "system.landmarks", Got: p.Landmarks, Want: fmt.Sprintf("fewer than the %d nodes of %s", m.n, name)}
	}
	if come := p.newcomers(); come > m.n-2 {
		return nil, &trial.KeyError{Key: "faults", Err: fmt.Errorf("%d nodes join", come), Want: fmt.Sprintf("at most %d: two of the %d of %s are there before", m.n-2, m.n, name)}
	}
	for i := range m.n {
		for j := range m.n {
			if rtt := m.at(i, j); i != j && (rtt < 0 || rtt > p.config.MaxRTT) {
				return nil, &trial.KeyError{Key: key,
					Err:  fmt.Errorf("%s has a round trip of %v from node %d to node %d", name, rtt, i, j),
					Want: fmt.Sprintf("more than 0s and at most %v, or a missing cell", p.config.MaxRTT)}
			}
		}
	}
	if !m.directed {
		m.symmetrise()
	}
	for i := range m.n {
		if !m.measured(i) {
			return nil, &trial.KeyError{Key: key, Err: fmt.Errorf("node %d of %s has no measured peer", i, name), Want: "at least one"}
		}
	}
	return m, nil
}

// matrix reads the dataset or builds the topology; name and key are for messages.
func (n network) matrix(open Open, seed uint64) (m *matrix, name, key string, err error) {
	switch {
	case n.Grid != nil:
		t := n.Grid.build()
		return &matrix{n: len(t.sites), rtt: t.rtt, sites: t.sites, topology: t}, "the grid", "network.grid", nil
	case n.TransitStub != nil:
		t := n.TransitStub.build(stream(seed, streamTopology))
		return &matrix{n: len(t.sites), rtt: t.rtt, sites: t.sites, topology: t}, "the transit-stub network", "network.transit_stub", nil
	}
	key = "network.dataset"
	rtts, err := open(n.Dataset)
	if err != nil {
		return nil, n.Dataset, key, &trial.KeyError{Key: key, Err: err}
	}
	size := rtts.Len()
	m = &matrix{n: size, directed: n.Asymmetric == "directed", rtt: make([]time.Duration, size*size), sites: sitesOf(rtts)}
	for i := range size {
		for j := range size {
			if rtt, ok := rtts.RTT(i, j); i != j && ok {
				m.rtt[i*size+j] = rtt
			}
		}
	}
	return m, n.Dataset, key, nil
}

// sitesOf are the nodes' names and places, as far as a dataset tells them.
func sitesOf(rtts RTTs) []site {
	sites := make([]site, rtts.Len())
	told, ok := rtts.(located)
	for i := range sites {
		sites[i].name = strconv.Itoa(i)
		if !ok {
			continue
		}
		sites[i].name = told.Name(i)
		if at, known := told.Location(i); known {
			sites[i] = site{name: sites[i].name, group: at.Region, x: at.Longitude, y: at.Latitude, known: true}
		}
	}
	return sites
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

// pairs calls f with every measured pair of nodes to keep once: both directions if
// the matrix is directed, else i < j. A nil keep keeps all.
func (m *matrix) pairs(keep []bool, f func(i, j int, rtt time.Duration)) {
	for i := range m.n {
		if keep != nil && !keep[i] {
			continue
		}
		first := i + 1
		if m.directed {
			first = 0
		}
		for j := first; j < m.n; j++ {
			if keep != nil && !keep[j] {
				continue
			}
			if rtt := m.at(i, j); rtt != 0 {
				f(i, j, rtt)
			}
		}
	}
}
