//go:build !linux

package main

import (
	"syscall"
	"time"
)

// What measures needs Linux, and withStage says so before it comes here.
const freeze, thaw = syscall.SIGTERM, syscall.SIGTERM

func dieWithParent() *syscall.SysProcAttr { return nil }
func (p *process) cpu() time.Duration     { return 0 }
