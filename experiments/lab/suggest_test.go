package lab

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestTheNearestNameIsOneThatWasMeant(t *testing.T) {
	known := []string{"members", "ping_req_members", "median_relative_error", "round_robin", "random", "swim2002/fig3a", "x"}
	for given, meant := range map[string]string{
		"membres":         "members",
		"ping_req_member": "ping_req_members",
		"fig3a":           "swim2002/fig3a",
		"swim2002/fgi3a":  "swim2002/fig3a",
		"median_error":    "median_relative_error",
		"round":           "round_robin",
		"rndom":           "random",
		"z":               "", // any letter is one edit away
		"loss":            "",
		"relative":        "",
	} {
		assert.Equal(t, meant, Nearest(given, known), given)
	}
	assert.Equal(t, "run", Nearest("rnu", []string{"run", "all", "why"}))
	assert.Equal(t, " (did you mean mean?)", meantFunction("average"))
	assert.Equal(t, " (did you mean median?)", meantFunction("medain"))
}
