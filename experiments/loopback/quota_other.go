//go:build !linux

package loopback

import (
	"errors"
	"time"
)

type quota struct{}

var errNoQuotas = errors.New("this system has no control groups; want Linux")

func quotasAvailable() error { return errNoQuotas }

func newQuota(int, time.Duration, time.Duration) (*quota, error) { return nil, errNoQuotas }

func (*quota) end() {}
