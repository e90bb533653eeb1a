//go:build unix

package nb

import (
	"encoding/gob"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// printed returns what f writes to standard output.
func printed(t *testing.T, f func()) string {
	t.Helper()
	r, w, err := os.Pipe()
	require.NoError(t, err)
	saved := os.Stdout
	os.Stdout = w
	f()
	os.Stdout = saved
	require.NoError(t, w.Close())
	all, err := io.ReadAll(r)
	require.NoError(t, err)
	return string(all)
}

func TestWithoutANotebookALineSaysThereIsAPicture(t *testing.T) {
	t.Setenv("GONB_PIPE", "")
	t.Setenv("SWIMLAB_NOTEBOOK", "")
	assert.Equal(t, "[image/svg+xml, 6 bytes]\n", printed(t, func() { SVG("<svg/>") }))
}

func TestHeadlessAPictureIsMarkedOnStandardOutput(t *testing.T) {
	t.Setenv("GONB_PIPE", "")
	t.Setenv("SWIMLAB_NOTEBOOK", "1")
	assert.Equal(t, "\x1eshow text/html 8\n<b>x</b>\n", printed(t, func() { HTML("<b>x</b>") }))
}

// TestGoNBReceivesAndAcknowledges plays GoNB: it reads gobs from one named
// pipe and acknowledges on the other.
func TestGoNBReceivesAndAcknowledges(t *testing.T) {
	dir := t.TempDir()
	to, back := filepath.Join(dir, "to"), filepath.Join(dir, "back")
	require.NoError(t, syscall.Mkfifo(to, 0o600))
	require.NoError(t, syscall.Mkfifo(back, 0o600))
	t.Setenv("GONB_PIPE", to)
	t.Setenv("GONB_PIPE_BACK", back)

	shown := make(chan string, 2)
	go func() {
		r, _ := os.Open(to)
		w, _ := os.OpenFile(back, os.O_WRONLY, 0)
		dec, enc := gob.NewDecoder(r), gob.NewEncoder(w)
		for range 4 {
			var d displayData
			if dec.Decode(&d) != nil {
				return
			}
			if html, ok := d.Data["text/html"].(string); ok {
				shown <- html
				continue
			}
			ask := d.Data["gonb/comm_value"].(commValue)
			_ = enc.Encode(commValue{Address: "#gonbui/sync_ack", Value: ask.Value})
		}
	}()
	assert.Empty(t, printed(t, func() { SVG("<svg/>"); HTML("<b>x</b>") }))
	assert.Equal(t, "<div><svg/></div>", <-shown)
	assert.Equal(t, "<b>x</b>", <-shown)
}
