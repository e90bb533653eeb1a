package nb

import (
	"encoding/gob"
	"fmt"
	"os"
	"sync"
	"time"
)

// GoNB reads a stream of gobs from the named pipe in GONB_PIPE and answers on
// the one in GONB_PIPE_BACK. Its package gonbui speaks that protocol; these few
// types, which gob matches by field name, spare the module the dependency.

// displayData is gonbui/protocol.DisplayData: contents by media type.
type displayData struct {
	Data      map[string]any
	Metadata  map[string]any
	DisplayID string
}

// commValue is gonbui/protocol.CommValue. It asks for an acknowledgement.
type commValue struct {
	Address string
	Request bool
	Value   any
}

func init() {
	// The name under which GoNB registers its type.
	gob.RegisterName("github.com/janpfeifer/gonb/gonbui/protocol.CommValue", commValue{})
}

// gonb holds the pipes of the running cell, opened with the first picture.
var gonb struct {
	sync.Mutex
	enc    *gob.Encoder
	dec    *gob.Decoder
	synced int
	broken bool
}

// acknowledgement bounds how long a cell waits for GoNB.
const acknowledgement = 10 * time.Second

// sendToGoNB shows content and waits until GoNB has taken it, because GoNB
// closes the pipe, read or not, as soon as the cell's program ends.
func sendToGoNB(pipe, media, content string) {
	gonb.Lock()
	defer gonb.Unlock()
	if gonb.broken {
		return
	}
	if err := send(pipe, media, content); err != nil {
		gonb.broken = true
		fmt.Fprintf(os.Stderr, "cannot show a picture in the notebook: %v\n", err)
	}
}

func send(pipe, media, content string) error {
	if gonb.enc == nil {
		w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err != nil {
			return err
		}
		r, err := os.OpenFile(os.Getenv("GONB_PIPE_BACK"), os.O_RDONLY, 0)
		if err != nil {
			return err
		}
		gonb.enc, gonb.dec = gob.NewEncoder(w), gob.NewDecoder(r)
	}
	if err := gonb.enc.Encode(displayData{Data: map[string]any{media: content}}); err != nil {
		return err
	}
	gonb.synced++
	ask := commValue{Address: "#gonbui/sync", Value: gonb.synced}
	if err := gonb.enc.Encode(displayData{Data: map[string]any{"gonb/comm_value": ask}}); err != nil {
		return err
	}
	answer := make(chan error, 1)
	go func() {
		for {
			var v commValue
			if err := gonb.dec.Decode(&v); err != nil {
				answer <- err
				return
			}
			if v.Address == "#gonbui/sync_ack" {
				answer <- nil
				return
			}
		}
	}()
	select {
	case err := <-answer:
		return err
	case <-time.After(acknowledgement):
		return fmt.Errorf("no acknowledgement within %v", acknowledgement)
	}
}
