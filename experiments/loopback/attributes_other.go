//go:build !linux

package loopback

import "syscall"

// attributes are none here: a member ends when its input does.
func attributes() *syscall.SysProcAttr { return nil }
