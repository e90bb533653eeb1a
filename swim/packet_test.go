package swim_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/swim"
)

// scale is a Sizer of a codec in which kinds and updates differ in size.
type scale struct{ update func(swim.Update) int }

func (scale) MessageBytes(k swim.Kind) int    { return 10 + int(k) }
func (s scale) UpdateBytes(u swim.Update) int { return s.update(u) }
func (s scale) message(m swim.Message) (bytes int) {
	bytes = s.MessageBytes(m.Kind)
	for _, u := range m.Updates {
		bytes += s.UpdateBytes(u)
	}
	return bytes
}

// A datagram takes as much news as fits PacketBytes, and never more, the news that
// a ping leads with included. MaxUpdates does not count.
func TestDatagramsKeepToTheirBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.IntRange(1, 40).Draw(t, "bytes of an update")
		sizer := scale{func(u swim.Update) int { return base + int(u.Member)%7 }}
		packet := rapid.IntRange(1, 400).Draw(t, "packet")
		rumors := rapid.IntRange(0, 30).Draw(t, "rumors")
		p := atEase()
		p.tell = true
		cfg := paper(forever, gossips(2), selfOnly, func(c *swim.Config) {
			c.PacketBytes, c.Sizer, c.MaxUpdates = packet, sizer, 2
			c.Balanced = rapid.Bool().Draw(t, "balanced")
		})
		s := newAdapted(t, 40, cfg, p)
		for id := range rumors {
			s.news(0, 1, suspect(swim.ID(id+1), 0))
		}
		largest := base + 6

		for _, m := range s.live(5 * T) {
			bytes := sizer.message(m.Message)
			if len(m.Message.Updates) > 0 {
				require.LessOrEqual(t, bytes, packet, "%v with %d updates", m.Message.Kind, len(m.Message.Updates))
			}
			if len(m.Message.Updates) < rumors-1 && !cfg.Balanced {
				require.Greater(t, bytes+largest, packet, "there was room for another")
			}
		}
	})
}

// A sizer makes room for more than MaxUpdates.
func TestPacketBytesReplaceMaxUpdates(t *testing.T) {
	cfg := paper(forever, func(c *swim.Config) {
		c.MaxUpdates, c.PacketBytes, c.Sizer = 1, 1400, scale{func(swim.Update) int { return 30 }}
	})
	s := newSubject(t, 60, cfg)
	for id := swim.ID(1); id < 60; id++ {
		s.news(0, 1, suspect(id, 0))
	}

	assert.Len(t, s.period(0).Message.Updates, (1400-11)/30)
}

func TestStreamsBearWhateverTheListIs(t *testing.T) {
	s := newSubject(t, 60, paper(func(c *swim.Config) {
		c.PushPullInterval, c.PacketBytes, c.Sizer = T, 20, scale{func(swim.Update) int { return 30 }}
	}))
	syncs := ofKind(s.live(time.Duration(3)*T), swim.Sync)
	require.NotEmpty(t, syncs)
	assert.Len(t, syncs[0].Message.Updates, 60)
}
