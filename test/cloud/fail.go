package cloud

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
)

// failures are what a front end should have met before its users do. Each is an answer as the function gives it; to
// hang is none at all.
var failures = map[string]struct {
	status, code              int
	name, message, retryAfter string
}{
	"403":  {403, 40300, "NotEntitled", "No grant is for this login.", ""},
	"429":  {429, 42900, "TooManyRequests", "This login asks too often: try again later.", "5"},
	"503":  {503, 50301, "StsBusy", "STS is busy: try again later.", "3"},
	"hang": {},
}

// failing is the failure that is switched on, "" for none.
type failing struct {
	mu   sync.Mutex
	with string
}

func (f *failing) now() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.with
}

// serve switches: POST {"with":"503"}.
func (f *failing) serve(w http.ResponseWriter, r *http.Request) {
	var wish struct{ With string }
	err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&wish)
	if _, known := failures[wish.With]; err != nil || !known && wish.With != "" {
		refuse(w, http.StatusBadRequest, `send {"with":"403"}, 429, 503, hang, or nothing to switch it off`)
		return
	}
	f.mu.Lock()
	f.with = wish.With
	f.mu.Unlock()
	reply(w, http.StatusOK, map[string]string{"with": wish.With})
}

// before has a switched-on failure answer in the function's place. The function is asked all the same: whether a page
// may read the answer is its to say.
func (f *failing) before(function http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		with := f.now()
		failure := failures[with]
		switch {
		case with == "" || r.Method == http.MethodOptions:
			function.ServeHTTP(w, r)
		case with == "hang":
			<-r.Context().Done()
		default:
			said := httptest.NewRecorder()
			function.ServeHTTP(said, r)
			for name, values := range said.Header() {
				w.Header()[name] = slices.Clone(values)
			}
			if failure.retryAfter != "" {
				w.Header().Set("Retry-After", failure.retryAfter)
				w.Header().Set("Access-Control-Expose-Headers", "Retry-After")
			}
			reply(w, failure.status, map[string]any{
				"code": failure.code, "codeDesc": failure.name, "message": failure.message, "requestId": rand.Text(),
			})
		}
	})
}
