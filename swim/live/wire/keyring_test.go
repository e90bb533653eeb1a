package wire_test

import (
	"bytes"
	"encoding/base64"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/swim/live/wire"
)

func TestAKeyIsChangedWhileTheGroupRuns(t *testing.T) {
	older, newer := []byte("0123456789abcdef"), []byte("fedcba9876543210")
	ann, bob := keyring(t, string(older)), keyring(t, string(older))
	fromAnn, toBob := envelope(t, wire.Options{Keys: ann}), envelope(t, wire.Options{Keys: bob})
	heard := func() error {
		w, err := fromAnn.NewPacketWriter(1400)
		require.NoError(t, err)
		require.True(t, w.Add((&wire.Nack{SeqNo: 1}).Append(nil)))
		packet, err := w.Seal(false)
		require.NoError(t, err)
		_, err = read(toBob, packet)
		return err
	}
	require.NoError(t, heard())

	require.ErrorContains(t, ann.Use(newer), "one that was added")
	require.NoError(t, bob.Add(newer)) // 1. everywhere known
	require.NoError(t, ann.Add(newer))
	require.NoError(t, heard())
	require.NoError(t, ann.Use(newer)) // 2. used; bob still uses the older
	require.NoError(t, heard())
	require.NoError(t, bob.Use(newer))
	require.ErrorContains(t, bob.Remove(newer), "the key that encrypts")
	require.NoError(t, bob.Remove(older)) // 3. forgotten
	require.NoError(t, heard())
	assert.Equal(t, [][]byte{newer}, bob.Keys())
	assert.Equal(t, [][]byte{newer, older}, ann.Keys())

	require.NoError(t, ann.Use(older))
	require.ErrorIs(t, heard(), wire.NotDecrypted)
}

func TestKeysHave16Or24Or32Bytes(t *testing.T) {
	for n := range 40 {
		_, err := wire.NewKeyring(make([]byte, n))
		_, parsed := wire.ParseKey(base64.StdEncoding.EncodeToString(make([]byte, n)))
		if n == 16 || n == 24 || n == 32 {
			require.NoError(t, err)
			require.NoError(t, parsed)
			continue
		}
		require.ErrorContains(t, err, "16, 24 or 32")
		require.ErrorContains(t, parsed, "16, 24 or 32")
	}
	_, err := wire.NewKeyring()
	require.ErrorContains(t, err, "no key")
	_, err = wire.ParseKey("not base64!")
	require.ErrorContains(t, err, "base64")
}

// With -race.
func TestAKeyringIsChangedWhileItIsUsed(t *testing.T) {
	ring := keyring(t, "0123456789abcdef")
	other := bytes.Repeat([]byte{7}, 32)
	e := envelope(t, wire.Options{Keys: ring})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			w, _ := e.NewPacketWriter(1400)
			r := e.NewPacketReader()
			for range 200 {
				w.Reset()
				w.Add((&wire.Nack{SeqNo: 1}).Append(nil))
				packet, err := w.Seal(false)
				if err != nil || r.Read(packet, func(wire.Type, []byte) {}) != nil {
					t.Error("a packet went wrong")
				}
			}
		})
	}
	first := ring.Keys()[0]
	for range 50 {
		require.NoError(t, ring.Add(other))
		require.NoError(t, ring.Use(other))
		require.NoError(t, ring.Use(first))
	}
	wg.Wait()
}
