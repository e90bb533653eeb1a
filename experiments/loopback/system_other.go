//go:build !unix

package loopback

import (
	"errors"
	"os"
	"time"
)

func stop(*os.Process) error {
	return errors.New("processes cannot be stopped on this system; want a Unix")
}
func resume(*os.Process) error { return nil }

func usage() (time.Duration, uint64) { return 0, 0 }
