package sim

import (
	"bytes"
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/experiments/trial"
)

// A wrong definition gets one line that names the key, the value, and what would
// have been right.
func TestBadSections(t *testing.T) {
	for _, c := range []struct{ section, says string }{
		{`system: {members: 0}`, `system.members: 0 is not valid; want a whole number from 1 to 2000000`},
		{`system: {members: -3}`, `system.members: -3 is not valid; want a whole number from 1 to 2000000`},
		{`system: {protocol_period: 2}`, `system.protocol_period: 2 is not valid; want a duration with its unit, such as "200ms" or "2s"`},
		{`system: {protocol_period: 2 parsecs}`, `system.protocol_period: "2 parsecs" is not valid; want a duration with its unit, such as "200ms" or "2s"`},
		{`system: {protocol_period: -2s}`, `system.protocol_period: -2s is not valid; want a time above 0, such as "2s"`},
		{`system: {ping_timeout: 1s}`, `system.ping_timeout: 1s is not valid; want above 0, and less than the protocol period 1s`},
		{`system: {ping_req_members: -1}`, `system.ping_req_members: -1 is not valid; want 0 or more`},
		{`system: {suspicion_mult: .nan}`, `system.suspicion_mult: NaN is not valid; want a number above 0, and a time-out within 36 years`},
		{`system: {suspicion_mult: 1e300}`, `system.suspicion_mult: 1e+300 is not valid; want a number above 0, and a time-out within 36 years`},
		{`system: {retransmit_mult: -1}`, `system.retransmit_mult: -1 is not valid; want a number above 0, such as 3`},
		{`system: {max_updates: 0}`, `system.max_updates: 0 is not valid; want 1 or more`},
		{`system: {preset: papre}`, `system.preset: papre is not valid; want paper, deployed or fixed`},
		{`system: {order: published}`, `system.order: "published" is not valid; want paper or deployed`},
		{`system: {stream_timeout: 0s}`, `system.stream_timeout: 0s is not valid; want more than 0, such as "10s"`},
		{`system: {gossip_interval: -1s}`, `system: a gossip interval of -1s, a push/pull interval of 0s and 0s of gossip to the dead are not all valid; want 0 to 8760h0m0s`},
		{`system: {lifeguard: {lha_suspicion: true, beta: 0.5}}`, `system.lifeguard: beta 0.5 is not valid; want 1 to 100`},
		{`system: {lifeguard: {lha_probe: true, nack_share: 2}}`, `system.lifeguard: nack share 2 is not valid; want more than 0 and at most 1`},
		{`system: {wire: {codec: json}}`, `system.wire.codec: "json" is not valid; want none or memberlist`},
		{`system: {wire: {codec: memberlist, name_bytes: -1}}`, `system.wire.name_bytes: -1 is not valid; want 0 to 65507`},
		{`system: {phases: random}`, `system.phases: "random" is not valid; want uniform or synchronised`},
		{`system: {table: sparse}`, `system.table: "sparse" is not valid; want auto, dense or roster`},
		{`system: {selection: robin}`, `system.selection: "robin" is not valid; want round_robin or random`},
		{`system: {dissemination: gossip}`, `system.dissemination: "gossip" is not valid; want infection, multicast or none`},

		{`network: {latency: 5}`, `network.latency: 5 is not valid; ` + wantDistribution},
		{`network: {latency: -5ms}`, `network.latency: -5ms is not valid; ` + wantDistribution},
		{`network: {latency: 1000000h}`, `network.latency: 1000000h is not valid; ` + wantDistribution},
		{`network: {latency: {uniform: [8ms, 2ms]}}`, `network.latency: map[uniform:[8ms 2ms]] is not valid; ` + wantDistribution},
		{`network: {latency: {lognormal: [8ms, .nan]}}`, `network.latency: map[lognormal:[8ms NaN]] is not valid; ` + wantDistribution},
		{`network: {latency: {pareto: [8ms, 2ms]}}`, `network.latency: map[pareto:[8ms 2ms]] is not valid; ` + wantDistribution},
		{`network: {loss: 110%}`, `network.loss: 110% is not valid; want a share from 0 to 1, such as 0.1 or "10%"`},
		{`network: {loss: .nan}`, `network.loss: NaN is not valid; want a share from 0 to 1, such as 0.1 or "10%"`},
		{`network: {duplicate: -1%}`, `network.duplicate: -1% is not valid; want a share from 0 to 1, such as 0.1 or "10%"`},
		{`network: {reorder: 5%}`, `network.reorder_delay: missing; want how long reordered messages are held back`},
		{`network: {dataset: four}`, `network.dataset: both dataset and latency are given; want one of them`},
		{`network: {bandwidth: 3}`, `network.bandwidth: unknown key; want one of dataset, duplicate, jitter, latency, loss, reorder, reorder_delay`},

		{`run: {duration: 0s}`, `run.duration: 0s is not valid; want more than 0, such as "120s"`},
		{`run: {duration: 30s, warmup: 30s}`, `run.warmup: 30s is not valid; want 0 or more, and less than the duration 30s`},
		{`run: {stop_when: done}`, `run.stop_when: "done" is not valid; want detected or removed, or nothing`},
		{`run: {stop_when: detected}`, `run.stop_when: it waits for crashes, and the faults hold none; want a crash, or no stop_when`},
		{`measure: [sent_mean, speed]`, `measure.1: "speed" is not valid; want one of ` + measureNames()},

		{`faults: [3s]`, `faults.0: 3s is not valid; want a time and a fault, such as {at: 60s, crash: {members: 1}}`},
		{`faults: [{crash: {members: 1}}]`, `faults.0.at: missing; want when it happens, such as "60s"`},
		{`faults: [{at: 5, crash: {members: 1}}]`, `faults.0.at: 5 is not valid; ` + wantDistribution},
		{`faults: [{at: 5s}]`, `faults.0: 0 faults in one entry; want a time (at) and exactly one fault`},
		{`faults: [{at: 5s, crash: {members: 1}, leave: {members: 1}}]`, `faults.0: 2 faults in one entry; want a time (at) and exactly one fault`},
		{`faults: [{at: 5s, crsh: {members: 1}}]`, `faults.0.crsh: unknown key; want one of at, cpu_exhaustion, crash, join, leave, loss, one_way, partition, pause, restart, slow`},
		{`faults: [{at: 5s, crash: {}}]`, `faults.0.crash: no members are given; want one of members, fraction, ids`},
		{`faults: [{at: 5s, crash: {members: 1, fraction: 10%}}]`, `faults.0.crash: more than one of members, fraction and ids is given; want one of members, fraction, ids`},
		{`faults: [{at: 5s, crash: {members: 9}}]`, `faults.0.crash.members: 9 is not valid; want 0 to 8, the members there are`},
		{`faults: [{at: 5s, crash: {members: -1}}]`, `faults.0.crash.members: -1 is not valid; want 0 to 8, the members there are`},
		{`faults: [{at: 5s, crash: {fraction: 2}}]`, `faults.0.crash.fraction: 2 is not valid; want a share from 0 to 1, such as 0.1 or "10%"`},
		{`faults: [{at: 5s, leave: {ids: [1, 8]}}]`, `faults.0.leave.ids.1: 8 is not valid; want a member from 0 to 7`},
		{`faults: [{at: 5s, leave: {ids: [1, 2, 1]}}]`, `faults.0.leave.ids.2: member 1 is there twice; want each member once`},
		{`faults: [{at: 5s, restart: {fraction: 10%}}]`, `faults.0.restart.fraction: of whom is not clear; want members or ids`},
		{`faults: [{at: 5s, join: {members: 0}}]`, `faults.0.join.members: 0 is not valid; want a whole number from 1 to 2000000`},
		{`faults: [{at: 5s, join: {members: 1999999}}]`, `faults: with joins and restarts there are 2000007 members; want at most 2000000`},
		{`faults: [{at: 5s, join: {members: 1, every: -1s}}]`, `faults.0.join.every: -1s is not valid; want 0 or more, and all joins within 36 years`},
		{`faults: [{at: 5s, join: {members: 1, via: last}}]`, `faults.0.join.via: "last" is not valid; want first or random`},
		{`faults: [{at: 1s, crash: {members: 1}}, {at: 5s, pause: {members: 1}}]`, `faults.1.pause.for: 0s is not valid; want a time above 0, such as "10s"`},
		{`faults: [{at: 5s, slow: {members: 1, blocked: -2s, normal: 1s, for: 9s}}]`, `faults.0.slow.blocked: -2s is not valid; want a time above 0, such as "10s"`},
		{`faults: [{at: 5s, slow: {members: 1, blocked: 2s, for: 9s}}]`, `faults.0.slow.normal: 0s is not valid; want a time above 0, such as "10s"`},
		{`faults: [{at: 5s, slow: {members: 1, blocked: 2s, normal: 1s}}]`, `faults.0.slow.for: 0s is not valid; want a time above 0, such as "10s"`},
		{`faults: [{at: 5s, slow: {members: 1, blocked: 2s, normal: 1s, for: 9s, per_message: -1ms}}]`, `faults.0.slow.per_message: -1ms is not valid; want 0 for no time, or a time, such as "5ms"`},
		{`faults: [{at: 5s, cpu_exhaustion: {members: 1, stall: 1s, for: 9s}}]`, `faults.0.cpu_exhaustion.run: missing, or always 0; want a time above 0, such as "50ms" or {exponential: 50ms}`},
		{`faults: [{at: 5s, cpu_exhaustion: {members: 1, run: 1s, stall: {uniform: [0s, 0s]}, for: 9s}}]`, `faults.0.cpu_exhaustion.stall: missing, or always 0; want a time above 0, such as "50ms" or {exponential: 50ms}`},
		{`faults: [{at: 5s, cpu_exhaustion: {members: 1, run: 1s, stall: 1s, for: 9s, per_message: -1ms}}]`, `faults.0.cpu_exhaustion.per_message: -1ms is not valid; want 0 for no time, or a time, such as "5ms"`},
		{`faults: [{at: 5s, cpu_exhaustion: {members: 1, run: 1s, stall: 1s, for: 9s, backlog: -1}}]`, `faults.0.cpu_exhaustion.backlog: -1 is not valid; want 0 for any number of messages, or a whole number above 0`},
		{`faults: [{at: 5s, partition: {members: 1, for: -1s}}]`, `faults.0.partition.for: -1s is not valid; want 0 for good, or a time, such as "10s"`},
		{`faults: [{at: 5s, one_way: {from: {members: 1}}}]`, `faults.0.one_way.to: no members are given; want one of members, fraction, ids`},
		{`faults: [{at: 5s, one_way: {from: {members: 1}, to: {ids: [77]}}}]`, `faults.0.one_way.to.ids.0: 77 is not valid; want a member from 0 to 7`},
		{`faults: [{at: 5s, loss: {members: 1, rate: 10%, direction: up}}]`, `faults.0.loss.direction: "up" is not valid; want in, out or both`},
		{`faults: [{at: 5s, loss: {members: 1, rate: ten}}]`, `faults.0.loss.rate: ten is not valid; want a share from 0 to 1, such as 0.1 or "10%"`},
	} {
		t.Run(c.section, func(t *testing.T) {
			spec := specOf(t, 1, lan, c.section)
			err := worldOf(fourHosts).Check(spec)
			require.Error(t, err)
			assert.Equal(t, c.says, err.Error())
			assert.NotContains(t, err.Error(), "\n")
			var keyError *trial.KeyError
			require.ErrorAs(t, err, &keyError)
			assert.True(t, strings.HasPrefix(c.says, keyError.Key+": "), "the key is %q", keyError.Key)

			o, runErr := worldOf(fourHosts).Run(context.Background(), spec)
			assert.EqualError(t, runErr, c.says, "Run says the same as Check")
			assert.Zero(t, o)
			var out bytes.Buffer
			assert.EqualError(t, worldOf(fourHosts).Trace(context.Background(), spec, trial.TraceOptions{}, &out), c.says)
			assert.Empty(t, out.String(), "nothing is written before the spec is good")
		})
	}
}

