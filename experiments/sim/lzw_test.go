package sim

import (
	"bytes"
	"compress/lzw"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/swimlab/swimlab/swim"
)

// packed is what the standard library makes of a text.
func packed(tb require.TestingT, text []byte) []byte {
	var b bytes.Buffer
	w := lzw.NewWriter(&b, lzw.LSB, lzwLiteral)
	_, err := w.Write(text)
	require.NoError(tb, err)
	require.NoError(tb, w.Close())
	return b.Bytes()
}

const plenty = 1 << 30

func TestTheLengthIsThatOfTheStandardLibrarysOutput(t *testing.T) {
	var l lzwLength
	rapid.Check(t, func(t *rapid.T) {
		// Texts of all kinds between one letter and noise, strung together.
		var text []byte
		for range rapid.IntRange(0, 4).Draw(t, "parts") {
			letters := rapid.SampledFrom([]int{1, 2, 4, 16, 256}).Draw(t, "letters")
			n := rapid.SampledFrom([]int{1, 2, 30, 300, 3000, 9000}).Draw(t, "length")
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			for range n + rapid.IntRange(-1, 1).Draw(t, "more") {
				text = append(text, byte(rng.IntN(letters)))
			}
		}
		want := len(packed(t, text))
		if got := l.of(text, plenty); got != want {
			t.Fatalf("%d bytes of %d, want %d", got, len(text), want)
		}
		enough := rapid.IntRange(0, 2*want).Draw(t, "enough")
		if got := l.of(text, enough); (got < enough) != (want < enough) || got < enough && got != want {
			t.Fatalf("%d of %d where %d are enough", got, want, enough)
		}
	})
}

// The code widens and the dictionary overflows at lengths of a noise that depend on
// its repetitions: every length near them.
func TestTheLengthIsRightWhereCodesWidenAndRunOut(t *testing.T) {
	var l lzwLength
	rng := rand.New(rand.NewPCG(1, 1))
	noise := make([]byte, 4500)
	for i := range noise {
		noise[i] = byte(rng.Uint32())
	}
	for _, near := range []int{0, 256, 768, 1792, 3840, 4100} {
		for n := max(0, near-30); n < near+30; n++ {
			require.Equal(t, len(packed(t, noise[:n])), l.of(noise[:n], plenty), "%d bytes", n)
		}
	}
}

func TestTheTableStartsAnewWhenItsNumbersRunOut(t *testing.T) {
	text := []byte("to be or not to be or to be")
	l := lzwLength{text: 1<<lzwTextBits - 2}
	for range 4 {
		assert.Equal(t, len(packed(t, text)), l.of(text, plenty))
		assert.Less(t, l.text, uint64(1<<lzwTextBits))
	}
}

// neverShrinks is proven by the text that shrinks most, one letter over and over:
// each code stands for at most one byte more than the longest before it.
func TestTextsUpToNeverShrinksDoNot(t *testing.T) {
	var l lzwLength
	text := bytes.Repeat([]byte{'a'}, 100)
	for n := 1; n <= neverShrinks; n++ {
		assert.GreaterOrEqual(t, compressed(l.of(text[:n], plenty)), n)
	}
	assert.Less(t, compressed(l.of(text[:neverShrinks+1], plenty)), neverShrinks+1, "and one more does")
}

func BenchmarkLengthOfCompressed(b *testing.B) {
	for _, n := range []int{80, 700, 1400, 40_000} {
		text := someRows(n)
		b.Run(fmt.Sprintf("length only/%d", n), func(b *testing.B) {
			var l lzwLength
			b.SetBytes(int64(n))
			for b.Loop() {
				l.of(text, plenty)
			}
		})
		b.Run(fmt.Sprintf("standard library/%d", n), func(b *testing.B) {
			var counted countingWriter
			w, _ := lzw.NewWriter(&counted, lzw.LSB, lzwLiteral).(*lzw.Writer)
			b.SetBytes(int64(n))
			for b.Loop() {
				w.Reset(&counted, lzw.LSB, lzwLiteral)
				_, _ = w.Write(text)
				_ = w.Close()
			}
		})
	}
}

type countingWriter struct{ n int }

func (c *countingWriter) Write(b []byte) (int, error) { c.n += len(b); return len(b), nil }
func (c *countingWriter) WriteByte(byte) error        { c.n++; return nil }
func (c *countingWriter) Flush() error                { return nil }

// someRows is so many bytes of a list of Consul's members.
func someRows(n int) []byte {
	e := newEncoder(programs["consul-0.8"], true, maxNamed, nil)
	m := swim.Message{Kind: swim.Sync}
	for id := range maxNamed {
		m.Updates = append(m.Updates, swim.Update{Member: swim.ID(id), State: swim.Alive})
	}
	e.encode(0, &m)
	return e.plain[:n]
}
