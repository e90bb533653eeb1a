package sim

import (
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Traffic: what the whole group sends (Lifeguard §V, Table VI).
func init() {
	defineAll(attachTraffic,
		trial.Measure{Name: "messages_sent", Unit: "messages", Doc: "Messages that all members sent after the warm-up, datagrams and streams; with a codec, a datagram of several parts counts once."},
		trial.Measure{Name: "bytes_sent", Unit: "bytes", Doc: "Their size as the codec of system.wire would encode them, compressed if it says so; nothing without a codec."},
	)
}

func attachTraffic(c *Cluster) func() map[string][]float64 {
	sizeOf := c.sizeOfMessages()
	messages, bytes := 0.0, 0.0
	c.hooks.onSent = append(c.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if now < c.scenario.Run.Warmup {
			return
		}
		messages++
		if sizeOf != nil {
			bytes += float64(sizeOf(s))
		}
	})
	return func() map[string][]float64 {
		r := map[string][]float64{"messages_sent": {messages}}
		if sizeOf != nil {
			r["bytes_sent"] = []float64{bytes}
		}
		return r
	}
}

// sizeOfMessages says how many bytes a message is when it is sent: nil without a codec.
func (c *Cluster) sizeOfMessages() func(*slot) int {
	if e := c.encoder(); e != nil {
		return func(s *slot) int { return e.bytes(s.from, &s.message) }
	}
	if sizes, encoded := c.config.Sizer.(*memberlistSizes); encoded {
		return func(s *slot) int { return sizes.bytes(&s.message) }
	}
	return nil
}
