package vivaldi

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestPresetsAreValid(t *testing.T) {
	for _, space := range spaces {
		assert.NoError(t, Paper(space).Validate())
	}
	assert.NoError(t, Serf().Validate())
	assert.Equal(t, "8D+height", Serf().Space.String())
}

func TestValidateBlamesTheField(t *testing.T) {
	for _, tc := range []struct {
		spoil func(*Config)
		field string
		says  string
	}{
		{func(c *Config) { c.Space = Euclidean(0) }, "Space", "vivaldi: Space: 0D is not valid; want 1 to 16 dimensions"},
		{func(c *Config) { c.Space = Euclidean(17) }, "Space", "vivaldi: Space: 17D is not valid; want 1 to 16 dimensions"},
		{func(c *Config) { c.TimeStep = 7 }, "TimeStep", "vivaldi: TimeStep: TimeStep(7) is not valid; want adaptive or constant"},
		{func(c *Config) { c.Cc = 0 }, "Cc", "vivaldi: Cc: 0 is not valid; want a number over 0 and at most 1"},
		{func(c *Config) { c.Cc = math.NaN() }, "Cc", "vivaldi: Cc: NaN is not valid; want a number over 0 and at most 1"},
		{func(c *Config) { c.Ce = 1.01 }, "Ce", "vivaldi: Ce: 1.01 is not valid; want a number over 0 and at most 1"},
		{func(c *Config) { c.TimeStep, c.Delta = Constant, -1 }, "Delta", "vivaldi: Delta: -1 is not valid; want a number over 0 and at most 1"},
		{func(c *Config) { c.ErrorCap = math.Inf(1) }, "ErrorCap", "vivaldi: ErrorCap: +Inf is not valid; want a finite number over 0"},
		{func(c *Config) { c.InitialError = 2 }, "InitialError", "vivaldi: InitialError: 2 is not valid; want a number over 0 and at most the error cap, 1.5"},
		{func(c *Config) { c.HeightFloor = 0 }, "HeightFloor", "vivaldi: HeightFloor: 0s is not valid; want over 0s and at most the longest round trip, 10s"},
		{func(c *Config) { c.InitialHeight = time.Microsecond }, "InitialHeight", "vivaldi: InitialHeight: 1µs is not valid; want from the height floor, 10µs, to the longest round trip, 10s"},
		{func(c *Config) { c.UnitVector = 2 }, "UnitVector", "vivaldi: UnitVector: UnitVector(2) is not valid; want full_norm or euclidean_norm"},
		{func(c *Config) { c.MaxRTT = -1 }, "MaxRTT", "vivaldi: MaxRTT: -1ns is not valid; want a duration over 0s"},
		{func(c *Config) { c.MaxDistance = time.Second }, "MaxDistance", "vivaldi: MaxDistance: 1s is not valid; want at least the longest round trip, 10s"},
	} {
		t.Run(tc.says, func(t *testing.T) {
			config := Paper(Euclidean(2).WithHeight())
			tc.spoil(&config)
			_, err := NewNode(config, rand.New(rand.NewPCG(1, 1)))
			var blamed *ConfigError
			require.ErrorAs(t, err, &blamed)
			assert.Equal(t, tc.field, blamed.Field)
			assert.EqualError(t, err, tc.says)
			_, err = NewCloud(config, 3, rand.New(rand.NewPCG(1, 1)))
			assert.EqualError(t, err, tc.says)
		})
	}
}

func TestConstantsThatAreNeverReadAreNotLookedAt(t *testing.T) {
	config := Paper(Euclidean(2))
	config.Delta, config.HeightFloor, config.InitialHeight = 0, 0, 0
	assert.NoError(t, config.Validate(), "adaptive without heights")
	config.TimeStep, config.Delta, config.Cc = Constant, 0.01, 0
	assert.NoError(t, config.Validate(), "constant")
}

func TestANodeNeedsASourceOfRandomness(t *testing.T) {
	_, err := NewNode(Paper(Euclidean(2)), nil)
	assert.EqualError(t, err, "vivaldi: no source of randomness; want one, to part coincident nodes")
	_, err = NewCloud(Paper(Euclidean(2)), -1, rand.New(rand.NewPCG(1, 1)))
	assert.EqualError(t, err, "vivaldi: a cloud of -1 nodes is not valid; want 0 or more")
}
