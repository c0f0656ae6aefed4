package sts

import (
	"net"
	"net/http"
)

// Serve answers on a free port of 127.0.0.1 until stop is called.
func (s *STS) Serve() (host string, stop func(), err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	server := &http.Server{Handler: s}
	go server.Serve(l)
	return l.Addr().String(), func() { server.Close() }, nil
}
