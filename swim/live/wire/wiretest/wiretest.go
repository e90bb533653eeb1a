// Package wiretest gives tests what members once wrote, and what becomes of it in
// hostile hands.
package wiretest

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Recorded are the packets ("udp") or streams ("tcp") of the golden vectors in a
// folder, in the order of the files' names.
func Recorded(t *testing.T, golden, transport string) (all [][]byte) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(golden, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		b, err := os.ReadFile(file)
		require.NoError(t, err)
		var f struct {
			Vectors []struct{ Transport, Hex string } `json:"vectors"`
		}
		require.NoError(t, json.Unmarshal(b, &f))
		for _, v := range f.Vectors {
			if v.Transport == transport {
				b, err := hex.DecodeString(v.Hex)
				require.NoError(t, err)
				all = append(all, b)
			}
		}
	}
	return all
}

// Mangle changes, cuts, lengthens or repeats what was said, so many times.
func Mangle(rng *rand.Rand, b []byte, times int) []byte {
	b = bytes.Clone(b)
	for range times {
		switch at := rng.IntN(len(b)); rng.IntN(5) {
		case 0:
			b[at] = byte(rng.Uint32())
		case 1:
			b[at] ^= 1 << rng.IntN(8)
		case 2:
			b = b[:at+1]
		case 3:
			b = append(b, b[at:]...)
		case 4:
			b = append(b[:at:at], append([]byte{byte(rng.Uint32())}, b[at:]...)...)
		}
	}
	return b[:min(len(b), 9000)]
}
