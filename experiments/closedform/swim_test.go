package closedform_test

import (
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swimlab/swimlab/experiments/closedform"
)

// The expected values were worked out from the paper's formulas by hand, with
// exact arithmetic, and rounded as shown.

func TestDetectionTime(t *testing.T) {
	assert.InDelta(t, math.E/(math.E-1), closedform.DetectionTime(1), 1e-12, "qf = 1 gives e/(e-1)")
	assert.InDelta(t, 1.5820, closedform.DetectionTime(1), 5e-5)
	for _, c := range []struct{ n, periods float64 }{
		{8, 1.647}, {16, 1.612}, {28, 1.599}, {55, 1.591}, {128, 1.586}, {1000, 1.582},
	} {
		assert.InDelta(t, c.periods, closedform.DetectionTimeIn(c.n, 1), 6e-4, "n = %v", c.n)
	}
}

func TestDetectionTimeOfALargeGroupIsTheLimit(t *testing.T) {
	for _, qf := range []float64{0.25, 0.5, 1} {
		assert.InDelta(t, closedform.DetectionTime(qf), closedform.DetectionTimeIn(1e7, qf), 1e-5)
	}
}

func TestFalseDetection(t *testing.T) {
	for _, c := range []struct{ qml, k, probability, digit float64 }{
		{0.90, 1, 0.10337, 5e-6}, {0.90, 2, 0.03555, 5e-6}, {0.90, 3, 0.01223, 5e-6},
		{0.95, 1, 0.02861, 5e-6}, {0.95, 2, 0.00531, 5e-6}, {0.95, 3, 0.000984, 5e-7},
		{0.99, 1, 1.240e-3, 5e-7}, {0.99, 2, 4.89e-5, 5e-8}, {0.99, 3, 1.93e-6, 5e-9},
	} {
		assert.InDelta(t, c.probability, closedform.FalseDetection(1, c.qml, c.k), c.digit, "qml = %v, k = %v", c.qml, c.k)
	}
}

func TestInfected(t *testing.T) {
	for n, curve := range map[float64][]float64{
		56:  {1.00, 6.53, 27.40, 48.96, 54.91, 55.85},
		128: {1.00, 6.99, 38.06, 96.80, 122.61, 127.24, 127.90},
	} {
		for period, members := range curve {
			assert.InDelta(t, members, closedform.Infected(n, float64(period)), 0.006, "n = %v, t = %d", n, period)
		}
	}
}

func TestInfectionTimeIsWhereHalfHaveHeard(t *testing.T) {
	for n, periods := range map[float64]float64{13: 1.29, 28: 1.68, 56: 2.02, 128: 2.43} {
		assert.InDelta(t, periods, closedform.InfectionTime(n), 0.006, "n = %v", n)
		assert.InDelta(t, n/2, closedform.Infected(n, closedform.InfectionTime(n)), 1e-9, "n = %v", n)
	}
}

// The rate solves its equation, and is below Bailey's 2.
func TestPeriodicInfectionRate(t *testing.T) {
	r := closedform.PeriodicInfectionRate()
	assert.InDelta(t, (1/r-1)*(1/r-1), math.Exp(-r)/(r*(1-math.Exp(-r))), 1e-9)
	assert.InDelta(t, 1.63, r, 0.005)
	assert.InDelta(t, 28.0, closedform.InfectedPeriodic(56, closedform.InfectionTimePeriodic(56)), 1e-9)
}

func TestPiggybackLimitStepsAt20And54(t *testing.T) {
	for n, limit := range map[float64]float64{8: 9, 19: 9, 20: 12, 53: 12, 54: 15, 56: 15} {
		assert.Equal(t, limit, closedform.PiggybackLimit(n, 3), "n = %v", n)
	}
}

func TestBounds(t *testing.T) {
	assert.Equal(t, 15.0, closedform.ProbeBound(8))
	assert.Equal(t, 6.0, closedform.ProbeMessages(1))
	assert.Equal(t, 14.0, closedform.ProbeMessages(3))
}

func TestFunctionsByName(t *testing.T) {
	seen := map[string]bool{}
	for _, f := range closedform.Functions {
		assert.False(t, seen[f.Name], "%s is there twice", f.Name)
		seen[f.Name] = true
		args := make([]float64, len(f.Args))
		for i := range args {
			args[i] = 2
		}
		assert.NotPanics(t, func() { f.Of(args) }, "%s takes %v", f.Name, f.Args)
	}
}
