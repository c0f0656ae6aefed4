//go:build !linux

package scf

import "syscall"

func dieWithParent() *syscall.SysProcAttr { return nil }
