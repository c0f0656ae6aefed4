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

// cpu is the processor time of the process so far, all threads together, to the nanosecond: clock_gettime of its CPU clock.
func (p *process) cpu() time.Duration {
	var t syscall.Timespec
	clock := ^p.cmd.Process.Pid<<3 | 2 // CPUCLOCK_SCHED of a process; see clock_getcpuclockid(3)
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&t)), 0); errno != 0 {
		return 0
	}
	return time.Duration(t.Nano())
}
