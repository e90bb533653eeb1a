package wire_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
)

// What nobody honest sends, and what is said of it.

func compound(parts ...[]byte) []byte {
	b := []byte{byte(wire.TypeCompound), byte(len(parts))}
	for _, part := range parts {
		b = binary.BigEndian.AppendUint16(b, uint16(len(part)))
	}
	return append(b, bytes.Join(parts, nil)...)
}

func compressed(t *testing.T, plain []byte) []byte {
	b, err := envelope(t, wire.Options{Compress: true}).AppendRequest(nil, plain)
	require.NoError(t, err)
	return b
}

func TestFaultyPacketsAreRefusedWithTheReason(t *testing.T) {
	const key = "0123456789abcdef"
	nack := (&wire.Nack{SeqNo: 7}).Append(nil)
	sealed := func(o wire.Options, m []byte) []byte {
		w, err := envelope(t, o).NewPacketWriter(1400)
		require.NoError(t, err)
		require.True(t, w.Add(m))
		b, err := w.Seal(true)
		require.NoError(t, err)
		return b
	}
	plain, blue := wire.Options{}, wire.Options{Label: "blue"}
	encrypted := wire.Options{Keys: keyring(t, key)}
	flipped := sealed(plain, nack)
	flipped[len(flipped)-1] ^= 1
	deep := nack
	for range wire.MaxDepth + 1 {
		deep = compound(deep)
	}
	huge := compressed(t, bytes.Repeat([]byte{8}, wire.MaxExpandedPacket))
	bomb := compressed(t, bytes.Repeat([]byte{8}, wire.MaxExpandedPacket+1))
	badVersion := sealed(encrypted, nack)
	badVersion[0] = 2

	for _, c := range []struct {
		name    string
		options wire.Options
		packet  []byte
		reason  wire.Reason // 0: taken
		says    string
		visited int
	}{
		{name: "nothing", packet: nil, reason: wire.Truncated, says: "0 bytes; want a type"},
		{name: "no label where one is wanted", options: blue, packet: nack, reason: wire.WrongLabel, says: `""; want "blue"`},
		{name: "another label", options: blue, packet: sealed(wire.Options{Label: "red"}, nack), reason: wire.WrongLabel, says: `"red"; want "blue"`},
		{name: "a label where none is wanted", packet: sealed(blue, nack), reason: wire.WrongLabel, says: `"blue"; want none`},
		{name: "a label that something was to strip", options: wire.Options{Label: "blue", LabelStripped: true}, packet: sealed(blue, nack), reason: wire.WrongLabel},
		{name: "a label that something has stripped", options: wire.Options{Label: "blue", LabelStripped: true}, packet: nack, visited: 1},
		{name: "an empty label", packet: []byte{244, 0, 11}, reason: wire.Malformed, says: "length 0"},
		{name: "a label cut off", packet: []byte{244, 9, 'b'}, reason: wire.Truncated},
		{name: "a plain packet among encrypted ones", options: encrypted, packet: bytes.Repeat(nack, 9), reason: wire.Unsupported, says: "encryption version"},
		{name: "the same while that is accepted", options: wire.Options{Keys: encrypted.Keys, AcceptPlain: true}, packet: nack, visited: 1},
		{name: "another key", options: encrypted, packet: sealed(wire.Options{Keys: keyring(t, "fedcba9876543210")}, nack), reason: wire.NotDecrypted, says: "1 key"},
		{name: "another label under the key", options: wire.Options{Keys: encrypted.Keys, Label: "blue", LabelStripped: true},
			packet: sealed(encrypted, nack), reason: wire.NotDecrypted},
		{name: "an unknown cipher", options: encrypted, packet: badVersion, reason: wire.Unsupported, says: "2; want 0 or 1"},
		{name: "encryption cut off", options: encrypted, packet: []byte{1, 2, 3}, reason: wire.Truncated, says: "3 bytes"},
		{name: "a flipped bit", packet: flipped, reason: wire.BadChecksum},
		{name: "a checksum cut off", packet: []byte{12, 1, 2}, reason: wire.Truncated},
		{name: "a message of streams", packet: []byte{6, 0x80}, reason: wire.Unsupported, says: "push/pull"},
		{name: "a message of the future", packet: []byte{77}, reason: wire.Unsupported, says: "77"},
		{name: "a checksum within", packet: compound([]byte{12, 0, 0, 0, 0}), reason: wire.Unsupported},
		{name: "a compound without a count", packet: []byte{7}, reason: wire.Truncated},
		{name: "a compound without its lengths", packet: []byte{7, 9, 0, 1}, reason: wire.Truncated, says: "2 bytes; want 18"},
		{name: "a compound cut off: what is whole counts", packet: compound(nack, nack)[:6+len(nack)+3], reason: wire.Truncated, says: "part 2 of 2", visited: 1},
		{name: "a compound with a bad part: the others count", packet: compound(nack, []byte{77}, nack), reason: wire.Unsupported, visited: 2},
		{name: "an empty part", packet: compound(nil, nack), reason: wire.Truncated, visited: 1},
		{name: "compounds in compounds", packet: deep, reason: wire.TooDeep, says: "at most 4"},
		{name: "as much as may be compressed", packet: huge, visited: 1},
		{name: "more than may be compressed", packet: bomb, reason: wire.TooLarge, says: "65536 bytes"},
		{name: "often as much as may be compressed", packet: compound(huge, huge, huge), reason: wire.TooLarge, visited: 1},
		{name: "compression cut off", packet: compressed(t, bytes.Repeat([]byte("mem"), 99))[:30], reason: wire.Truncated},
		{name: "an unknown compression", packet: unhex(t, "0982a4416c676f01a342756680"), reason: wire.Malformed},
		{name: "compression without an end", packet: unhex(t, "0982a4416c676f00a3427566a100"), reason: wire.Truncated, says: "an end mark"},
	} {
		t.Run(c.name, func(t *testing.T) {
			messages, err := read(envelope(t, c.options), c.packet)
			assert.Len(t, messages, c.visited)
			if c.reason == 0 {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, c.reason)
			assert.Contains(t, err.Error(), c.says)
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

// endless is a peer that goes on for ever with the same bytes.
type endless struct {
	first, then []byte
	sent        int
}

func (e *endless) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		if len(e.first) > 0 {
			k := copy(b[n:], e.first)
			e.first, n = e.first[k:], n+k
			continue
		}
		k := copy(b[n:], e.then)
		n += k
	}
	e.sent += n
	return n, nil
}

func TestAStreamThatGoesOnForEverIsGivenUp(t *testing.T) {
	const limit = 1 << 20
	frame := []byte{10, 0xff, 0xff, 0xff, 0xff}
	for name, c := range map[string]struct {
		first, then string // hexadecimal
		options     wire.Options
	}{
		"a frame longer than any":     {first: string(frame), then: "x", options: wire.Options{Keys: keyring(t, "0123456789abcdef")}},
		"a frame that is long":        {first: "\x0a\x00\x0f\xff\xff", then: "x", options: wire.Options{Keys: keyring(t, "0123456789abcdef")}},
		"compression of all":          {first: "\x09\x82\xa4Algo\x00\xa3Buf\xdb\xff\xff\xff\xff", then: "x"},
		"a list of all members":       {first: "\x06\x83\xa5Nodes\xce\x00\x10\x00\x00\xacUserStateLen\x00\xa4Join\xc2", then: "\x81\xa4Name\xa1a"},
		"a list of more than all":     {first: "\x06\x83\xa5Nodes\xce\xff\xff\xff\xff\xacUserStateLen\x00\xa4Join\xc2", then: "\x81\xa4Name\xa1a"},
		"a list of fewer than none":   {first: "\x06\x81\xa5Nodes\xff", then: "\x81\xa4Name\xa1a"},
		"a row of values in values":   {first: "\x06\x83\xa5Nodes\x01\xacUserStateLen\x00\xa4Join\xc2", then: "\x91"},
		"a row of many values":        {first: "\x06\x83\xa5Nodes\x01\xacUserStateLen\x00\xa4Join\xc2\xdd\xff\xff\xff\xff", then: "\xdd\xff\xff\xff\xff"},
		"a long user state":           {first: "\x06\x83\xa5Nodes\x00\xacUserStateLen\xce\x7f\xff\xff\xff\xa4Join\xc2", then: "x"},
		"a long message":              {first: "\x08\x81\xaaUserMsgLen\xce\x7f\xff\xff\xff", then: "x"},
		"a header of many pairs":      {first: "\x08\xdf\xff\xff\xff\xff", then: "\xa1x"},
		"a ping for a very long name": {first: "\x00\x81\xa4Node\xdb\x00\x10\x00\x00", then: "n"},
	} {
		t.Run(name, func(t *testing.T) {
			c.options.MaxStream = limit
			peer := &endless{first: []byte(c.first), then: []byte(c.then)}
			allocated := allocations(func() {
				_, err := envelope(t, c.options).ReadRequest(peer)
				var fault *wire.Error
				require.ErrorAs(t, err, &fault)
				assert.NotContains(t, err.Error(), "\n")
			})
			assert.LessOrEqual(t, peer.sent, limit+4096, "bytes read")
			assert.LessOrEqual(t, allocated, uint64(4*limit+1<<16), "bytes allocated")
		})
	}
}

func allocations(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// A few bytes that announce a lot cost a few bytes.
func TestAnnouncementsAreNotBelieved(t *testing.T) {
	for name, stream := range map[string]string{
		"a frame":       "\x0a\x01\x3f\xff\xff",
		"a list":        "\x06\x83\xa5Nodes\xce\x00\x10\x00\x00\xacUserStateLen\xce\x01\x00\x00\x00\xa4Join\xc2",
		"a message":     "\x08\x81\xaaUserMsgLen\xce\x01\x00\x00\x00",
		"a compression": "\x09\x82\xa4Algo\x00\xa3Buf\xdb\x01\x00\x00\x00",
		"a row":         "\x06\x83\xa5Nodes\x01\xacUserStateLen\x00\xa4Join\xc2\xdd\x00\x00\x7f\xff",
	} {
		t.Run(name, func(t *testing.T) {
			o := wire.Options{}
			if stream[0] == 10 {
				o.Keys = keyring(t, "0123456789abcdef")
			}
			e := envelope(t, o)
			assert.Less(t, allocations(func() {
				_, err := e.ReadRequest(strings.NewReader(stream))
				require.ErrorIs(t, err, wire.Truncated)
			}), uint64(1<<14))
		})
	}
}

func TestAStreamExpandsToNoMoreThanTheLimit(t *testing.T) {
	user := wire.UserMessage{Data: make([]byte, 1<<20)}
	stream := compressed(t, user.Append(nil))
	require.Less(t, len(stream), 1<<14)
	_, err := envelope(t, wire.Options{MaxStream: 1 << 19}).ReadRequest(bytes.NewReader(stream))
	require.ErrorIs(t, err, wire.TooLarge)
	in, err := envelope(t, wire.Options{MaxStream: 2 << 20}).ReadRequest(bytes.NewReader(stream))
	require.NoError(t, err)
	require.Equal(t, user, in.User)
}

func TestFaultyStreamsAreRefusedWithTheReason(t *testing.T) {
	ring := keyring(t, "0123456789abcdef")
	nack := (&wire.Nack{SeqNo: 7}).Append(nil)
	for _, c := range []struct {
		name    string
		options wire.Options
		stream  []byte
		reason  wire.Reason
		says    string
	}{
		{"another label", wire.Options{Label: "blue"}, []byte("\xf4\x03red\x00"), wire.WrongLabel, `"red"; want "blue"`},
		{"an empty label", wire.Options{}, []byte("\xf4\x00"), wire.Malformed, "length 0"},
		{"a plain stream among encrypted ones", wire.Options{Keys: ring}, nack, wire.NotDecrypted, "want encryption"},
		{"an encrypted stream without a key", wire.Options{}, []byte("\x0a\x00\x00\x00\x01x"), wire.NotDecrypted, "no key"},
		{"a datagram's message", wire.Options{}, nack, wire.Unsupported, "nack"},
		{"compression in compression", wire.Options{}, compressed(t, compressed(t, nack)), wire.Unsupported, "compress"},
		{"a byte that begins no value", wire.Options{}, []byte("\x06\xc1"), wire.Malformed, "unknown format"},
		{"a row with a port that is none", wire.Options{}, []byte("\x06\x83\xa5Nodes\x01\xacUserStateLen\x00\xa4Join\xc2\x81\xa4Port\xce\x00\x01\x00\x00"), wire.TooLarge, "Port"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := envelope(t, c.options).ReadRequest(bytes.NewReader(c.stream))
			require.ErrorIs(t, err, c.reason)
			assert.Contains(t, err.Error(), c.says)
		})
	}
	_, err := envelope(t, wire.Options{}).ReadRequest(bytes.NewReader(nil))
	require.ErrorIs(t, err, io.EOF)
}

func TestAnOddRowDoesNotCostTheList(t *testing.T) {
	in, err := envelope(t, wire.Options{}).ReadRequest(strings.NewReader(
		"\x06\x83\xa5Nodes\x02\xacUserStateLen\x00\xa4Join\xc2" + "\x83\xa4Name\xa1a\xa4Addr\xa3123\xa5State\x09" + "\x81\xa4Name\xa1b"))
	require.NoError(t, err)
	var names []string
	for row := range in.PushPull.Rows() {
		names = append(names, string(row.Name))
		assert.False(t, row.Addr.Addr().IsValid())
	}
	assert.Equal(t, []string{"a", "b"}, names)
}

func TestSerfsMessagesThatAreNoneAreRefused(t *testing.T) {
	_, _, err := wire.SplitSerf(nil)
	require.ErrorIs(t, err, wire.Truncated)
	_, _, err = wire.SplitSerf([]byte{10, 0x80})
	require.ErrorIs(t, err, wire.Unsupported)
	_, _, err = wire.SplitFilter(nil)
	require.ErrorIs(t, err, wire.Truncated)
	_, _, err = wire.SplitFilter([]byte{2})
	require.ErrorIs(t, err, wire.Unsupported)

	manyFilters := append([]byte("\x81\xa7Filters\xdc\x00\x41"), bytes.Repeat([]byte{0xa0}, wire.MaxFilters+1)...)
	manyNames := append([]byte("\xdd\x00\x10\x00\x00"), bytes.Repeat([]byte{0xa0}, 1<<12)...)
	nested := append([]byte("\x81\xa8DestAddr"), bytes.Repeat([]byte("\x81\xa2IP"), 1<<12)...)
	for name, c := range map[string]struct {
		m      interface{ Decode([]byte) error }
		body   []byte
		reason wire.Reason
	}{
		"more filters than there may be":    {&wire.SerfQuery{}, manyFilters, wire.TooLarge},
		"a filter of more names than fit":   {new(wire.SerfNodeFilter), manyNames, wire.Truncated},
		"names that are none":               {new(wire.SerfNodeFilter), []byte{0x91, 0x01}, wire.Malformed},
		"an asker at half an address":       {&wire.SerfQuery{}, []byte("\x81\xa4Addr\xa2ab"), wire.Malformed},
		"an asker at a port that is none":   {&wire.SerfQuery{}, []byte("\x81\xa4Port\xce\x00\x01\x00\x00"), wire.TooLarge},
		"a factor that is too large":        {&wire.SerfQuery{}, []byte("\x81\xabRelayFactor\xcd\x01\x00"), wire.TooLarge},
		"a relay to a port that is none":    {&wire.SerfRelay{}, []byte("\x81\xa8DestAddr\x81\xa4Port\xd2\x00\x01\x00\x00"), wire.TooLarge},
		"a relay to a negative port":        {&wire.SerfRelay{}, []byte("\x81\xa8DestAddr\x81\xa4Port\xff"), wire.Malformed},
		"a relay to addresses in addresses": {&wire.SerfRelay{}, nested, wire.Malformed},
		"a relay cut off":                   {&wire.SerfRelay{}, []byte("\x82\xa8DestAddr\xa0"), wire.Malformed},
		"keys that are a number":            {&wire.SerfKeyResponse{}, []byte("\x81\xa4Keys\x01"), wire.Malformed},
		"a version that does not fit":       {&wire.SerfMember{}, []byte("\x81\xabDelegateMax\xcd\x01\x00"), wire.TooLarge},
		"more tags than there are":          {&wire.SerfMember{}, []byte("\x81\xa4Tags\xdf\xff\xff\xff\xff"), wire.Truncated},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Less(t, allocations(func() { require.ErrorIs(t, c.m.Decode(c.body), c.reason) }), uint64(1<<17))
		})
	}
}

