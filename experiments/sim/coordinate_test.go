package sim

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

// plain is hosts on a plane of 200 by 200 ms, behind access links of up to 10 ms:
// two dimensions and a height fit them.
type plain struct{ x, y, h []float64 }

func newPlain(n int) plain {
	rng := rand.New(rand.NewPCG(3, 4))
	var p plain
	for range n {
		p.x, p.y, p.h = append(p.x, 200*rng.Float64()), append(p.y, 200*rng.Float64()), append(p.h, 10*rng.Float64())
	}
	return p
}

func (p plain) Len() int { return len(p.x) }

func (p plain) RTT(i, j int) (time.Duration, bool) {
	if i == j {
		return 0, false
	}
	return time.Duration(1e6 * (math.Hypot(p.x[i]-p.x[j], p.y[i]-p.y[j]) + p.h[i] + p.h[j])), true
}

const onAPlain = `
system: {protocol: swim, members: 48, protocol_period: 1s, ping_timeout: 600ms, wire: {codec: memberlist, name_bytes: 8}}
network: {dataset: plain}
run: {duration: 300s}
`

const kept = `system: {coordinates: {preset: paper}}`

func runOnPlain(t *testing.T, sections ...string) trial.Observations {
	t.Helper()
	world := NewWorld(func(string) (RTTs, error) { return newPlain(64), nil })
	spec := specOf(t, 1, append([]string{onAPlain}, sections...)...)
	require.NoError(t, world.Check(spec))
	o, err := world.Run(context.Background(), spec)
	require.NoError(t, err)
	return o
}

// The claim of Serf, and of Currey's talk, in the strict sense: the same messages,
// one by one, and each ack longer by a coordinate.
func TestCoordinatesCostNoMessage(t *testing.T) {
	const seen = `measure: [messages_sent, bytes_sent, received_mean, false_positives, first_detection, removal]`
	for _, faults := range []string{`faults: []`, `{faults: [{at: 50s, crash: {members: 2}}], network: {loss: 3%}}`} {
		without := runOnPlain(t, faults, seen)
		with := runOnPlain(t, faults, kept, seen)
		bytes, more := without.Samples["bytes_sent"][0], with.Samples["bytes_sent"][0]
		delete(without.Samples, "bytes_sent")
		delete(with.Samples, "bytes_sent")
		assert.Equal(t, without, with, "a member with coordinates does the same at the same time")
		assert.Greater(t, more, bytes)
		if faults == `faults: []` {
			// An ack answers each ping: half of the messages bear a coordinate of
			// 2 dimensions, 76 bytes, and 2 for a longer byte slice.
			acks := without.Samples["messages_sent"][0] / 2
			assert.InDelta(t, 78*acks, more-bytes, 78*48, "those of the last period may not have been sent")
		}
	}
}

func TestASerfCoordinateTakes130Bytes(t *testing.T) {
	s, err := newScenario(specOf(t, 1, onAPlain, `system: {coordinates: {preset: serf}}`))
	require.NoError(t, err)
	assert.Equal(t, 130, s.System.Coordinates.PayloadBytes())
	assert.Equal(t, 8, s.System.Coordinates.Dimensions)
}

func TestCoordinatesLearnFromEveryProbeThatIsAnswered(t *testing.T) {
	const seen = `measure: [coordinate_samples, coordinate_error, coordinate_error_ms, coordinate_error_over_time, dedicated_error, dedicated_error_over_time]`
	o := runOnPlain(t, kept, seen)
	assert.InDelta(t, 299.5, o.Samples["coordinate_samples"][0], 1, "one a period")
	assert.Less(t, o.Samples["coordinate_error"][0], 0.05, "the world fits")
	assert.Less(t, o.Samples["coordinate_error_ms"][0], 4.0)
	assert.Less(t, o.Samples["dedicated_error"][0], 0.05)
	for _, name := range []string{"coordinate_error_over_time", "dedicated_error_over_time"} {
		s := o.Series[name]
		require.Equal(t, []float64{1, 2, 3, 4, 5, 6, 7, 8, 10, 12}, s.X[:10])
		assert.Greater(t, s.Y[0], 0.5)
		assert.Less(t, s.Y[len(s.Y)-1], s.Y[0]/8)
	}

	lossy := runOnPlain(t, kept, seen, `network: {loss: 5%}`)
	assert.InDelta(t, 299.5*0.95*0.95, lossy.Samples["coordinate_samples"][0], 4, "ping and ack must come through; what helpers bring does not count")
}

