package cos

import "net/http"

type store struct{}

func newStore(bucket, data string) (*store, error) { return &store{}, nil }
func isLocal(string) bool { return true }
func (c *COS) ServeHTTP(w http.ResponseWriter, r *http.Request) { http.Error(w, "not yet", 501) }
