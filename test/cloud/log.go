package cloud

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
	fmt.Fprintf(l.to, time.Now().Format("15:04:05  ")+format+"\n", args...)
}

// request writes the line of a request, but for a preflight that went well. It leaves the query out: presigned URLs have
// signatures there.
func (l *log) request(to string, r *http.Request, status int, took time.Duration, words []string) {
	if r.Method == http.MethodOptions && status < 300 {
		return
	}
	said := strings.Join(append([]string{fmt.Sprintf("%.1f ms", took.Seconds()*1000)}, words...), ", ")
	l.print("%-8s  %d  %-7s %s  %s", to, status, r.Method, r.URL.EscapedPath(), said)
}

// line is what is read of a line that the function logs.
type line struct {
	Msg, Problem        string
	Grant, Code, Reason string
	Cached              bool
}

// function writes the line of a request to the function, and whatever else the instance has logged by then. The answer
// overtakes the log, so this waits a little, and nobody waits for this.
func (l *log) function(i *instance, id string, r *http.Request, status int, took time.Duration) {
	if l.to == io.Discard {
		return
	}
	l.pending.Go(func() {
		var said line
		if i != nil {
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			defer cancel()
			text, _ := i.Log.Wait(ctx, id)
			json.Unmarshal([]byte(text), &said)
			for _, other := range i.others() {
				l.print("function  %s", other)
			}
		}
		l.request("function", r, status, took, said.words())
	})
}

func (s line) words() (words []string) {
	if s.Cached {
		words = append(words, "cached key")
	}
	if s.Grant != "" {
		words = append(words, "grant "+s.Grant)
	}
	if s.Code != "" {
		words = append(words, s.Code+": "+s.Reason)
	}
	return words
}

// others is what an instance has logged, since this was asked last, that belongs to no request: problems of the
// configuration above all.
func (i *instance) others() (out []string) {
	i.mu.Lock()
	defer i.mu.Unlock()
	lines := i.Log.Lines()
	for _, text := range lines[min(i.shown, len(lines)):] {
		var said line
		json.Unmarshal([]byte(text), &said)
		switch {
		case said.Msg == "request":
		case said.Problem != "":
			out = append(out, said.Msg+": "+said.Problem)
		default:
			out = append(out, text)
		}
	}
	i.shown = len(lines)
	return out
}

var errorCode = regexp.MustCompile(`<Code>(\w+)</Code>`)

// cos writes a line for each request to COS.
func (l *log) cos(h http.Handler) http.Handler {
	if l.to == io.Discard {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began, seen := time.Now(), &watched{ResponseWriter: w, status: 200}
		defer func() { // also when the connection is cut on purpose
			var words []string
			if m := errorCode.FindSubmatch(seen.head.Bytes()); m != nil {
				words = append(words, string(m[1]))
			}
			l.request("cos", r, seen.status, time.Since(began), words)
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
