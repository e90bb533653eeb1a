package figure_test

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swimlab/swimlab/internal/figure"
)

func TestAStyleIsKnownByItsKey(t *testing.T) {
	for _, key := range figure.Keys() {
		s := figure.StyleOf(key)
		assert.Equal(t, key, s.Key)
		assert.NotEmpty(t, s.Name)
		assert.Len(t, s.Hex(), 7)
	}
	assert.Equal(t, "#0072b2", figure.StyleOf("swim-infection-suspicion").Hex())
}

func TestAnUnknownKeyLooksTheSameEverywhere(t *testing.T) {
	assert.Equal(t, figure.StyleOf("brand-new"), figure.StyleOf("brand-new"))
	different := map[string]bool{}
	for i := range 40 {
		s := figure.StyleOf(fmt.Sprintf("variant-%d", i))
		different[fmt.Sprint(s.Color, s.Marker, s.Dash)] = true
	}
	assert.Greater(t, len(different), 30, "the fallback must spread over colours, markers and dashes")
}

// Variants that share a figure stay apart in colour for readers without red or
// green cones, and in marker for readers of a grey print.
func TestVariantsOfOneFigureStayApart(t *testing.T) {
	for _, family := range [][]string{
		{"swim-basic", "swim-infection", "swim-infection-suspicion"},
		{"swim", "lha-probe", "lha-suspicion", "buddy", "lifeguard"},
		{"vivaldi-2d", "vivaldi-3d", "vivaldi-5d", "vivaldi-2d-height", "vivaldi-3d-height"},
		{"swim", "memberlist", "rapid", "lifeguard"},
		{"pattern-random", "pattern-round-robin", "pattern-sweep", "pattern-fixed", "pattern-ring", "pattern-tree"},
		{"by-coordinates", "by-chance", "by-turns"},
		{"by-coordinates", "by-chance", "by-list"},
		{"guard-none", "guard-bound", "guard-step", "guard-outlier", "guard-all", "serf"},
		{"simulation", "loopback", "published"},
	} {
		for i, a := range family {
			for _, b := range family[i+1:] {
				x, y := figure.StyleOf(a), figure.StyleOf(b)
				if b != "published" {
					assert.NotEqual(t, x.Marker, y.Marker, "%s and %s", a, b)
				}
				for sight, matrix := range colourVision {
					assert.Greater(t, distance(see(matrix, x.Color), see(matrix, y.Color)), 0.12, "%s and %s, %s", a, b, sight)
				}
			}
		}
	}
}

// colourVision simulates common colour vision on linear RGB: Machado, Oliveira,
// Fernandes, "A Physiologically-based Model for Simulation of Color Vision
// Deficiency" (2009), table 1, severity 1.0.
var colourVision = map[string][3][3]float64{
	"trichromat": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanope": {
		{0.152286, 1.052583, -0.204868},
		{0.114503, 0.786281, 0.099216},
		{-0.003882, -0.048116, 1.051998},
	},
	"deuteranope": {
		{0.367322, 0.860646, -0.227968},
		{0.280085, 0.672501, 0.047413},
		{-0.011820, 0.042940, 0.968881},
	},
}

func see(m [3][3]float64, c color.NRGBA) [3]float64 {
	var linear, seen [3]float64
	for i, v := range []uint8{c.R, c.G, c.B} {
		linear[i] = math.Pow(float64(v)/255, 2.2)
	}
	for i := range seen {
		for k := range linear {
			seen[i] += m[i][k] * linear[k]
		}
		seen[i] = math.Pow(math.Min(math.Max(seen[i], 0), 1), 1/2.2)
	}
	return seen
}

func distance(a, b [3]float64) float64 {
	sum := 0.0
	for i := range a {
		sum += (a[i] - b[i]) * (a[i] - b[i])
	}
	return math.Sqrt(sum)
}
