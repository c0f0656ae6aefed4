package test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"cos-credentials/test/cloud"
)

// httpsHosts plays two hosts of the cloud for who speaks https: the bucket's own, which links and the SDKs name, and
// api.example.com, the function's in the documents. It returns its port.
func httpsHosts(t *testing.T, s *cloud.Local) string {
	t.Helper()
	gateway, err := url.Parse(s.Gateway)
	if err != nil {
		t.Fatal(err)
	}
	function := httputil.NewSingleHostReverseProxy(gateway)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "api.example.com" {
			function.ServeHTTP(w, r)
		} else {
			s.COS.ServeHTTP(w, r)
		}
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // a browser has connections of its own that mean nothing
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL[strings.LastIndexByte(server.URL, ':')+1:]
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
