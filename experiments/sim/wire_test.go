package sim

import (
	"encoding/hex"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
)

// Each message as memberlist encodes it, from a member "a" at 10.0.0.1:7946
// about others with names of one letter, without metadata.
func TestSizesAreThoseOfMemberlistsEncoding(t *testing.T) {
	s := newMemberlistSizes(Wire{Codec: "memberlist", NameBytes: 1})
	alive := swim.Update{Member: 1, Incarnation: 1, State: swim.Alive}
	suspect := swim.Update{Member: 1, Incarnation: 2, State: swim.Suspect}
	for _, c := range []struct {
		name    string
		message swim.Message
		encoded string
	}{
		{"ping{300, b, 10.0.0.1:7946, a}", swim.Message{Kind: swim.Ping, Seq: 300},
			"0085a44e6f6465a162a55365714e6fcd012caa536f7572636541646472a40a000001aa536f757263654e6f6465a161aa536f75726365506f7274cd1f0a"},
		{"ping-req{7, 10.0.0.1:7946, c, nack, source}", swim.Message{Kind: swim.PingReq, Seq: 7, Nack: true},
			"0188a44e61636bc3a44e6f6465a163a4506f7274cd1f0aa55365714e6f07aa536f7572636541646472a40a000001aa536f757263654e6f6465a161aa536f75726365506f7274cd1f0aa6546172676574a40a000001"},
		{"ack{7, nil}", swim.Message{Kind: swim.Ack, Seq: 7}, "0282a75061796c6f6164c0a55365714e6f07"},
		{"nack{7}", swim.Message{Kind: swim.Nack, Seq: 7}, "0b81a55365714e6f07"},
		{"suspect{2, b, a} alone, behind a checksum", swim.Message{Kind: swim.News, Updates: []swim.Update{suspect}},
			"0c00000000" + "0383a446726f6da161ab496e6361726e6174696f6e02a44e6f6465a162"},
		{"alive{1, b, 10.0.0.1:7946} alone", swim.Message{Kind: swim.News, Updates: []swim.Update{alive}},
			"0c00000000" + "0486a441646472a40a000001ab496e6361726e6174696f6e01a44d657461c0a44e6f6465a162a4506f7274cd1f0aa356736ea6010502000000"},
		{"nack{7} and suspect{2, b, a} in a compound", swim.Message{Kind: swim.Nack, Seq: 7, Updates: []swim.Update{suspect}},
			"0702" + "0009" + "001d" + "0b81a55365714e6f07" + "0383a446726f6da161ab496e6361726e6174696f6e02a44e6f6465a162"},
		{"push/pull of one member", swim.Message{Kind: swim.Sync, Stream: true, Updates: []swim.Update{alive}},
			"0683a44a6f696ec3a54e6f64657301ac5573657253746174654c656e0087a441646472a40a000001ab496e6361726e6174696f6e01a44d657461c0a44e616d65a162a4506f7274cd1f0aa5537461746500a356736ea6010502000000"},
	} {
		encoded, err := hex.DecodeString(c.encoded)
		require.NoError(t, err)
		assert.Equal(t, len(encoded), s.bytes(&c.message), c.name)
	}
	assert.Equal(t, 61, s.bytes(&swim.Message{Kind: swim.Ping, Seq: 300}))
	assert.Equal(t, 85, s.bytes(&swim.Message{Kind: swim.PingReq, Seq: 7}))
	assert.Equal(t, 34, s.bytes(&swim.Message{Kind: swim.News, Updates: []swim.Update{suspect}}))
}

func TestNumbersAndTextsTakeTheBytesThatTheyDoInMsgpack(t *testing.T) {
	for n, bytes := range map[uint32]int{0: 1, 127: 1, 128: 2, 255: 2, 256: 3, 65535: 3, 65536: 5} {
		assert.Equal(t, bytes, whole(n), "%d", n)
	}
	// 40 bytes of metadata are headed da0028, 300 by da012c.
	for n, bytes := range map[int]int{0: 1, 31: 32, 32: 35, 40: 43, 300: 303} {
		assert.Equal(t, bytes, text(n), "%d", n)
	}
}

// News fills a datagram up to its limit, and no further.
func TestDatagramsKeepToTheirSize(t *testing.T) {
	k := newChronicle(t, specOf(t, 1, lan, `
system: {preset: deployed, members: 60, wire: {codec: memberlist, name_bytes: 8, meta_bytes: 100, packet_bytes: 700}}
faults: [{at: 1s, join: {members: 20}}, {at: 2s, crash: {members: 15}}]`))
	sizes := newMemberlistSizes(k.scenario.System.Wire)
	fullest := 0
	k.hooks.onSent = append(k.hooks.onSent, func(_ time.Duration, _ uint32, s *slot) {
		if !s.message.Stream {
			fullest = max(fullest, sizes.bytes(&s.message))
		}
	})
	require.NoError(t, k.run(t.Context()))
	assert.LessOrEqual(t, fullest, 700+checksum, "memberlist adds the checksum to a full datagram")
	assert.Greater(t, fullest, 500)
}
