package cloud

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

// Ports are the four that the local cloud listens on. 0 is any free one.
type Ports struct{ Page, Gateway, COS, STS int }

// PortError is a port that can't be had.
type PortError struct {
	Port int
	For  string
	Err  error
}

func (e *PortError) Error() string {
	if errors.Is(e.Err, syscall.EADDRINUSE) {
		return fmt.Sprintf("port %d, which %s needs, is in use by another program", e.Port, e.For)
	}
	return fmt.Sprintf("port %d, which %s needs, can't be had: %v", e.Port, e.For, e.Err)
}

func (e *PortError) Unwrap() error { return e.Err }

// listen opens all four, in the order of the struct, or none.
func (p Ports) listen() ([]net.Listener, error) {
	var out []net.Listener
	for _, want := range []struct {
		port int
		what string
	}{{p.Page, "the page"}, {p.Gateway, "the function's gateway"}, {p.COS, "COS"}, {p.STS, "STS"}} {
		l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(want.port)))
		if err != nil {
			for _, opened := range out {
				opened.Close()
			}
			return nil, &PortError{want.port, want.what, err}
		}
		out = append(out, l)
	}
	return out, nil
}
