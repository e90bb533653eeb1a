package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const unrecorded = `{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [
  {"cell_type": "code", "execution_count": null, "id": "sum", "metadata": {}, "outputs": [], "source": "import \"fmt\"\n%%\nfmt.Println(1 + 1)"}
]}`

// TestANotebookIsCheckedRecordedAndCheckedAgain runs the command as a user would.
func TestANotebookIsCheckedRecordedAndCheckedAgain(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.org/empty\n\ngo 1.26\n"), 0o644))
	require.NoError(t, os.Mkdir(filepath.Join(dir, "notebooks"), 0o755))
	path := filepath.Join(dir, "notebooks", "sum.ipynb")
	require.NoError(t, os.WriteFile(path, []byte(unrecorded), 0o644))
	t.Chdir(dir)

	repro := func(args ...string) (string, error) {
		cmd := newNotebooksCommand()
		var out bytes.Buffer
		cmd.SetOut(&out)
		cmd.SetErr(&out)
		cmd.SetArgs(args)
		err := cmd.ExecuteContext(t.Context())
		return out.String(), err
	}

	out, err := repro()
	assert.EqualError(t, err, "1 of 1 notebooks are not as recorded")
	assert.Contains(t, out, "changed  notebooks/sum.ipynb")
	assert.Contains(t, out, "cell 1 (id sum): execution count 0 recorded, 1 now")
	kept, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, unrecorded, string(kept), "without --write the file stays as it was")

	out, err = repro("--write")
	require.NoError(t, err)
	assert.Contains(t, out, "written  notebooks/sum.ipynb")

	out, err = repro("notebooks/sum.ipynb")
	require.NoError(t, err)
	assert.Contains(t, out, "ok       notebooks/sum.ipynb")

	_, err = repro("notebooks/sum.ipynb", "notebooks/absent.ipynb")
	assert.ErrorContains(t, err, "notebooks/absent.ipynb: no such file")
	out, err = repro("--timeout", "1ns")
	require.Error(t, err)
	assert.Contains(t, out, "failed ")
}
