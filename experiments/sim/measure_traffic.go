package sim

import (
	"time"

	"github.com/swimlab/swimlab/experiments/trial"
)

// Traffic: what the whole group sends (Lifeguard §V, Table VI).
func init() {
	defineAll(attachTraffic,
		trial.Measure{Name: "messages_sent", Unit: "messages", Doc: "Messages that all members sent after the warm-up, datagrams and streams; with a codec, a datagram of several parts counts once."},
		trial.Measure{Name: "bytes_sent", Unit: "bytes", Doc: "Their size as the codec of system.wire would encode them; nothing without a codec."},
	)
}

func attachTraffic(c *Cluster) func() map[string][]float64 {
	sizes, encoded := c.config.Sizer.(*memberlistSizes)
	messages, bytes := 0.0, 0.0
	c.hooks.onSent = append(c.hooks.onSent, func(now time.Duration, _ uint32, s *slot) {
		if now < c.scenario.Run.Warmup {
			return
		}
		messages++
		if encoded {
			bytes += float64(sizes.bytes(&s.message))
		}
	})
	return func() map[string][]float64 {
		r := map[string][]float64{"messages_sent": {messages}}
		if encoded {
			r["bytes_sent"] = []float64{bytes}
		}
		return r
	}
}
