package notebook

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const saved = `{
 "cells": [
  {
   "cell_type": "markdown",
   "id": "title",
   "metadata": {},
   "source": [
    "# a < b & c\n",
    "text"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": 1,
   "id": "code",
   "metadata": {
    "tags": []
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "hello\n"
     ]
    },
    {
     "data": {
      "image/svg+xml": [
       "<svg/>"
      ]
     },
     "metadata": {},
     "output_type": "display_data"
    },
    {
     "ename": "failed",
     "evalue": "exit status 1",
     "output_type": "error",
     "traceback": []
    }
   ],
   "source": [
    "%%\n",
    "println(1)"
   ]
  },
  {
   "cell_type": "code",
   "execution_count": null,
   "id": "new",
   "metadata": {},
   "outputs": [],
   "source": []
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "Go (gonb)",
   "language": "go",
   "name": "gonb"
  }
 },
 "nbformat": 4,
 "nbformat_minor": 5
}
`

func TestReadingAndWritingKeepsEveryByte(t *testing.T) {
	path := filepath.Join(t.TempDir(), "book.ipynb")
	require.NoError(t, os.WriteFile(path, []byte(saved), 0o644))
	n, err := Read(path)
	require.NoError(t, err)
	assert.Equal(t, "# a < b & c\ntext", n.Cells[0].Source)
	require.NoError(t, n.Write(path))
	again, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, saved, string(again))
	assert.Empty(t, Diff(n, n))
}

func TestReadRefusesWhatIsNoNotebook(t *testing.T) {
	for text, want := range map[string]string{
		`{`:                                    "not a notebook",
		`{"nbformat": 4, "shells": []}`:        `unknown field "shells"`,
		`{"nbformat": 4, "nbformat_minor": 4}`: "nbformat 4.4; want 4.5 or later",
		`{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code", "source": ""}]}`:                                         `cell 1: id ""; want 1 to 64 letters`,
		`{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "poem", "id": "a"}]}`:                                            `cell_type "poem"; want code, markdown or raw`,
		`{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code", "id": "a", "outputs": [{"output_type": "smell"}]}]}`:     `output_type "smell"; want`,
		`{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code", "id": "a"}, {"cell_type": "markdown", "id": "a"}]}`:      `cell 2: id "a" is also the id of cell 1`,
		`{"nbformat": 4, "nbformat_minor": 5, "cells": []} {}`:                                                                         "something follows the end",
		`{"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "markdown", "id": "a", "outputs": [], "source": ["no place"]}]}`: `unknown field "outputs"`,
	} {
		path := filepath.Join(t.TempDir(), "book.ipynb")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		_, err := Read(path)
		require.Error(t, err, text)
		assert.Contains(t, err.Error(), path)
		assert.Contains(t, err.Error(), want)
	}
}

func TestDiffNamesTheFirstDifference(t *testing.T) {
	was, now := bookOf("a", "b"), bookOf("a", "b")
	was.Cells[1].Outputs = []Output{{Kind: "stream", Name: "stdout", Text: "one\ntwo\n"}}
	assert.Equal(t, "cell 2 (id b): output 1 (stream) recorded, none now", Diff(was, now))
	assert.Equal(t, "cell 2 (id b): output 1 (stream) not recorded", Diff(now, was))
	now.Cells[1].Outputs = []Output{{Kind: "stream", Name: "stdout", Text: "one\nthree\n"}}
	assert.Equal(t, `cell 2 (id b): output 1: "two" recorded, "three" now`, Diff(was, now))
	now.Cells[0].Count = 1
	assert.Equal(t, "cell 1 (id a): execution count 0 recorded, 1 now", Diff(was, now))
}

func TestAnUnwritableFolderLeavesTheNotebookWhole(t *testing.T) {
	assert.Error(t, bookOf("a").Write(filepath.Join(t.TempDir(), "no", "such", "book.ipynb")))
}
