package lab

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func fingerprint(t *testing.T, protocol string, change func(fstest.MapFS)) string {
	t.Helper()
	tree := diceCode()
	if change != nil {
		change(tree)
	}
	code, err := ReadCode(tree)
	require.NoError(t, err)
	f, err := code.Fingerprint(protocol)
	require.NoError(t, err)
	return f
}

func replaceIn(name, old, text string) func(fstest.MapFS) {
	return func(tree fstest.MapFS) {
		tree[name] = &fstest.MapFile{Data: []byte(strings.Replace(string(tree[name].Data), old, text, 1))}
	}
}

func TestCommentsAndLayoutRerunNothing(t *testing.T) {
	before := fingerprint(t, "dice", nil)
	for name, change := range map[string]func(fstest.MapFS){
		"a comment":           replaceIn("dice/dice.go", "func Throw", "// Throw throws.\n//\n// Twice.\nfunc Throw"),
		"a comment inside":    replaceIn("dice/dice.go", "{ return", "{\n\t// why\n\treturn"),
		"layout":              replaceIn("dice/dice.go", "{ return die.Throw() }", "{\n\n\treturn die.Throw()\n}"),
		"a test":              replaceIn("dice/x_test.go", "package dice", "package dice\n\nvar x = 1"),
		"another protocol":    replaceIn("swim/swim.go", "package swim", "package swim\n\nvar x = 1"),
		"an unrelated module": replaceIn("go.mod", "require", "require example.org/other v1.0.0\nrequire"),
	} {
		assert.Equal(t, before, fingerprint(t, "dice", change), name)
	}
}

func TestCodeThatTrialsRunRerunsThem(t *testing.T) {
	before := fingerprint(t, "dice", nil)
	for name, change := range map[string]func(fstest.MapFS){
		"a statement":         replaceIn("dice/dice.go", "die.Throw()", "die.Throw() + 1"),
		"a name":              replaceIn("dice/dice.go", "func Throw", "func Toss"),
		"a text":              replaceIn("dice/dice.go", "package dice", "package dice\n\nconst s = `a\n b`"),
		"a new file":          func(tree fstest.MapFS) { tree["dice/more.go"] = &fstest.MapFile{Data: []byte("package dice\n")} },
		"a used module":       replaceIn("go.mod", "v1.2.3", "v1.2.4"),
		"a shared dependency": func(tree fstest.MapFS) { tree["world/w.go"] = &fstest.MapFile{Data: []byte("package world\n")} },
	} {
		assert.NotEqual(t, before, fingerprint(t, "dice", change), name)
	}
	assert.NotEqual(t, fingerprint(t, "swim", nil), fingerprint(t, "swim", replaceIn("swim/swim.go", "package swim", "package swim\n\nvar x = 1")))
}

func TestCodeThatIsNotGoIsRefused(t *testing.T) {
	tree := diceCode()
	tree["dice/bad.go"] = &fstest.MapFile{Data: []byte("package dice\n\nvar s = 'ab\n")}
	_, err := ReadCode(tree)
	assert.ErrorContains(t, err, "dice/bad.go:3")
}
