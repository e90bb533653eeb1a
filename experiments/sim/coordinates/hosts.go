package coordinates

import (
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// RTTs is a recorded matrix of round-trip times.
type RTTs interface {
	// Len is the number of hosts.
	Len() int
	// RTT is the full round trip from i to j, false where it was not measured.
	RTT(i, j int) (time.Duration, bool)
}

// Open loads a dataset by its name. It is called from many trials at once and
// may be asked for one name again and again.
type Open func(name string) (RTTs, error)

// hosts is who takes part: so many nodes and the round trip of each pair, the
// mean of its directions, or 0 where neither was measured.
type hosts struct {
	n   int
	rtt []time.Duration
	// centres are the hosts of the dataset that are data centres, by their number;
	// nil when every host is a node.
	centres []int
}

func newHosts(n int) *hosts { return &hosts{n: n, rtt: make([]time.Duration, n*n)} }

func (h *hosts) at(i, j int) time.Duration { return h.rtt[i*h.n+j] }

func (h *hosts) set(i, j int, rtt time.Duration) { h.rtt[i*h.n+j], h.rtt[j*h.n+i] = rtt, rtt }

// meanRTT is the mean of a pair's two directions, or the one that was measured;
// 0 if neither was.
func meanRTT(rtts RTTs, i, j int) time.Duration {
	there, one := rtts.RTT(i, j)
	back, other := rtts.RTT(j, i)
	switch {
	case one && other:
		return (there + back) / 2
	case one:
		return there
	}
	return back
}

// load opens the plan's dataset and checks that a trial can run on it.
func (p *plan) load(open Open) (RTTs, error) {
	const key = "network.dataset"
	rtts, err := open(p.network.Dataset)
	if err != nil {
		return nil, &trial.KeyError{Key: key, Err: err}
	}
	n := rtts.Len()
	if p.system.DataCentres > n {
		return nil, &trial.KeyError{Key: "system.data_centres", Got: p.system.DataCentres, Want: fmt.Sprintf("at most %d, the hosts of %s", n, p.network.Dataset)}
	}
	if p.system.DataCentres == 0 && p.needed() > n {
		return nil, &trial.KeyError{Key: key, Err: fmt.Errorf("%s has %d hosts", p.network.Dataset, n), Want: fmt.Sprintf("at least %d of them", p.needed())}
	}
	return rtts, nil
}

// needed is how many hosts the plan cannot do without.
func (p *plan) needed() int {
	n := 3 // two make no pattern
	if p.system.Pattern == "fixed" {
		n = max(n, p.system.Neighbours+1)
	}
	return max(n, p.system.Services+1)
}

// everyHost makes a node of each host of the dataset.
func everyHost(rtts RTTs) *hosts {
	h := newHosts(rtts.Len())
	for i := range h.n {
		for j := range i {
			h.set(i, j, meanRTT(rtts, i, j))
		}
	}
	return h
}

// Inside a data centre every round trip has this much, and each of its servers
// stands up to serverTail farther away from everybody.
const (
	withinDataCentre = 100 * time.Microsecond
	serverTail       = 500 * time.Microsecond
)

// inDataCentres draws hosts of the dataset to be data centres and puts servers
// into each: node c·servers+s is server s of data centre c, and c follows the
// dataset's order.
func inDataCentres(rtts RTTs, centres, servers int, rng *rand.Rand) *hosts {
	at := rng.Perm(rtts.Len())
	place := make([]bool, len(at))
	for _, i := range at[:centres] {
		place[i] = true
	}
	at = at[:0]
	for i, is := range place {
		if is {
			at = append(at, i)
		}
	}
	h := newHosts(centres * servers)
	h.centres = at
	tail := make([]time.Duration, h.n)
	for i := range tail {
		tail[i] = time.Duration(rng.Int64N(int64(serverTail)))
	}
	for i := range h.n {
		for j := range i {
			a, b := at[i/servers], at[j/servers]
			rtt := withinDataCentre
			if a != b {
				rtt = meanRTT(rtts, a, b)
			}
			if rtt > 0 {
				rtt += tail[i] + tail[j]
			}
			h.set(i, j, rtt)
		}
	}
	return h
}

// peers lists whom a node has a round trip to.
func (h *hosts) peers(i int) []int {
	var list []int
	for j := range h.n {
		if h.at(i, j) > 0 {
			list = append(list, j)
		}
	}
	return list
}

// pairs calls f with each measured pair of nodes to keep.
func (h *hosts) pairs(keep func(i int) bool, f func(i, j int, rtt time.Duration)) {
	for i := range h.n {
		if !keep(i) {
			continue
		}
		for j := range i {
			if rtt := h.at(i, j); rtt > 0 && keep(j) {
				f(i, j, rtt)
			}
		}
	}
}
