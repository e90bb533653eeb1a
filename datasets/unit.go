package datasets

import (
	"fmt"
	"math"
	"time"
)

// Unit is the unit of the numbers in a file. Its zero value is no unit: a
// parser refuses it rather than guess.
type Unit time.Duration

// The units that recorded RTTs come in.
const (
	Microsecond = Unit(time.Microsecond)
	Millisecond = Unit(time.Millisecond)
	Second      = Unit(time.Second)
)

// ParseUnit reads "us", "ms" or "s".
func ParseUnit(text string) (Unit, error) {
	for _, u := range []Unit{Microsecond, Millisecond, Second} {
		if text == u.String() {
			return u, nil
		}
	}
	return 0, fmt.Errorf("%q is not a unit; want us, ms or s", text)
}

func (u Unit) String() string {
	switch u {
	case Microsecond:
		return "us"
	case Millisecond:
		return "ms"
	case Second:
		return "s"
	}
	return "no unit"
}

// Quantity is what the numbers in a file measure. Its zero value is refused.
type Quantity uint8

const (
	// RTT is the time from a node to another and back.
	RTT Quantity = iota + 1
	// OneWay is half of it, as simulators like to store; it is doubled at parsing.
	OneWay
)

// ParseQuantity reads "rtt" or "one_way".
func ParseQuantity(text string) (Quantity, error) {
	for _, q := range []Quantity{RTT, OneWay} {
		if text == q.String() {
			return q, nil
		}
	}
	return 0, fmt.Errorf("%q is not a quantity; want rtt or one_way", text)
}

func (q Quantity) String() string {
	switch q {
	case RTT:
		return "rtt"
	case OneWay:
		return "one_way"
	}
	return "no quantity"
}

// longestRTT bounds what is believed. The slowest value in the recorded sets is
// 90.5 s, a time-out in seattle99; more than this means that a unit was mistaken.
const longestRTT = 2 * time.Minute

// scale turns numbers of one file into round trips.
type scale struct {
	unit     Unit
	quantity Quantity
	missing  []float64 // numbers that say "not measured"
}

func (s scale) check() error {
	if _, err := ParseUnit(s.unit.String()); err != nil {
		return err
	}
	_, err := ParseQuantity(s.quantity.String())
	return err
}

// roundTrip returns 0 for a missing value, or why the number is refused.
func (s scale) roundTrip(number float64) (rtt time.Duration, want string) {
	for _, m := range s.missing {
		if number == m {
			return 0, ""
		}
	}
	if math.IsNaN(number) || math.IsInf(number, 0) || number <= 0 {
		return 0, "a positive number of " + s.unit.String()
	}
	ns := number * float64(s.unit)
	if s.quantity == OneWay {
		ns *= 2
	}
	if ns > float64(longestRTT) {
		return 0, fmt.Sprintf("a round trip of at most %v; is the unit really %s?", longestRTT, s.unit)
	}
	if ns < 1 {
		return 0, fmt.Sprintf("a round trip of at least 1ns; is the unit really %s?", s.unit)
	}
	return time.Duration(math.Round(ns)), ""
}
