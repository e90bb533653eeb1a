package provenance_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/swimlab/swimlab/internal/provenance"
)

var record = provenance.Record{
	Experiment: "swim2002/fig3a", Version: 1, Profile: "standard", Seeds: "1-200",
	Key:  "0f3a9c21d4e7b8a6ffff",
	More: []provenance.Field{{Name: "dataset", Value: "king\nof 2004"}, {Name: "nothing", Value: ""}},
}

func TestLineIsShortSmallPrint(t *testing.T) {
	assert.Equal(t, "swim2002/fig3a v1 · standard · seeds 1-200 · key 0f3a9c21d4e7 · dataset king\nof 2004", record.Line())
	assert.Empty(t, provenance.Record{}.Line())
}

func TestCommentsStayInTheirLines(t *testing.T) {
	assert.Equal(t, "# experiment: swim2002/fig3a\n# version: 1\n# profile: standard\n# seeds: 1-200\n# key: 0f3a9c21d4e7b8a6ffff\n# dataset: king of 2004\n", record.Comments())
}
