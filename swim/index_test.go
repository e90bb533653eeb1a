package swim

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

func TestIndexAgreesWithAMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var x index[int]
		m := map[ID]int{}
		// Handles that share a home, dense ones, and the largest.
		id := rapid.OneOf(rapid.Uint32Range(0, 40), rapid.Map(rapid.Uint32Range(0, 20), func(i uint32) uint32 { return i << 24 }), rapid.Just(uint32(Nobody-1)))
		t.Repeat(map[string]func(*rapid.T){
			"set": func(t *rapid.T) {
				i, v := ID(id.Draw(t, "id")), rapid.Int().Draw(t, "value")
				_, want := m[i]
				p, was := x.at(i)
				require.Equal(t, want, was)
				require.Equal(t, m[i], *p)
				*p, m[i] = v, v
			},
			"remove": func(t *rapid.T) {
				i := ID(id.Draw(t, "id"))
				x.remove(i)
				delete(m, i)
			},
			"": func(t *rapid.T) {
				require.Equal(t, len(m), x.used)
				for i, v := range m {
					got := x.get(i)
					require.NotNil(t, got, "%d", i)
					require.Equal(t, v, *got)
				}
				for i := range ID(41) {
					_, want := m[i]
					require.Equal(t, want, x.get(i) != nil, "%d", i)
				}
				require.Nil(t, x.get(Nobody))
			},
		})
	})
}
