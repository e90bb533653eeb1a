package wire

import "math"

// Dimensions is the number of dimensions in which Serf and Consul keep coordinates;
// one with another number is not stored by them.
const Dimensions = 8

// Coordinate is a member's network coordinate in the payload of Serf's acks: all in
// seconds but the error estimate.
type Coordinate struct {
	Vec                       [Dimensions]float64
	Error, Adjustment, Height float64
}

// pingVersion begins the payload of Serf's acks.
const pingVersion = 1

// CoordinateSize is the size of a payload.
const CoordinateSize = 130

var coordinateFields = []string{"Vec", "Error", "Adjustment", "Height"}

// Append appends the payload to b.
func (c *Coordinate) Append(b []byte) []byte {
	b = append(b, pingVersion, mpFixMap|4)
	b = appendFloat(appendKey(b, "Adjustment"), c.Adjustment)
	b = appendFloat(appendKey(b, "Error"), c.Error)
	b = appendFloat(appendKey(b, "Height"), c.Height)
	b = append(appendKey(b, "Vec"), mpFixArray|Dimensions)
	for _, v := range c.Vec {
		b = appendFloat(b, v)
	}
	return b
}

// Decode reads the payload of an ack. Of what another version begins it says
// [Unsupported]. Every number is finite.
func (c *Coordinate) Decode(payload []byte) error {
	const what = "coordinate"
	*c = Coordinate{}
	if len(payload) == 0 {
		return &Error{Truncated, what, "", "0 bytes", "a version"}
	}
	if payload[0] != pingVersion {
		return &Error{Unsupported, what, "ping version", payload[0], decimal(pingVersion)}
	}
	r := reader{b: payload, i: 1, what: what}
	var dimensions int
	r.fields(coordinateFields, func(field int) {
		switch field {
		case 0:
			dimensions = r.arrayHeader()
			if r.err == nil && dimensions != Dimensions {
				r.fail(Malformed, plural(dimensions, "dimension"), decimal(Dimensions))
				return
			}
			for i := range c.Vec {
				c.Vec[i] = r.finite()
			}
		case 1:
			c.Error = r.finite()
		case 2:
			c.Adjustment = r.finite()
		case 3:
			c.Height = r.finite()
		}
	})
	if r.err == nil && dimensions == 0 {
		r.field = "Vec"
		r.fail(Malformed, "none", decimal(Dimensions)+" dimensions")
	}
	return r.err
}

func (r *reader) finite() float64 {
	v := r.float()
	if math.IsNaN(v) || math.IsInf(v, 0) {
		r.fail(Malformed, v, "a finite number")
	}
	return v
}
