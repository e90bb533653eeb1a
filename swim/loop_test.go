package swim_test

import (
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The example of a loop around a Node does what it says, in virtual time: its group
// confirms the one that crashed, each member once, and nobody else.
func TestTheExampleOfALoop(t *testing.T) {
	printed, write, err := os.Pipe()
	require.NoError(t, err)
	stdout := os.Stdout
	os.Stdout = write
	defer func() { os.Stdout = stdout }()

	synctest.Test(t, func(t *testing.T) { Example_eventLoop() })

	require.NoError(t, write.Close())
	text, err := io.ReadAll(printed)
	require.NoError(t, err)
	lines := slices.Sorted(strings.Lines(string(text)))
	assert.Equal(t, []string{"0 holds 3 for faulty\n", "1 holds 3 for faulty\n", "2 holds 3 for faulty\n", "4 holds 3 for faulty\n"}, lines)
}
