package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/swimlab/swimlab/datasets"
	"github.com/swimlab/swimlab/experiments/lab/toy"
	"github.com/swimlab/swimlab/experiments/trial"
)

// The scripts in testdata/script run repro as its users do, over a repository
// whose experiments throw dice, so that they take seconds.
func TestMain(m *testing.M) {
	dice := func(string, *datasets.Store) []trial.World { return []trial.World{toy.World{}} }
	testscript.Main(m, map[string]func(){
		"repro": func() { os.Exit(execute(os.Args[1:], os.Stdout, os.Stderr, dice)) },
	})
}

func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			slow, err := os.ReadFile("testdata/slow.yaml")
			if err != nil {
				return err
			}
			if err := os.WriteFile(filepath.Join(env.WorkDir, "slow.yaml"), slow, 0o644); err != nil {
				return err
			}
			return os.CopyFS(env.WorkDir, os.DirFS("testdata/repository"))
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"samefiles": sameFiles,
			"replace":   replaceText,
			"exits":     exits,
			"waitfor":   waitFor,
			"address":   address,
		},
	})
}

// sameFiles fails unless two folders hold the same files: samefiles a b
func sameFiles(ts *testscript.TestScript, neg bool, args []string) {
	a, b := files(ts, args[0]), files(ts, args[1])
	same := len(a) == len(b) && len(a) > 0
	for name, data := range a {
		if b[name] != data && !neg {
			ts.Fatalf("%s differs between %s and %s", name, args[0], args[1])
		}
		same = same && b[name] == data
	}
	if same == neg {
		ts.Fatalf("%s has %d files, %s has %d; same: %v", args[0], len(a), args[1], len(b), same)
	}
}

func files(ts *testscript.TestScript, dir string) map[string]string {
	found := map[string]string{}
	root := ts.MkAbs(dir)
	ts.Check(filepath.WalkDir(root, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".new-") {
			return err // a kill may leave a half-written file under its temporary name
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(root, path)
		found[name] = string(data)
		return err
	}))
	return found
}

// exits runs a command and compares its exit status: exits 2 repro all
func exits(ts *testscript.TestScript, _ bool, args []string) {
	status := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		status = failed.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if fmt.Sprint(status) != args[0] {
		ts.Fatalf("exit status %d; want %s", status, args[0])
	}
}

// replaceText changes a file: replace old new file
func replaceText(ts *testscript.TestScript, _ bool, args []string) {
	path := ts.MkAbs(args[2])
	before := ts.ReadFile(path)
	if !strings.Contains(before, args[0]) {
		ts.Fatalf("%s does not hold %q", args[2], args[0])
	}
	ts.Check(os.WriteFile(path, []byte(strings.Replace(before, args[0], args[1], 1)), 0o644))
}

// address waits until a command in the background has told of an address, and keeps it
// in $ADDRESS: address cluster
// With a text after it, it waits until the file holds that, too.
func address(ts *testscript.TestScript, _ bool, args []string) {
	for range 12000 {
		data, err := os.ReadFile(ts.MkAbs(args[0]))
		ready := len(args) < 2 || strings.Contains(string(data), args[1])
		if at := anAddress.FindString(string(data)); err == nil && at != "" && ready {
			ts.Setenv("ADDRESS", at)
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s never held an address", args[0])
}

var anAddress = regexp.MustCompile(`127\.0\.0\.1:\d+`)

// waitFor waits until a folder of results holds a number of trials: waitfor dir n
func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	wanted, err := strconv.Atoi(args[1])
	ts.Check(err)
	for range 12000 {
		found := 0
		cells, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*", "*.jsonl"))
		ts.Check(err)
		for _, cell := range cells {
			if data, err := os.ReadFile(cell); err == nil {
				found += strings.Count(string(data), `{"trial":`)
			}
		}
		if found >= wanted {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	ts.Fatalf("%s never held %d trials", args[0], wanted)
}