// What a relayed ack, an ack over a stream or one after the time-out would teach
// is not the way to the target.
func TestOnlyDirectAnswersInTimeTeach(t *testing.T) {
	late := runOnPlain(t, kept, `system: {ping_timeout: 1ms}`, `measure: [coordinate_samples, coordinate_error]`)
	assert.Zero(t, late.Samples["coordinate_samples"][0])
	assert.Greater(t, late.Samples["coordinate_error"][0], 0.9, "nobody has moved")

	helped := runOnPlain(t, kept, `
system: {preset: deployed, ping_req_members: 3, wire: {codec: memberlist, name_bytes: 8}}
faults: [{at: 0s, one_way: {from: {ids: [1]}, to: {ids: [0]}}}, {at: 0s, one_way: {from: {ids: [0]}, to: {ids: [1]}}}]
`, `measure: [coordinate_samples, false_positives]`)
	assert.Zero(t, helped.Samples["false_positives"][0], "helpers reach the two")
	assert.InDelta(t, 299.5-2*299.5/47/48, helped.Samples["coordinate_samples"][0], 0.7)
}

func TestWithoutCoordinatesNothingIsSaidOfThem(t *testing.T) {
	o := runOnPlain(t, `measure: [coordinate_error, coordinate_samples, dedicated_error, coordinate_error_over_time]`)
	assert.Equal(t, map[string][]float64{"coordinate_error": {}, "coordinate_samples": {}, "dedicated_error": {}}, o.Samples)
	assert.Empty(t, o.Series["coordinate_error_over_time"].X)
}

// The dedicated Vivaldi runs beside the group and must not be noticed by it.
func TestTheDedicatedVivaldiIsNotNoticed(t *testing.T) {
	alone := runOnPlain(t, kept, `network: {jitter: {exponential: 1ms}}`, `measure: [messages_sent, coordinate_error]`)
	beside := runOnPlain(t, kept, `network: {jitter: {exponential: 1ms}}`, `measure: [messages_sent, coordinate_error, dedicated_error]`)
	assert.Equal(t, alone.Samples["messages_sent"], beside.Samples["messages_sent"])
	assert.Equal(t, alone.Samples["coordinate_error"], beside.Samples["coordinate_error"])
}

func TestMembersThatJoinAndRestartFindTheirPlace(t *testing.T) {
	o := runOnPlain(t, kept, `
faults: [{at: 40s, crash: {members: 4}}, {at: 60s, restart: {members: 4}}, {at: 60s, join: {members: 8}}]
measure: [coordinate_error, dedicated_error]`)
	assert.Less(t, o.Samples["coordinate_error"][0], 0.06)
	assert.Less(t, o.Samples["dedicated_error"][0], 0.06)
}

func TestCoordinatesThatMakeNoSense(t *testing.T) {
	for section, says := range map[string]string{
		`system: {coordinates: {preset: consul}}`:                                        `system.coordinates.preset: consul is not valid; want paper, serf or recommended`,
		`system: {coordinates: {dimensions: 0}}`:                                         `system.coordinates.dimensions: 0 is not valid; want 1 to 16 dimensions`,
		`system: {coordinates: {hight: true}}`:                                           `system.coordinates.hight: unknown key; want one of dimensions, height, preset`,
		`system: {coordinates: {preset: paper}, wire: {payload_bytes: 130}}`:             `system.wire.payload_bytes: an ack's payload is the coordinate, whose size is known; want payload_bytes or coordinates, not both`,
		`{system: {coordinates: {preset: paper}}, network: {dataset: "", latency: 1ms}}`: `system.coordinates: coordinates without recorded round trips; want network.dataset`,
	} {
		err := NewWorld(func(string) (RTTs, error) { return newPlain(64), nil }).Check(specOf(t, 1, onAPlain, section))
		assert.EqualError(t, err, says)
	}
}
