package cos

import (
	"cmp"
	"io"
	"maps"
	"slices"
	"strings"
)

// put makes a write the object of its key.
func (s *store) put(b *blob) {
	s.mu.Lock()
	old := s.objects[b.Key]
	s.objects[b.Key] = b
	s.mu.Unlock()
	s.remove(old)
}

func (s *store) get(key string) *blob {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.objects[key]
}

// open is the object of a key with its bytes. Both at once, so that no later write can take the bytes away between.
func (s *store) open(key string) (*blob, io.ReadSeekCloser, *failure) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.objects[key]
	if b == nil {
		return nil, nil, fail("NoSuchKey", "The specified key does not exist.")
	}
	body, err := s.read(b)
	if err != nil {
		return nil, nil, fail("InternalError", "The object can't be read: %v", err)
	}
	return b, body, nil
}

func (s *store) delete(key string) {
	s.mu.Lock()
	old := s.objects[key]
	delete(s.objects, key)
	s.mu.Unlock()
	s.remove(old)
}

// begin makes a write the beginning of an upload in parts.
func (s *store) begin(b *blob) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b.parts = map[int]*blob{}
	s.uploads[b.Upload] = b
}

// addPart gives a part to its upload, in place of an older one of that number.
func (s *store) addPart(b *blob) *failure {
	s.mu.Lock()
	u := s.uploads[b.Upload]
	if u == nil {
		s.mu.Unlock()
		s.remove(b)
		return noSuchUpload()
	}
	old := u.parts[b.Part]
	u.parts[b.Part] = b
	s.mu.Unlock()
	s.remove(old)
	return nil
}

// begun is an upload of a key as it is now; nil if there is none.
func (s *store) begun(key, id string) *blob {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[id]
	if u == nil || u.Key != key {
		return nil
	}
	now := *u
	now.parts = maps.Clone(u.parts)
	return &now
}

// end removes an upload of a key, for whoever comes first.
func (s *store) end(key, id string) *failure {
	s.mu.Lock()
	u := s.uploads[id]
	if u == nil || u.Key != key {
		s.mu.Unlock()
		return noSuchUpload()
	}
	delete(s.uploads, id)
	s.mu.Unlock()
	s.remove(slices.Collect(maps.Values(u.parts))...)
	s.remove(u)
	return nil
}

// used is the bytes of all objects and parts.
func (s *store) used() (n int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, b := range s.objects {
		n += b.Size
	}
	for _, u := range s.uploads {
		for _, b := range u.parts {
			n += b.Size
		}
	}
	return n
}

// under is every object, or every upload, whose key begins with prefix, in order.
func (s *store) under(prefix string, all map[string]*blob) []*blob {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []*blob
	for _, b := range all {
		if strings.HasPrefix(b.Key, prefix) {
			out = append(out, b)
		}
	}
	slices.SortFunc(out, func(a, b *blob) int {
		return cmp.Or(strings.Compare(a.Key, b.Key), strings.Compare(a.Upload, b.Upload))
	})
	return out
}
