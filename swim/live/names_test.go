package live

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim"
	"github.com/swimlab/swimlab/swim/live/wire"
)

// Whatever is added and removed, the directory finds the same as a map does.
func TestADirectoryFindsWhoIsInIt(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	d := directory{limit: 1000}
	want := map[string]swim.ID{}
	for range 20_000 {
		name := fmt.Sprintf("member-%d", rng.IntN(400))
		id, is := want[name]
		switch {
		case !is:
			want[name] = d.add([]byte(name))
		case rng.IntN(3) > 0:
			d.remove(id)
			delete(want, name)
		}
		require.Equal(t, len(want), d.names.len())
	}
	for i := range 400 {
		name := fmt.Sprintf("member-%d", i)
		id, is := d.find([]byte(name))
		wantID, wantIs := want[name]
		require.Equal(t, wantIs, is, name)
		if is {
			require.Equal(t, wantID, id, name)
			require.Equal(t, name, string(d.name(id)))
		}
	}
}

func TestAPeerKeepsWhatItSaysOfItself(t *testing.T) {
	d := directory{limit: 10}
	p := d.at(d.add([]byte("one")))
	require.Nil(t, p.meta())
	for _, address := range []string{"192.0.2.1:7946", "[2001:db8::1]:1"} {
		for _, meta := range [][]byte{nil, {}, []byte("m"), []byte("metadata"), {}, nil} {
			given := append([]byte(nil), meta...)
			if meta != nil && given == nil {
				given = []byte{}
			}
			p.is(netip.MustParseAddrPort(address), wire.SerfVersions, given)
			clear(given) // it lies in a packet, which is written over
			assert.Equal(t, "one", string(p.name()))
			assert.Equal(t, meta, p.meta())
			assert.Equal(t, address, p.addr().String())
			assert.Equal(t, wire.SerfVersions, p.vsn)
		}
	}
}

// There may be thousands of rows: each byte more is so many kilobytes.
func TestAPeerIsARowOf80Bytes(t *testing.T) {
	assert.LessOrEqual(t, unsafe.Sizeof(peer{}), uintptr(80))
}
