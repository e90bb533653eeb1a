package datasets

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTheSameNumberIsAnotherRoundTripInAnotherUnitOrQuantity(t *testing.T) {
	for _, c := range []struct {
		unit     Unit
		quantity Quantity
		want     time.Duration
	}{
		{Microsecond, RTT, 25 * time.Microsecond},
		{Microsecond, OneWay, 50 * time.Microsecond},
		{Millisecond, RTT, 25 * time.Millisecond},
		{Millisecond, OneWay, 50 * time.Millisecond},
		{Second, RTT, 25 * time.Second},
		{Second, OneWay, 50 * time.Second},
	} {
		got, want := scale{unit: c.unit, quantity: c.quantity}.roundTrip(25)
		assert.Empty(t, want)
		assert.Equal(t, c.want, got, "25 %s %s", c.unit, c.quantity)
	}
}

func TestNumbersThatAreNoRoundTripAreRefused(t *testing.T) {
	for number, want := range map[float64]string{
		-1:           "a positive number of ms",
		0:            "a positive number of ms",
		math.Inf(1):  "a positive number of ms",
		math.Inf(-1): "a positive number of ms",
		133_910:      "a round trip of at most 2m0s; is the unit really ms?",
		1e-9:         "a round trip of at least 1ns; is the unit really ms?",
	} {
		_, got := scale{unit: Millisecond, quantity: RTT}.roundTrip(number)
		assert.Equal(t, want, got, "%v", number)
	}
	_, got := scale{unit: Millisecond, quantity: RTT}.roundTrip(math.NaN())
	assert.Equal(t, "a positive number of ms", got)
}

func TestUnitsAndQuantitiesAreReadByTheirNamesOnly(t *testing.T) {
	u, err := ParseUnit("ms")
	require.NoError(t, err)
	assert.Equal(t, Millisecond, u)
	q, err := ParseQuantity("one_way")
	require.NoError(t, err)
	assert.Equal(t, OneWay, q)

	_, err = ParseUnit("msec")
	assert.EqualError(t, err, `"msec" is not a unit; want us, ms or s`)
	_, err = ParseUnit(Unit(0).String())
	assert.Error(t, err, "no unit is not a unit")
	_, err = ParseQuantity("latency")
	assert.EqualError(t, err, `"latency" is not a quantity; want rtt or one_way`)
}
