package lab

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

// The counterparts of some cells have one of the wanted levels, whichever their
// own is, and their circumstances otherwise.
func TestCounterparts(t *testing.T) {
	_, p := diceLab(t, nil)
	named := func(cells []int) []string {
		var names []string
		for _, c := range cells {
			names = append(names, p.Name(p.Cells[c]))
		}
		return names
	}
	all := []int{0, 1, 2, 3, 4, 5}
	own := p.match(all, map[string][]string{"sides": {"2", "6"}, "variant": {"loaded"}})
	assert.Equal(t, []string{"sides=2 variant=loaded", "sides=6 variant=loaded"}, named(own))
	for _, c := range []struct {
		filter map[string][]string
		want   []string
	}{
		{map[string][]string{"variant": {"fair"}}, []string{"sides=2 variant=fair", "sides=6 variant=fair"}},
		{map[string][]string{"variant": {"fair", "loaded"}}, []string{"sides=2 variant=fair", "sides=2 variant=loaded", "sides=6 variant=fair", "sides=6 variant=loaded"}},
		{map[string][]string{"sides": {"4"}}, []string{"sides=4 variant=loaded"}},
		{map[string][]string{"sides": {"4"}, "variant": {"fair"}}, []string{"sides=4 variant=fair"}},
		{map[string][]string{"sides": {"5"}}, nil},
	} {
		assert.Equal(t, c.want, named(p.counterparts(own, c.filter)), "%v", c.filter)
	}
}
