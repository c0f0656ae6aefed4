// Package terminal is a terminal that nobody sits at.
package terminal

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"
)

// open returns the terminal, and the screen, from which what was written to the terminal is read. Both are to be
// closed. https://man7.org/linux/man-pages/man4/pts.4.html
func open() (screen, terminal *os.File, err error) {
	if screen, err = os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	var number, unlocked int32
	for request, value := range map[uintptr]*int32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlocked} {
		_, _, failed := syscall.Syscall(syscall.SYS_IOCTL, screen.Fd(), request, uintptr(unsafe.Pointer(value)))
		if failed != 0 {
			screen.Close()
			return nil, nil, failed
		}
	}
	if terminal, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0); err != nil {
		screen.Close()
	}
	return screen, terminal, err
}

// Shown is what appears on a screen when write writes to its terminal: some hundred bytes, for nobody reads meanwhile.
func Shown(write func(to *os.File)) (string, error) {
	screen, terminal, err := open()
	if err != nil {
		return "", err
	}
	defer screen.Close()
	write(terminal)
	terminal.Close()
	var all []byte
	for {
		part := make([]byte, 4096)
		n, err := screen.Read(part)
		all = append(all, part[:n]...)
		if err != nil { // EIO: the terminal is closed
			return string(all), nil
		}
	}
}
