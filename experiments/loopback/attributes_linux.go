package loopback

import "syscall"

// attributes have the kernel kill the process with its parent, even if it is stopped
// then; and keep it out of the terminal's group, so that Ctrl-C is the parent's alone.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
}
