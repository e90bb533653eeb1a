package provenance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swimlab/swimlab/internal/provenance"
)

func TestIDsAreSafeInPathsAndAddresses(t *testing.T) {
	for _, id := range []string{"fig3a", "swim2002/fig3a", "a/b/c-d_e.f", "2d"} {
		assert.NoError(t, provenance.CheckID(id), id)
	}
	for _, id := range []string{"", "/fig", "fig/", "a//b", "../up", "a/../b", "a..b", ".hidden", "A", "fig 1", "fig\n", "é"} {
		assert.Error(t, provenance.CheckID(id), id)
	}
}

func TestLinesHaveNoControlCharacters(t *testing.T) {
	assert.NoError(t, provenance.CheckLine("λ·log n, “quoted” & <tagged>"))
	for _, s := range []string{"a\nb", "\x1b[31m", "\x00", "\x7f", "\u0085", "\xff"} {
		assert.Error(t, provenance.CheckLine(s), "%q", s)
	}
	assert.Equal(t, "a b", provenance.OneLine(" a\n\tb "))
}
