package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// CellError is a cell that did not do what its notebook promises.
type CellError struct {
	Cell   int    // from 1, among the code cells
	ID     string // of the cell
	Reason string
	Detail string // the compiler's or the program's own words; may be empty
}

func (e *CellError) Error() string {
	msg := fmt.Sprintf("cell %d (id %s): %s", e.Cell, e.ID, e.Reason)
	if e.Detail != "" {
		msg += "\n" + strings.TrimRight(e.Detail, "\n")
	}
	return msg
}

// maxOutput bounds what one cell may print, in bytes.
const maxOutput = 8 << 20

// Run executes the notebook's code cells in order, each as a program inside
// the module whose root folder is module, with dir as working directory, and
// returns a copy that holds the outputs and execution counts.
//
// A cell that fails ends the run with a *CellError, unless it carries the tag
// "raises-exception" (nbformat's word for a failure on purpose), in which case
// it must fail. Run needs the go command on the PATH.
func Run(ctx context.Context, module, dir string, n *Notebook) (*Notebook, error) {
	module, err := filepath.Abs(module)
	if err != nil {
		return nil, err
	}
	b, err := assemble(module, n)
	if err != nil {
		return nil, err
	}
	bin, err := os.MkdirTemp("", "notebook-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(bin)
	if err := b.build(ctx, bin); err != nil {
		return nil, err
	}
	out := *n
	out.Cells = slices.Clone(n.Cells)
	for i, u := range b.units {
		cell := &out.Cells[u.index]
		cell.Count = i + 1
		cell.Outputs, err = b.run(ctx, bin, dir, u)
		if err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// unit is a code cell and its program. A cell that does not compile on purpose
// has the compiler's words in broken.
type unit struct {
	program
	index   int // in Notebook.Cells
	number  int // among the code cells, from 1
	id      string
	mayFail bool
	broken  string
}

func (u *unit) name() string { return fmt.Sprintf("cell%d", u.number) }

type book struct {
	module string // absolute
	units  []*unit
}

func assemble(module string, n *Notebook) (*book, error) {
	b := &book{module: module}
	var s session
	for i, c := range n.Cells {
		if c.Kind != "code" {
			continue
		}
		u := &unit{index: i, number: len(b.units) + 1, id: c.ID, mayFail: hasTag(c, "raises-exception")}
		var err error
		if u.program, err = s.add(u.number, c.Source); err != nil {
			return nil, &CellError{Cell: u.number, ID: c.ID, Reason: err.Error()}
		}
		b.units = append(b.units, u)
	}
	return b, nil
}

func hasTag(c Cell, tag string) bool {
	tags, _ := c.Metadata["tags"].([]any)
	return slices.Contains(tags, any(tag))
}

// build compiles all programs into bin with one go command. Only when that
// fails are they built one by one, to find the first cell to blame.
func (b *book) build(ctx context.Context, bin string) error {
	var together []*unit
	for i, u := range b.units {
		// A cell that only declares is compiled with the next cell that runs.
		if !u.mayFail && (u.main || i == len(b.units)-1) {
			together = append(together, u)
		}
	}
	output, err := b.goBuild(ctx, bin, together)
	if err != nil && output == "" {
		return err
	}
	alone := b.units
	if err == nil {
		alone = slices.DeleteFunc(slices.Clone(b.units), func(u *unit) bool { return !u.mayFail })
	}
	for _, u := range alone {
		output, err := b.goBuild(ctx, bin, []*unit{u})
		switch {
		case err == nil:
		case output == "":
			return err
		case u.mayFail:
			u.broken = output
		default:
			return &CellError{Cell: u.number, ID: u.id, Reason: "does not compile", Detail: output}
		}
	}
	return nil
}

// virtual is the folder, under the module's root, in which the go command is
// told to see the programs.
const virtual = "notebook_cells"

// goBuild builds units into bin. When the go command reports errors in them,
// its words are returned, with cells blamed.
func (b *book) goBuild(ctx context.Context, bin string, units []*unit) (output string, err error) {
	if len(units) == 0 {
		return "", nil
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	args := []string{"build", "-overlay", filepath.Join(bin, "overlay.json"), "-o", bin + string(filepath.Separator)}
	for _, u := range units {
		file := filepath.Join(bin, u.name()+".go")
		if err := os.WriteFile(file, []byte(u.source), 0o600); err != nil {
			return "", err
		}
		overlay.Replace[filepath.Join(b.module, virtual, u.name(), "main.go")] = file
		args = append(args, "./"+virtual+"/"+u.name())
	}
	listing, err := json.Marshal(overlay)
	if err != nil {
		return "", err
	}
	if err := os.WriteFile(filepath.Join(bin, "overlay.json"), listing, 0o600); err != nil {
		return "", err
	}
	var words bytes.Buffer
	cmd := exec.CommandContext(ctx, "go", args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = b.module, &words, &words
	err = cmd.Run()
	switch {
	case err == nil:
		return "", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, exec.ErrNotFound):
		return "", errors.New("no go command on the PATH; want the Go toolchain, which builds the cells")
	}
	var kept []string
	for line := range strings.Lines(words.String()) {
		if !strings.HasPrefix(line, "# ") { // the package's invented name
			kept = append(kept, blameCells(line))
		}
	}
	return strings.Join(kept, ""), err
}

// run executes one built cell and collects its outputs.
func (b *book) run(ctx context.Context, bin, dir string, u *unit) ([]Output, error) {
	var outputs []Output
	if u.prints != "" {
		outputs = append(outputs, Output{Kind: "stream", Name: "stdout", Text: u.prints})
	}
	if u.broken != "" {
		return append(outputs, Output{Kind: "error", ErrorName: "does not compile", ErrorValue: firstLine(u.broken), Traceback: strings.Split(strings.TrimSpace(u.broken), "\n")}), nil
	}
	var failure error
	if u.main {
		stdout, stderr := &bounded{}, &bounded{}
		cmd := exec.CommandContext(ctx, filepath.Join(bin, u.name()), u.args...)
		cmd.Dir, cmd.Stdout, cmd.Stderr = dir, stdout, stderr
		cmd.Env = append(append(os.Environ(), u.env...), "SWIMLAB_NOTEBOOK=1")
		failure = cmd.Run()
		if ctx.Err() != nil {
			return nil, &CellError{Cell: u.number, ID: u.id, Reason: "was stopped: " + context.Cause(ctx).Error()}
		}
		if stdout.full || stderr.full {
			return nil, &CellError{Cell: u.number, ID: u.id, Reason: fmt.Sprintf("printed more than %d bytes", maxOutput)}
		}
		shown, err := splitDisplays(outputs, stdout.String())
		if err != nil {
			return nil, &CellError{Cell: u.number, ID: u.id, Reason: err.Error()}
		}
		outputs = shown
		// What a panic says is kept; goroutines and addresses differ from run to run.
		said, _, _ := strings.Cut(stderr.String(), "\n\ngoroutine ")
		if said != "" {
			outputs = append(outputs, Output{Kind: "stream", Name: "stderr", Text: strings.TrimRight(blameCells(said), "\n") + "\n"})
		}
		if failure != nil {
			if !u.mayFail {
				return nil, &CellError{Cell: u.number, ID: u.id, Reason: failure.Error(), Detail: blameCells(stderr.String())}
			}
			return append(outputs, Output{Kind: "error", ErrorName: "failed", ErrorValue: failure.Error(), Traceback: []string{}}), nil
		}
	}
	if u.mayFail {
		return nil, &CellError{Cell: u.number, ID: u.id, Reason: `did not fail, though it is tagged "raises-exception"`}
	}
	return outputs, nil
}

func firstLine(s string) string {
	s, _, _ = strings.Cut(strings.TrimSpace(s), "\n")
	return s
}

// bounded is a buffer that refuses to grow beyond maxOutput, which ends the
// program that writes to it. It embeds no buffer: io.Copy would call that
// buffer's ReadFrom and pass by the bound.
type bounded struct {
	buf  bytes.Buffer
	full bool
}

func (b *bounded) Write(p []byte) (int, error) {
	if b.buf.Len()+len(p) > maxOutput {
		b.full = true
		return 0, errors.New("too much output")
	}
	return b.buf.Write(p)
}

func (b *bounded) String() string { return b.buf.String() }