func TestADatasetMustHaveAHostForEverybody(t *testing.T) {
	spec := specOf(t, 1, `
system: {protocol: swim, members: 3}
network: {dataset: four}
run: {duration: 10s}
faults: [{at: 1s, crash: {members: 1}}, {at: 2s, restart: {members: 1}}, {at: 3s, join: {members: 2}}]`)
	assert.EqualError(t, worldOf(fourHosts).Check(spec), "network.dataset: four has 4 hosts, too few for 5 members; want at most one member a host")
	assert.Equal(t, []string{"four"}, worldOf(fourHosts).DatasetNames(spec))

	absent := errors.New("four is not here; fetch it with …")
	err := NewWorld(func(string) (RTTs, error) { return nil, absent }).Check(spec)
	assert.ErrorIs(t, err, absent)
}

func TestAnUnknownProtocol(t *testing.T) {
	spec := specOf(t, 1, lan, `system: {protocol: raft}`)
	assert.EqualError(t, NewWorld(nil).Check(spec), `system.protocol: raft is not valid; want swim, vivaldi, vivaldi_stream or coordinates`)
	assert.Empty(t, NewWorld(nil).Measures("raft"))
}

// What a definition leaves out is the preset's.
func TestThePresetFillsInWhatIsNotGiven(t *testing.T) {
	for name, preset := range presets {
		s, err := newScenario(specOf(t, 1, lan, `system: {protocol_period: 3s, preset: `+name+`}`))
		require.NoError(t, err)
		want := preset()
		want.ProtocolPeriod = 3e9
		assert.Equal(t, want, s.System.config(), name)
	}
}

func TestEveryObservationIsFinite(t *testing.T) {
	for _, quiet := range []string{`run: {duration: 1ms}`, `run: {duration: 20s}`, `system: {members: 1}`} {
		spec := specOf(t, 1, lan, quiet)
		for _, m := range NewWorld(nil).Measures("swim") {
			spec.Measure = append(spec.Measure, m.Name)
			assert.NotEmpty(t, m.Doc)
			assert.NotEmpty(t, m.Unit)
		}
		o := mustRun(t, spec)
		for _, m := range NewWorld(nil).Measures("swim") {
			values, is := o.Samples[m.Name]
			if m.Series {
				s, present := o.Series[m.Name]
				values, is = s.Y, present
				assert.Len(t, s.X, len(s.Y))
			}
			assert.True(t, is, "%s is absent", m.Name)
			assert.NotNil(t, values, "%s is present, if empty", m.Name)
			for _, v := range values {
				assert.False(t, math.IsNaN(v) || math.IsInf(v, 0), "%s is %v", m.Name, v)
			}
		}
	}
}
