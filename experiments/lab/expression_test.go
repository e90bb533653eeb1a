package lab

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLevelsAreWrittenBare(t *testing.T) {
	for source, want := range map[string]string{
		`where(x, {variant: basic})`:                         `where(x, {variant: "basic"})`,
		`where(x, {members: 28})`:                            `where(x, {members: 28})`,
		`where(x, {members: 28, variant: basic})`:            `where(x, {members: 28, variant: "basic"})`,
		`where(x, {space: 2d_height, dataset: king-1740})`:   `where(x, {space: "2d_height", dataset: "king-1740"})`,
		`where(x, {variant: [basic, infection, suspicion]})`: `where(x, {variant: ["basic", "infection", "suspicion"]})`,
		`where(x, {loss: 0.05, height: true})`:               `where(x, {loss: 0.05, height: true})`,
		`where(x, {loss: 1e-3})`:                             `where(x, {loss: 1e-3})`,
		`where(x, {variant: "basic", members: [8, 16]})`:     `where(x, {variant: "basic", members: [8, 16]})`,
		`where(x, {dataset: synthetic-internet:512:7})`:      `where(x, {dataset: "synthetic-internet:512:7"})`,
	} {
		assert.Equal(t, want, quoteLevels(source))
	}
}
