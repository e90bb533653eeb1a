package vivaldi

import (
	"errors"
	"fmt"
	"strconv"
	"time"
)

// Why a sample was refused. Errors of Update and Restore wrap one of these and
// add the value and what would have been right. A refused sample moves nothing.
var (
	ErrRTT           = errors.New("vivaldi: round-trip time refused")
	ErrCoordinate    = errors.New("vivaldi: coordinate refused")
	ErrErrorEstimate = errors.New("vivaldi: error estimate refused")
	ErrOutlier       = errors.New("vivaldi: outlier refused")
)

// ConfigError blames one field of a [Config].
type ConfigError struct {
	Field string // the field's Go name
	Got   any
	Want  string // what would have been right
}

func (e *ConfigError) Error() string {
	return fmt.Sprintf("vivaldi: %s: %v is not valid; want %s", e.Field, e.Got, e.Want)
}

// verdict is the kernel's answer: cheaper than an error, and enough to make one.
type verdict uint8

const (
	accepted verdict = iota
	badPlace
	badEstimate
)

func rttError(rtt, limit time.Duration) error {
	return fmt.Errorf("%w: %v; want more than 0s and at most %v", ErrRTT, rtt, limit)
}

func placeError(c *Coordinate, limit time.Duration) error {
	return fmt.Errorf("%w: %v; want finite components, no negative height, and a distance of at most %v", ErrCoordinate, *c, limit)
}

func spaceError(c *Coordinate, s Space) error {
	height := "no height"
	if s.height {
		height = "a height"
	}
	if s.sphere {
		return fmt.Errorf("%w: %d dimensions, a radius of %sms and height %sms; want a vector of a %v with %s",
			ErrCoordinate, c.Dimensions, milliseconds(c.Radius), milliseconds(c.Height), s, height)
	}
	return fmt.Errorf("%w: %d dimensions and height %sms; want %d dimensions and %s",
		ErrCoordinate, c.Dimensions, milliseconds(c.Height), s.dimensions, height)
}

func estimateError(e float64) error {
	return fmt.Errorf("%w: %v; want a finite number, 0 or more", ErrErrorEstimate, e)
}

// outlierError is written out only when somebody reads it: in a group with liars
// outliers are nothing rare.
type outlierError struct {
	off    time.Duration
	config OutlierConfig
}

func (e *outlierError) Error() string {
	return fmt.Sprintf("%v: the prediction is off by %v; want at most %v times the median of the last %d samples",
		ErrOutlier, e.off, e.config.Multiple, e.config.Window)
}

func (e *outlierError) Unwrap() error { return ErrOutlier }

func milliseconds(s float64) string { return strconv.FormatFloat(s*1e3, 'g', 6, 64) }
