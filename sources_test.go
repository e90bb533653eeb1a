package swimlab_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/swimlab/swimlab"
)

// A package that is imported but not listed would change what trials observe
// without changing their fingerprint.
func TestSourcesAreClosedUnderImports(t *testing.T) {
	const module = "github.com/swimlab/swimlab/"
	listed, imported := map[string]bool{}, map[string]string{}
	err := fs.WalkDir(swimlab.Sources, ".", func(name string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		text, err := swimlab.Sources.ReadFile(name)
		require.NoError(t, err)
		file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.ImportsOnly)
		require.NoError(t, err)
		listed[path.Dir(name)] = true
		for _, spec := range file.Imports {
			full, err := strconv.Unquote(spec.Path.Value)
			require.NoError(t, err)
			if folder, own := strings.CutPrefix(full, module); own {
				imported[folder] = name
			}
		}
		return nil
	})
	require.NoError(t, err)
	require.NotEmpty(t, listed)
	for folder, by := range imported {
		assert.True(t, listed[folder], "%s imports %s, which is not in Sources", by, folder)
	}
}
