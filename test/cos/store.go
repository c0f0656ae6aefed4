package cos

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// store keeps the objects, and the uploads in parts that have begun. What is in it is never changed, only replaced: so
// an upload is there wholly or not at all, whoever reads meanwhile.
type store struct {
	mu      sync.Mutex
	objects map[string]*blob // by key
	uploads map[string]*blob // by upload id
}

// blob is an object, a part of one, or the beginning of an upload in parts.
type blob struct {
	key    string
	bytes  []byte
	etag   string // without quotes
	crc    uint64
	stored time.Time
	upload string        // id of what was begun
	parts  map[int]*blob // by number
	described
}

// put makes a blob the object of its key. With forbid it replaces no other.
func (s *store) put(b *blob, forbid bool) *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	if forbid && s.objects[b.key] != nil {
		return exists
	}
	s.objects[b.key] = b
	return nil
}

func (s *store) remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.objects, key)
}

func (s *store) setPublic(key string, public bool) *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.objects[key] == nil {
		return noSuchKey
	}
	now := *s.objects[key]
	now.public = public
	s.objects[key] = &now
	return nil
}

// object is the one of a key; nil if there is none.
func (s *store) object(key string) *blob {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects[key]
}

func (s *store) isPublic(key string) bool {
	b := s.object(key)
	return b != nil && b.public
}

// begin makes a blob the beginning of an upload in parts.
func (s *store) begin(b *blob) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uploads[b.upload] = b
}

// begun is an upload of a key as it is now.
func (s *store) begun(key, id string) (*blob, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[id]
	if u == nil || u.key != key {
		return nil, noSuchUpload
	}
	return u, nil
}

// addPart gives a part to an upload, in place of an older one of that number.
func (s *store) addPart(id string, number int, part *blob) *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uploads[id] == nil {
		return noSuchUpload
	}
	now := *s.uploads[id]
	now.parts = maps.Clone(now.parts)
	now.parts[number] = part
	s.uploads[id] = &now
	return nil
}

// end removes an upload, for whoever comes first, and makes whole, if there is one, the object of its key. With forbid
// it replaces no other, and the upload stays.
func (s *store) end(id string, whole *blob, forbid bool) *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.uploads[id] == nil {
		return noSuchUpload
	}
	if forbid && s.objects[whole.key] != nil {
		return exists
	}
	delete(s.uploads, id)
	if whole != nil {
		s.objects[whole.key] = whole
	}
	return nil
}

// under is every object, or every upload, whose key begins with prefix, in order.
func (s *store) under(prefix string, all map[string]*blob) []*blob {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := slices.Collect(maps.Values(all))
	out = slices.DeleteFunc(out, func(b *blob) bool { return !strings.HasPrefix(b.key, prefix) })
	slices.SortFunc(out, func(a, b *blob) int {
		return cmp.Or(strings.Compare(a.key, b.key), strings.Compare(a.upload, b.upload))
	})
	return out
}
