package closedform

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/lifeguard"
	"github.com/swimlab/swimlab/swim"
)

func expectations(t *testing.T, g Group) map[string]float64 {
	require.NoError(t, g.Validate())
	values := map[string]float64{}
	for _, e := range g.Expect() {
		values[e.Quantity] = e.Value
	}
	return values
}

// The group of Lifeguard's evaluation: 128 members, T' = 1 s, α = 5, β = 6.
// 5·2.107 s of suspicion; its authors' median first detection was 12.4 s (figure 3).
func TestTheGroupOfLifeguardsEvaluation(t *testing.T) {
	c := swim.Deployed()
	c.SuspicionMult = 5
	lg := lifeguard.Deployed()
	is := expectations(t, Group{Members: 128, Protocol: c, Lifeguard: &lg, Loss: 0.01})
	assert.InDelta(t, 1.992, is["crash to its first failed probe"], 0.001)
	assert.InDelta(t, 10.535, is["suspicion time-out once confirmed"], 0.001)
	assert.InDelta(t, 63.21, is["suspicion time-out, nobody confirming"], 0.01)
	assert.InDelta(t, 12.4, is["crash to its first verdict"], 0.2)
	assert.InDelta(t, 0.323, is["news to half the group"], 0.001)
	assert.InDelta(t, 2, is["messages a member sends while nothing happens"], 0)
	assert.InDelta(t, 90, is["between a member's exchanges of lists"], 0) // ⌈7−5⌉+1 = 3 times 30 s
	assert.InDelta(t, 8, is["period of a member that doubts itself most"], 0)
}

// The paper's prototype: T' = 2 s, k = 1, multipliers of 3, here with 10 % loss.
func TestTheGroupOfThePaper(t *testing.T) {
	is := expectations(t, Group{Members: 56, Protocol: swim.Paper(), Loss: 0.1})
	assert.InDelta(t, 30, is["suspicion time-out"], 0) // 15 periods
	assert.NotContains(t, is, "suspicion time-out, nobody confirming")
	assert.InDelta(t, 222, is["longest wait of a member for a probe by one other"], 0) // 111 periods
	assert.InDelta(t, 6, is["messages of the whole group for a failed probe"], 0)
	assert.InDelta(t, 56*0.06534*1800, is["failed probes of members that are up, by loss alone"], 1)
	assert.InDelta(t, 2*InfectionTimePeriodic(56), is["news to half the group"], 1e-9)
	assert.NotContains(t, is, "between a member's exchanges of lists")
}

func TestWithoutLossNoProbeFails(t *testing.T) {
	assert.Zero(t, FailedProbes(1, 3))
	assert.InDelta(t, 1, FailedProbes(0, 3), 0)
}

// Two members gossip to each other: the other has heard within the first interval.
func TestGossipOfFewAndMany(t *testing.T) {
	assert.Zero(t, GossipInfectionTime(2, 3))
	assert.InDelta(t, 2*GossipInfectionTime(101, 3), GossipInfectionTime(10001, 3), 1e-9)
}

func TestGroupsThatCannotBe(t *testing.T) {
	assert.ErrorContains(t, Group{Members: 1, Protocol: swim.Paper()}.Validate(), "members: 1 are not valid")
	assert.ErrorContains(t, Group{Members: 8, Protocol: swim.Paper(), Loss: 1}.Validate(), "loss: 1 is not valid")
	broken := swim.Paper()
	broken.ProtocolPeriod = -time.Second
	assert.Error(t, Group{Members: 8, Protocol: broken}.Validate())
}
