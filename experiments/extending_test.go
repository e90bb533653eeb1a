package experiments_test

import (
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheWorkedExampleWorks does what EXTENDING.md says, in a copy of the
// repository: it writes the files, makes the edits, builds repro and runs the commands. A block of the page with a path
// behind its language is a file, or the edit of one; of a block of commands the lines without $ are parts
// of what the command before them prints, in this order.
func TestTheWorkedExampleWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("builds repro several times")
	}
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("the page's commands are for a shell")
	}
	follow(t, true)
}

// TestTheWorkedExampleFitsTheCode is the quick half of it: every edit of the page
// finds its lines.
func TestTheWorkedExampleFitsTheCode(t *testing.T) { follow(t, false) }

// follow writes the page's files and makes its edits, and runs its commands if so
// asked.
func follow(t *testing.T, run bool) {
	page, err := os.ReadFile("EXTENDING.md")
	require.NoError(t, err)
	w := &walk{T: t, root: t.TempDir()}
	w.copyRepository("..")
	for _, b := range blocksOf(string(page)) {
		switch {
		case b.language == "console" && run:
			w.run(b)
		case b.language == "console":
		case b.path == "":
			t.Fatalf("EXTENDING.md, line %d: a block of %s without a path; want one, or commands", b.line, b.language)
		case b.language == "diff":
			w.edit(b)
		default:
			w.write(b)
		}
	}
}

// block is one fenced block of a page.
type block struct {
	language, path string
	line           int // of the fence
	lines          []string
}

var fence = regexp.MustCompile("^```(\\w*) ?(.*)$")

func blocksOf(page string) (blocks []block) {
	var open *block
	for i, line := range strings.Split(page, "\n") {
		m := fence.FindStringSubmatch(line)
		switch {
		case m != nil && open != nil:
			blocks = append(blocks, *open)
			open = nil
		case m != nil:
			open = &block{language: m[1], path: m[2], line: i + 1}
		case open != nil:
			open.lines = append(open.lines, line)
		}
	}
	return blocks
}

// walk is the copy of the repository in which the page is followed.
type walk struct {
	*testing.T
	root  string
	stale bool // the sources have changed since repro was built
}

// copyRepository takes the code and what it embeds along, and no experiments but
// those of the page.
func (w *walk) copyRepository(from string) {
	skipped := map[string]bool{".git": true, ".repro": true, "report": true, "paper": true, "notebooks": true} // at the root
	require.NoError(w, filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		definition, _ := filepath.Match("experiments/*/*.yaml", filepath.ToSlash(name))
		switch {
		case entry.IsDir() && (skipped[name] || entry.Name() == "recorded" || entry.Name() == "testdata"):
			return filepath.SkipDir
		case skipped[name]: // as .git is in a worktree
			return nil
		case entry.IsDir():
			return os.MkdirAll(filepath.Join(w.root, name), 0o755)
		case !entry.Type().IsRegular() || definition || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(w.root, name), data, 0o644)
	}))
	w.stale = true
}

func (w *walk) write(b block) {
	path := filepath.Join(w.root, filepath.FromSlash(b.path))
	require.NoFileExists(w, path)
	require.NoError(w, os.MkdirAll(filepath.Dir(path), 0o755))
	require.NoError(w, os.WriteFile(path, []byte(strings.Join(b.lines, "\n")+"\n"), 0o644))
	w.stale = w.stale || filepath.Ext(path) == ".go"
}

// edit applies a change: the lines that begin with a space or a minus must be in the
// file, once, one after the other, and are replaced by those with a space or a plus.
func (w *walk) edit(b block) {
	var before, after []string
	for _, line := range b.lines {
		require.NotEmpty(w, line, "line %d: an empty line in an edit", b.line)
		mark, text := line[0], line[1:]
		require.Contains(w, " -+", string(mark), "line %d: %s", b.line, line)
		if mark != '+' {
			before = append(before, text)
		}
		if mark != '-' {
			after = append(after, text)
		}
	}
	path := filepath.Join(w.root, filepath.FromSlash(b.path))
	data, err := os.ReadFile(path)
	require.NoError(w, err)
	old, fresh := "\n"+strings.Join(before, "\n")+"\n", "\n"+strings.Join(after, "\n")+"\n"
	require.Equal(w, 1, strings.Count(string(data), old), "EXTENDING.md, line %d: %s must hold, once:%s", b.line, b.path, old)
	require.NoError(w, os.WriteFile(path, []byte(strings.Replace(string(data), old, fresh, 1)), 0o644))
	w.stale = w.stale || filepath.Ext(path) == ".go"
}

// run runs the commands of a block, in a shell in which repro is built from the copy.
func (w *walk) run(b block) {
	if w.stale {
		w.command("go build -o .repro/bin/ ./cmd/repro", b.line)
		w.stale = false
	}
	for i := 0; i < len(b.lines); i++ {
		command, is := strings.CutPrefix(b.lines[i], "$ ")
		require.True(w, is, "line %d: %s", b.line+1+i, b.lines[i])
		at := b.line + 1 + i
		printed := w.command(command, at)
		rest := printed
		for i+1 < len(b.lines) && !strings.HasPrefix(b.lines[i+1], "$ ") {
			i++
			_, after, found := strings.Cut(rest, b.lines[i])
			require.True(w, found, "EXTENDING.md, line %d: %s\nis to print, after what is above it:\n%s\nand printed:\n%s", at, command, b.lines[i], printed)
			rest = after
		}
	}
}

// command runs one command and returns what it printed, problems first.
func (w *walk) command(command string, line int) string {
	fails := strings.HasPrefix(command, "! ")
	cmd := exec.CommandContext(w.Context(), "sh", "-c", strings.TrimPrefix(command, "! "))
	cmd.Dir = w.root
	cmd.Env = append(os.Environ(), "REPRO_DATASETS=", "XDG_CACHE_HOME="+filepath.Join(w.root, ".cache"),
		"PATH="+filepath.Join(w.root, ".repro", "bin")+string(os.PathListSeparator)+os.Getenv("PATH"))
	for _, name := range []string{"GOCACHE", "GOMODCACHE"} { // which must not move with the cache
		value, err := exec.Command("go", "env", name).Output()
		require.NoError(w, err)
		cmd.Env = append(cmd.Env, name+"="+strings.TrimSpace(string(value)))
	}
	var out, problems strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	printed := problems.String() + out.String()
	if (err != nil) != fails {
		require.Fail(w, fmt.Sprintf("EXTENDING.md, line %d: %s: %v\n%s", line, command, err, printed))
	}
	if testing.Verbose() {
		w.Logf("$ %s\n%s", command, printed)
	}
	return printed
}
