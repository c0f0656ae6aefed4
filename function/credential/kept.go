package credential

import (
	"slices"
	"sync"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

const (
	// maxCached bounds one instance's memory: a key has some 5 KB.
	maxCached = 1000
	// maxPerLogin is how many of them may be one user's, so that nobody can push out everybody's.
	maxPerLogin = 32
)

// keptKeys holds the keys that were issued, the most recently used ones, and of one user the latest.
type keptKeys struct {
	mu     sync.Mutex
	keys   *simplelru.LRU[cacheKey, keptKey]
	logins map[string][]cacheKey // of each session name, oldest first
}

type keptKey struct {
	Credential
	session string
}

func newKeptKeys() *keptKeys {
	k := &keptKeys{logins: map[string][]cacheKey{}}
	k.keys, _ = simplelru.NewLRU(maxCached, k.forget) // an error is for sizes below 1 only
	return k
}

func (k *keptKeys) get(id cacheKey) (Credential, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	held, ok := k.keys.Get(id)
	return held.Credential, ok
}

func (k *keptKeys) add(id cacheKey, session string, key Credential) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if !k.keys.Contains(id) {
		if own := k.logins[session]; len(own) == maxPerLogin {
			k.keys.Remove(own[0])
		}
		k.logins[session] = append(k.logins[session], id)
	}
	k.keys.Add(id, keptKey{key, session})
}

// forget is told of every key that is removed.
func (k *keptKeys) forget(id cacheKey, held keptKey) {
	own := k.logins[held.session]
	if own = slices.DeleteFunc(own, func(other cacheKey) bool { return other == id }); len(own) == 0 {
		delete(k.logins, held.session)
	} else {
		k.logins[held.session] = own
	}
}
