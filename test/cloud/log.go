package cloud

import (
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"
)

// log writes what happens for a person to read: a line for each request, and what the function logs, as it is.
type log struct {
	mu sync.Mutex
	to io.Writer
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.to.Write(p)
}

// requests writes a line for each request to h, but for a preflight that went well. It leaves the query out: presigned
// URLs have signatures there.
func (l *log) requests(to string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &watched{w, 200}
		defer func() { // also when the connection is cut on purpose
			if r.Method == http.MethodOptions && seen.status < 300 {
				return
			}
			fmt.Fprintf(l, "%s  %-8s  %d  %-7s %s  %.1f ms\n", began.Format(time.TimeOnly), to, seen.status, r.Method,
				r.URL.EscapedPath(), time.Since(began).Seconds()*1000)
		}()
		h.ServeHTTP(seen, r)
	})
}

// watched keeps the status of an answer.
type watched struct {
	http.ResponseWriter
	status int
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Unwrap lets COS flush and hijack.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
