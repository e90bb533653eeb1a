package external

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/swimlab/swimlab/experiments/trial"
)

// request is one line to the program: one of its fields.
type request struct {
	Check *trial.Spec `json:"check,omitempty"`
	Run   *trial.Spec `json:"run,omitempty"`
}

// answer is one line from the program.
type answer struct {
	Observations *trial.Observations `json:"observations,omitempty"`
	Error        *problem            `json:"error,omitempty"`
}

// problem is an error on its way between two processes.
type problem struct {
	Key     string `json:"key,omitempty"`
	Message string `json:"message"`
	Want    string `json:"want,omitempty"`
}

func problemOf(err error) *problem {
	var key *trial.KeyError
	if !errors.As(err, &key) {
		return &problem{Message: err.Error()}
	}
	bare := *key
	bare.Key, bare.Want = "", ""
	message := bare.Error()
	return &problem{Key: key.Key, Message: message[len(": "):], Want: key.Want}
}

func (p *problem) err() error {
	if p.Key == "" {
		return errors.New(p.Message)
	}
	return &trial.KeyError{Key: p.Key, Err: errors.New(p.Message), Want: p.Want}
}

// Serve is a program's half: it answers the requests on in until they end. check
// says whether a trial could run, with a *trial.KeyError where a key is to blame.
func Serve(in io.Reader, out io.Writer, check func(trial.Spec) error, run func(trial.Spec) (trial.Observations, error)) error {
	requests := json.NewDecoder(bufio.NewReader(in))
	answers := json.NewEncoder(out)
	for {
		var r request
		switch err := requests.Decode(&r); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("a request could not be read: %w", err)
		}
		var a answer
		switch {
		case r.Check != nil:
			if err := check(*r.Check); err != nil {
				a.Error = problemOf(err)
			}
		case r.Run != nil:
			seen, err := run(*r.Run)
			if err != nil {
				a.Error = problemOf(err)
			} else {
				a.Observations = &seen
			}
		default:
			a.Error = &problem{Message: "the request is neither check nor run"}
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}
