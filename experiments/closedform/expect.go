package closedform

import (
	"fmt"
	"math"
	"time"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

// Group is what a group is expected to do by the formulas.
type Group struct {
	Members  int
	Protocol swim.Config
	// Lifeguard is nil where the members run without.
	Lifeguard *lifeguard.Config
	// Loss is the probability that a datagram is lost, in 0 to 1.
	Loss float64
}

// Expectation is one quantity of a group.
type Expectation struct {
	Quantity string  `json:"quantity"`
	Value    float64 `json:"value"`
	Unit     string  `json:"unit"`
	// Formula is how the value comes about, n the number of members, T' the
	// protocol period, q the probability that a datagram arrives.
	Formula string `json:"formula"`
	// Experiment holds the formula against measurements.
	Experiment string `json:"experiment"`
}

// Validate says what is wrong with the group, if anything.
func (g Group) Validate() error {
	if g.Members < 2 {
		return fmt.Errorf("members: %d are not valid; want 2 or more", g.Members)
	}
	if !(g.Loss >= 0 && g.Loss < 1) {
		return fmt.Errorf("loss: %v is not valid; want a share from 0 to below 1", g.Loss)
	}
	if err := g.Protocol.Validate(); err != nil {
		return err
	}
	if g.Lifeguard != nil {
		return g.Lifeguard.Validate()
	}
	return nil
}

// Expect works out what can be said of a group beforehand: means in a quiet group
// without slow members, unless the quantity says otherwise. g must be valid.
func (g Group) Expect() []Expectation {
	c, n := g.Protocol, float64(g.Members)
	period := c.ProtocolPeriod.Seconds()
	first := ClockDetectionTime(n) * period
	var all []Expectation
	add := func(quantity string, value float64, unit, formula, experiment string) {
		all = append(all, Expectation{quantity, value, unit, formula, experiment})
	}

	add("crash to its first failed probe", first, "s", "(2 − 1/n)·T'", "swim2002/fig3a")
	faulty := first
	if c.Suspicion {
		shortest := c.SuspicionTimeout(g.Members).Seconds()
		formula := "α·⌈ln(n+1)⌉·T'"
		if c.CommonLog {
			formula = "α·max(1, log10 n)·T'"
		}
		name := "suspicion time-out"
		if g.beta() > 1 {
			name = "suspicion time-out once confirmed"
		}
		add(name, shortest, "s", formula, "swim2002/fig3c")
		if g.beta() > 1 {
			add("suspicion time-out, nobody confirming", g.beta()*shortest, "s", "β times as long", "lifeguard2018/threshold")
		}
		faulty += shortest
	}
	add("crash to its first verdict", faulty, "s", "failed probe and suspicion", "lifeguard2018/threshold")
	switch {
	case c.GossipInterval > 0:
		add("news to half the group", GossipInfectionTime(n, float64(c.GossipNodes))*c.GossipInterval.Seconds(), "s", "ln(n−1)/gossip nodes, in gossip intervals", "agreement/dissemination")
	case c.Dissemination == swim.Infection:
		add("news to half the group", InfectionTimePeriodic(n)*period, "s", "ln(n−1)/1.63·T'", "swim2002/infection")
	}
	add("longest wait of a member for a probe by one other", ProbeBound(n)*period, "s", "(2n−1)·T'", "swim2002/probe-bound")

	add("messages a member sends while nothing happens", 2/period, "a second", "a ping and an ack each T'", "swim2002/fig2")
	add("messages of the whole group for a failed probe", ProbeMessages(float64(c.PingReqMembers)), "at most", "2 + 4k", "swim2002/load-under-failure")
	if c.Dissemination == swim.Infection {
		add("messages of one member that bear one update", float64(c.RetransmitLimit(g.Members)), "at most", retransmits(c), "swim2002/infection")
	}
	if c.PushPullInterval > 0 {
		add("between a member's exchanges of lists", pushPull(c.PushPullInterval, n).Seconds(), "s", "interval·(⌈log2 n − 5⌉ + 1) beyond 32", "agreement/load")
	}

	q := 1 - g.Loss
	failed := FailedProbes(q, float64(c.PingReqMembers))
	note := "n·(1−q²)(1−q⁴)^k·3600 s/T'"
	if c.StreamFallback {
		note += ", but for stream pings"
	}
	add("failed probes of members that are up, by loss alone", n*failed*3600/period, "an hour in the group", note, "swim2002/false-detection")
	if g.Lifeguard != nil && g.Lifeguard.LHAProbe {
		add("period of a member that doubts itself most", float64(g.Lifeguard.S+1)*period, "s", "(S+1)·T'", "lifeguard2018/interval")
	}
	return all
}

// beta is how much longer an unconfirmed suspicion lasts.
func (g Group) beta() float64 {
	if g.Lifeguard == nil || !g.Lifeguard.LHASuspicion {
		return 1
	}
	return g.Lifeguard.Beta
}

func retransmits(c swim.Config) string {
	if c.CommonLog {
		return "λ·⌈log10(n+1)⌉"
	}
	return "λ·⌈ln(n+1)⌉"
}

// pushPull is the interval of exchanges, which groups of more than 32 stretch by
// ⌈log2 n − log2 32⌉ + 1 (swim.Config.PushPullInterval).
func pushPull(interval time.Duration, n float64) time.Duration {
	if n <= 32 {
		return interval
	}
	return time.Duration(math.Ceil(math.Log2(n)-math.Log2(32))+1) * interval
}
