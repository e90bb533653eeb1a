package swim_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

func TestValidateNamesWhatIsWrong(t *testing.T) {
	for _, c := range []struct {
		change func(*swim.Config)
		want   string
	}{
		{func(c *swim.Config) { c.ProtocolPeriod = 0 }, "swim: protocol period 0s is not valid; want more than 0 and at most 8760h0m0s"},
		{func(c *swim.Config) { c.PingTimeout = -time.Second }, "swim: ping time-out -1s is not valid; want more than 0 and less than the protocol period 2s"},
		{func(c *swim.Config) { c.PingTimeout = 2 * time.Second }, "swim: ping time-out 2s is not valid; want more than 0 and less than the protocol period 2s"},
		{func(c *swim.Config) { c.PingReqMembers = -1 }, "swim: -1 ping-req members is not valid; want 0 to 255"},
		{func(c *swim.Config) { c.PingReqMembers = 256 }, "swim: 256 ping-req members is not valid; want 0 to 255"},
		{func(c *swim.Config) { c.Selection = 9 }, "swim: unknown selection 9"},
		{func(c *swim.Config) { c.Dissemination = 9 }, "swim: unknown dissemination 9"},
		{func(c *swim.Config) { c.SuspicionMult = math.NaN() }, "swim: suspicion multiplier NaN is not valid; want a number above 0"},
		{func(c *swim.Config) { c.RetransmitMult = math.Inf(1) }, "swim: retransmit multiplier +Inf is not valid; want a number above 0"},
		{func(c *swim.Config) { c.MaxUpdates = 0 }, "swim: 0 updates a message is not valid; want 1 to 64"},
		{func(c *swim.Config) { c.MaxUpdates = 65 }, "swim: 65 updates a message is not valid; want 1 to 64"},
		{func(c *swim.Config) { c.Order = 9 }, "swim: unknown order 9"},
		{func(c *swim.Config) { c.PushPullInterval = -time.Second }, "swim: a gossip interval of 0s, a push/pull interval of -1s and 0s of gossip to the dead are not all valid; want 0 to 8760h0m0s"},
		{func(c *swim.Config) { c.PushPullInterval = math.MaxInt64 }, "swim: a gossip interval of 0s, a push/pull interval of 2562047h47m16.854775807s and 0s of gossip to the dead are not all valid; want 0 to 8760h0m0s"},
		{func(c *swim.Config) { c.SuspicionMult = 1e9 }, "swim: suspicion multiplier 1e+09 is not valid with a protocol period of 2s; want suspicions to end within 8760h0m0s in a group of any size"},
		{func(c *swim.Config) { c.GossipInterval = time.Second }, "swim: gossip to 0 members is not valid; want 1 or more"},
		{func(c *swim.Config) { c.Sizer = scale{} }, "swim: packets of 0 bytes are not valid; want 1 or more"},
	} {
		cfg := swim.Paper()
		c.change(&cfg)
		assert.EqualError(t, cfg.Validate(), c.want)
	}
}

func TestPresetsAreValid(t *testing.T) {
	assert.NoError(t, swim.Paper().Validate())
	assert.NoError(t, swim.Deployed().Validate())
	assert.NoError(t, swim.Fixed().Validate())
}

// The largest time-outs that a valid configuration allows are far from the end of
// time.Duration, and a multiplier beyond all bounds is a limit like any other.
func TestWhatIsValidDoesNotOverflow(t *testing.T) {
	cfg := swim.Paper()
	cfg.SuspicionMult, cfg.RetransmitMult = 685_000, 1e300
	require.NoError(t, cfg.Validate())
	for _, cfg.CommonLog = range []bool{false, true} {
		assert.Greater(t, cfg.SuspicionTimeout(math.MaxInt32), 100*24*time.Hour)
		assert.Less(t, cfg.SuspicionTimeout(math.MaxInt32), 366*24*time.Hour)
		assert.Equal(t, 1<<20-1, cfg.RetransmitLimit(100))
	}
}

func TestValidateIgnoresWhatIsSwitchedOff(t *testing.T) {
	cfg := swim.Paper()
	cfg.Suspicion, cfg.SuspicionMult = false, 0
	cfg.Dissemination, cfg.RetransmitMult, cfg.MaxUpdates = swim.Multicast, 0, 0
	assert.NoError(t, cfg.Validate())
}
