package cloud

import (
	"encoding/json"
	"io"
	"net/http"
	"path/filepath"

	"cos-credentials/test/page"
	"cos-credentials/test/repo"
)

// SDK and Client are where npm puts what the page needs, below the repository.
const (
	SDK    = "test/clients/node_modules/cos-js-sdk-v5/dist/cos-js-sdk-v5.min.js"
	Client = "function/client/dist/credentials.mjs"
)

// page serves the page, its login and the login's keys, to this machine only: a login that vouches for whoever asks
// must not be asked by pages of the web.
func (s *Local) page() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /", http.FileServerFS(page.Files))
	for path, file := range map[string]string{"/cos-js-sdk-v5.min.js": SDK, "/credentials.mjs": Client} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			root, _ := repo.Root()
			http.ServeFile(w, r, filepath.Join(root, file)) // looked for each time: npm may have brought it since
		})
	}
	mux.Handle("GET /read/", http.StripPrefix("/read", http.HandlerFunc(s.read)))
	mux.HandleFunc("POST /fail", s.failing.serve)
	mux.HandleFunc("GET /config.json", s.config)
	mux.HandleFunc("GET /jwks.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, s.login.keySet)
	})
	mux.HandleFunc("POST /login", s.serveLogin)
	// The page may load what comes from here, and speak to the function and to COS.
	cos := "http://" + s.COSHost
	mayLoad := "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: " + cos +
		"; connect-src 'self' " + s.Gateway + " " + cos + "; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		w.Header().Set("Cache-Control", "no-store")
		w.Header().Set("Content-Security-Policy", mayLoad)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		w.Header().Set("Vary", "Origin")
		if !ofThisMachine("http://"+r.Host) || origin != "" && !ofThisMachine(origin) {
			refuse(w, http.StatusForbidden, "this is for pages of this machine only")
			return
		}
		if origin != "" {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Allow-Headers", "content-type")
			w.Header().Set("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
		}
		if r.Method == http.MethodOptions {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

// read is the bucket's own host, which links name: nothing else finds it on this machine. What users have uploaded is
// no page of ours.
func (s *Local) read(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "sandbox")
	r.Host = s.Bucket + ".cos." + s.Region + ".myqcloud.com"
	s.COS.ServeHTTP(w, r)
}

// config is what the page needs to know.
func (s *Local) config(w http.ResponseWriter, _ *http.Request) {
	_, err := s.login.first()
	reply(w, http.StatusOK, struct {
		Addresses
		CanLogIn bool   `json:"canLogIn"`
		Failing  string `json:"failing"`
	}{s.Addresses, err == nil, s.failing.now()})
}

// serveLogin mints a token: POST {"user":"alice"} → {"token":…}. The body may add "claims", which replace the usual
// ones (null removes one).
func (s *Local) serveLogin(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		User   string
		Claims map[string]any
	}
	d := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10))
	d.DisallowUnknownFields()
	if err := d.Decode(&wish); err != nil || wish.User == "" {
		refuse(w, http.StatusBadRequest, `send {"user":"alice"}`)
		return
	}
	token, err := s.Token(wish.User, wish.Claims)
	if err != nil {
		refuse(w, http.StatusNotFound, err.Error())
		return
	}
	reply(w, http.StatusOK, map[string]string{"token": token})
}

func refuse(w http.ResponseWriter, status int, message string) {
	reply(w, status, map[string]string{"message": message})
}

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}
