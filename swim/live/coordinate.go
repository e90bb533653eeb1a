package live

import (
	"time"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
	"github.com/swimlab/swimlab/vivaldi"
)

// coordinate is the payload of this member's acks; nil if it keeps none.
func (m *Member) coordinate() []byte {
	if m.vivaldi == nil {
		return nil
	}
	c := onWire(m.vivaldi)
	m.payload = c.Append(m.payload[:0])
	return m.payload
}

func onWire(n *vivaldi.Member[swim.ID]) wire.Coordinate {
	place := n.Coordinate()
	c := wire.Coordinate{Error: n.ErrorEstimate(), Height: place.Height, Adjustment: place.Adjustment}
	copy(c.Vec[:], place.Vec[:wire.Dimensions])
	return c
}

func offWire(c *wire.Coordinate) vivaldi.Coordinate {
	place := vivaldi.Coordinate{Dimensions: wire.Dimensions, Height: c.Height, Adjustment: c.Adjustment}
	copy(place.Vec[:], c.Vec[:])
	return place
}

// measured takes in a round trip and the coordinate of who was at its other end.
func (m *Member) measured(id swim.ID, p *peer, payload []byte) {
	if m.vivaldi == nil {
		return
	}
	var c wire.Coordinate
	if err := c.Decode(payload); err != nil {
		m.unread(err)
		return
	}
	place := offWire(&c)
	predicted := m.vivaldi.Distance(&place)
	if err := m.vivaldi.Update(m.now(), id, &place, c.Error, p.rtt); err != nil {
		m.stats.coordinatesRefused++
		m.log.Debug("coordinate refused", "of", string(p.name()), "error", err)
		return
	}
	m.stats.samples++
	if e := relativeError(predicted, p.rtt); m.stats.samples == 1 {
		m.stats.coordinateError = e
	} else {
		m.stats.coordinateError += (e - m.stats.coordinateError) / 16
	}
	m.dir.put(id, c)
}

func relativeError(predicted, measured time.Duration) float64 {
	d := (predicted - measured).Seconds()
	return max(d, -d) / measured.Seconds()
}

// distance is the round trip that two coordinates predict.
func distance(a, b *wire.Coordinate) time.Duration {
	va, vb := offWire(a), offWire(b)
	return vivaldi.Distance(&va, &vb)
}
