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

// playHosts plays two hosts of the cloud: the bucket's own, which links and the SDKs name, and api.example.com, the
// function's in the documents. It returns the ports for https and http; a page that came by http has its SDK use that.
func playHosts(t *testing.T, s *cloud.Local) (https, plain string) {
	t.Helper()
	gateway, err := url.Parse(s.Gateway)
	if err != nil {
		t.Fatal(err)
	}
	function := httputil.NewSingleHostReverseProxy(gateway)
	hosts := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "api.example.com" {
			function.ServeHTTP(w, r)
		} else {
			s.COS.ServeHTTP(w, r)
		}
	})
	secure, insecure := httptest.NewUnstartedServer(hosts), httptest.NewServer(hosts)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // a browser has connections of its own that mean nothing
	secure.StartTLS()
	t.Cleanup(secure.Close)
	t.Cleanup(insecure.Close)
	port := func(address string) string { return address[strings.LastIndexByte(address, ':')+1:] }
	return port(secure.URL), port(insecure.URL)
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
