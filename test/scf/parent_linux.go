package scf

import "syscall"

// dieWithParent has the kernel end the function when a test run is killed before it could.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
