package lab

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFoldersComeByYearAndThoseWithoutOneLast(t *testing.T) {
	folders := []string{"agreement", "currey2019", "joining", "ledlie2007", "attacks2006", "2004", "swim2002"}
	slices.SortFunc(folders, compareFolders)
	assert.Equal(t, []string{"swim2002", "attacks2006", "ledlie2007", "currey2019", "2004", "agreement", "joining"}, folders)
}

func TestAFolderIsCalledAsItsREADMEIs(t *testing.T) {
	root := t.TempDir()
	at := filepath.Join(root, "experiments", "mine2026")
	require.NoError(t, os.MkdirAll(at, 0o755))
	assert.Equal(t, "mine2026", folderTitle(root, "mine2026"), "without a README")
	require.NoError(t, os.WriteFile(filepath.Join(at, "README.md"), []byte("<!-- a note -->\n# Mine, 2026\n\n## Questions\n"), 0o644))
	assert.Equal(t, "Mine, 2026", folderTitle(root, "mine2026"))
}