func TestSerfsStateListsNoMoreMembersThanThereAre(t *testing.T) {
	const members = wire.MaxNodes + 1
	b := []byte("\x82\xacStatusLTimes\xdf")
	b = binary.BigEndian.AppendUint32(b, members)
	b = append(b, bytes.Repeat([]byte("\xa1a\x01"), members)...)
	var state wire.SerfPushPull
	require.ErrorIs(t, state.Decode(b), wire.TooLarge)
}

func TestCoordinatesThatAreNoneAreRefused(t *testing.T) {
	good := (&wire.Coordinate{Error: 1.5}).Append(nil)
	nan := bytes.Clone(good)
	copy(nan[len(nan)-8:], "\x7f\xf8\x00\x00\x00\x00\x00\x00")
	for name, c := range map[string]struct {
		payload []byte
		reason  wire.Reason
		says    string
	}{
		"empty":            {nil, wire.Truncated, "a version"},
		"another version":  {[]byte{7, 1}, wire.Unsupported, "7; want 1"},
		"not a number":     {nan, wire.Malformed, "NaN"},
		"three dimensions": {[]byte("\x01\x81\xa3Vec\x93\x00\x00\x00"), wire.Malformed, "3 dimensions; want 8"},
		"no dimensions":    {[]byte("\x01\x80"), wire.Malformed, "want 8 dimensions"},
		"cut off":          {good[:100], wire.Truncated, ""},
	} {
		var got wire.Coordinate
		err := got.Decode(c.payload)
		require.ErrorIs(t, err, c.reason, name)
		assert.ErrorContains(t, err, c.says, name)
	}
}

func TestTagsThatAreTooLongAreRefused(t *testing.T) {
	_, err := wire.AppendTags(nil, map[string]string{"role": strings.Repeat("x", 600)})
	require.ErrorIs(t, err, wire.TooLarge)
	_, err = wire.DecodeTags([]byte{0xff, 0xdf, 0xff, 0xff, 0xff, 0xff})
	require.ErrorIs(t, err, wire.Truncated)
	tags, err := wire.DecodeTags([]byte("web"))
	require.NoError(t, err)
	assert.Equal(t, map[string]string{"role": "web"}, tags, "as it was before there were tags")
}
