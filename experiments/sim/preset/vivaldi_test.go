package preset

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
	"github.com/swimlab/swimlab/vivaldi"
)

func TestAPresetIsThatOfThePackage(t *testing.T) {
	serf, err := VivaldiOf("system", map[string]any{"preset": "serf"})
	require.NoError(t, err)
	assert.Equal(t, vivaldi.Serf(), serf.Config())
	paper, err := VivaldiOf("system", nil)
	require.NoError(t, err)
	assert.Equal(t, vivaldi.MemberConfig{Config: vivaldi.Paper(vivaldi.Euclidean(2).WithHeight())}, paper.Config(), "without a name")
}

func TestWhatIsGivenGoesOverThePreset(t *testing.T) {
	section := map[string]any{"preset": "serf", "dimensions": 3, "height": false}
	v, err := VivaldiOf("system", section)
	require.NoError(t, err)
	require.NoError(t, trial.Decode("system", section, &v))
	assert.Equal(t, "3D", v.Config().Space.String())
	assert.Equal(t, vivaldi.Serf().Filter, v.Config().Filter)
}

func TestUnknownPresetsAndSpacesAreRefused(t *testing.T) {
	_, err := VivaldiOf("system.coordinates", map[string]any{"preset": "consul"})
	assert.EqualError(t, err, "system.coordinates.preset: consul is not valid; want paper, serf or recommended")
	_, err = VivaldiOf("system", map[string]any{"preset": 3})
	assert.EqualError(t, err, "system.preset: 3 is not valid; want paper, serf or recommended")
	assert.EqualError(t, Vivaldi{Preset: "paper", Dimensions: 17}.Check("system"), "system.dimensions: 17 is not valid; want 1 to 16 dimensions")
}

// Serf encodes {Vec, Error, Adjustment, Height} of 64-bit floats as a msgpack map
// behind a version byte.
func TestACoordinateTakesWhatSerfMakesOfIt(t *testing.T) {
	assert.Equal(t, 1+1+(4+1+8*9)+(6+9)+(11+9)+(7+9), Vivaldi{Dimensions: 8}.PayloadBytes())
	assert.Equal(t, 130-6*9, Vivaldi{Dimensions: 2}.PayloadBytes())
	assert.Equal(t, 130+8*9+2, Vivaldi{Dimensions: 16}.PayloadBytes(), "a longer list has a longer header")
}
