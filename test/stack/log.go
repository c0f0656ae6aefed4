package stack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// log writes what happens for a person to read: one line for each request, with what the function logged about it.
type log struct {
	mu      sync.Mutex
	to      io.Writer
	pending sync.WaitGroup // lines that are still to come
}

func newLog(to io.Writer) *log {
	if to == nil {
		to = io.Discard
	}
	return &log{to: to}
}

func (l *log) wait() { l.pending.Wait() }

func (l *log) print(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.printLocked(format, args...)
}

func (l *log) printLocked(format string, args ...any) {
	fmt.Fprintf(l.to, time.Now().Format("15:04:05  ")+format+"\n", args...)
}

// line is what is read of the function's line of a request.
type line struct {
	Msg    string
	Level  string
	Grant  string
	Cached bool
	Code   string
	Reason string
}

// function writes the line of a request to the function (but a preflight), and whatever else the instance has logged by then. The answer
// overtakes the log, so this waits a little, and nobody waits for this.
func (l *log) function(i *instance, id string, r *http.Request, status int, took time.Duration) {
	if l.to == io.Discard || r.Method == http.MethodOptions && status < 300 {
		return
	}
	method, path := r.Method, r.URL.EscapedPath()
	l.pending.Go(func() {
		var said line
		if i != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			text, _ := i.Log.Wait(ctx, id)
			cancel()
			json.Unmarshal([]byte(text), &said)
		}
		l.mu.Lock()
		defer l.mu.Unlock()
		l.rest(i)
		l.printLocked("function  %d  %-7s %s  %s", status, method, path, said.short(took))
	})
}

func (s line) short(took time.Duration) string {
	words := []string{fmt.Sprintf("%.1f ms", took.Seconds()*1000)}
	if s.Cached {
		words = append(words, "cached key")
	}
	if s.Grant != "" {
		words = append(words, "grant "+s.Grant)
	}
	if s.Code != "" {
		words = append(words, s.Code+": "+s.Reason)
	}
	return strings.Join(words, ", ")
}

// rest writes what an instance logged that belongs to no request: problems of the configuration above all.
func (l *log) rest(i *instance) {
	if i == nil {
		return
	}
	lines := i.Log.Lines()
	for _, text := range lines[min(i.shown, len(lines)):] {
		var said struct {
			line
			Problem string
		}
		if err := json.Unmarshal([]byte(text), &said); err == nil && said.Msg == "request" {
			continue
		} else if err == nil && said.Problem != "" {
			text = said.Msg + ": " + said.Problem
		}
		l.printLocked("function  %s", text)
	}
	i.shown = len(lines)
}

var errorCode = regexp.MustCompile(`<Code>(\w+)</Code>`)

// cos writes a line for each request to COS but preflights. It leaves the query out: presigned URLs have signatures there.
func (l *log) cos(h http.Handler) http.Handler {
	if l.to == io.Discard {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &watched{ResponseWriter: w, status: 200}
		method, path := r.Method, r.URL.EscapedPath()
		defer func() { // also when the connection is cut on purpose
			if method == http.MethodOptions && seen.status < 300 {
				return
			}
			said := fmt.Sprintf("%.1f ms", time.Since(began).Seconds()*1000)
			if m := errorCode.FindSubmatch(seen.head.Bytes()); m != nil {
				said += ", " + string(m[1])
			}
			l.print("cos       %d  %-7s %s  %s", seen.status, method, path, said)
		}()
		h.ServeHTTP(seen, r)
	})
}

// watched keeps the status of an answer, and the start of an error.
type watched struct {
	http.ResponseWriter
	status int
	head   bytes.Buffer
}

func (w *watched) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

func (w *watched) Write(p []byte) (int, error) {
	if room := 512 - w.head.Len(); w.status >= 400 && room > 0 {
		w.head.Write(p[:min(room, len(p))])
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets COS flush and hijack.
func (w *watched) Unwrap() http.ResponseWriter { return w.ResponseWriter }
