package main

import (
	"syscall"
	"time"
	"unsafe"
)

// What the platform does to an instance between two requests.
const freeze, thaw = syscall.SIGSTOP, syscall.SIGCONT

// dieWithParent has the kernel end the process when this one is killed before it could.
func dieWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}

// cpu is the processor time of the process so far, all threads together: clock_gettime(2) of its clock; 0 if it fails.
func (p *process) cpu() time.Duration {
	var t syscall.Timespec
	clock := ^p.cmd.Process.Pid<<3 | 2 // CPUCLOCK_SCHED of a process; see clock_getcpuclockid(3)
	_, _, _ = syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&t)), 0)
	return time.Duration(t.Nano())
}
