// Package notebooks_test executes every notebook of this folder.
package notebooks_test

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab/internal/notebook"
)

// TestNotebooksShowWhatIsRecorded fails when a cell fails, or prints or draws
// something else than its notebook holds. "repro notebooks --write" records anew.
func TestNotebooksShowWhatIsRecorded(t *testing.T) {
	paths, err := filepath.Glob("*.ipynb")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(path, func(t *testing.T) {
			recorded, err := notebook.Read(path)
			require.NoError(t, err)
			produced, err := notebook.Run(t.Context(), "..", ".", recorded)
			require.NoError(t, err)
			assert.Empty(t, notebook.Diff(recorded, produced))
			saved, err := recorded.Encode()
			require.NoError(t, err)
			fresh, err := produced.Encode()
			require.NoError(t, err)
			assert.Equal(t, string(saved), string(fresh))
		})
	}
}
