package cos

import (
	"errors"
	"hash"
	"io"
	"slices"
	"strings"

	"github.com/johannesboyne/gofakes3"
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

func (s *store) delete(key string) {
	s.mu.Lock()
	old := s.objects[key]
	delete(s.objects, key)
	s.mu.Unlock()
	s.remove(old)
}

// remove takes writes out of the backend that the index no longer knows.
func (s *store) remove(all ...*blob) {
	for _, b := range all {
		if b != nil {
			s.backend.DeleteObject(s.bucket, b.name)
			s.reserve(-b.Size)
		}
	}
}

var errGone = errors.New("the write is gone: another has taken its place")

// open reads length bytes from an offset.
func (s *store) open(b *blob, from, length int64) (io.ReadCloser, error) {
	if length == 0 {
		return io.NopCloser(strings.NewReader("")), nil
	}
	object, err := s.backend.GetObject(s.bucket, b.name, &gofakes3.ObjectRangeRequest{Start: from, End: from + length - 1})
	if err == nil {
		return object.Contents, nil
	}
	if s.get(b.Key) != b {
		return nil, errGone
	}
	return nil, err
}

// sorted is every object whose key begins with prefix, by key.
func (s *store) sorted(prefix string) []*blob {
	s.mu.Lock()
	var out []*blob
	for key, b := range s.objects {
		if strings.HasPrefix(key, prefix) {
			out = append(out, b)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(out, func(a, b *blob) int { return strings.Compare(a.Key, b.Key) })
	return out
}

// begin makes a write the beginning of a multipart upload.
func (s *store) begin(b *blob) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uploads[b.Upload] = &upload{b, map[int]*blob{}}
}

// addPart gives a part to its upload, in place of an older one of that number. It reports whether the upload is there.
func (s *store) addPart(b *blob) bool {
	s.mu.Lock()
	u := s.uploads[b.Upload]
	if u == nil {
		s.mu.Unlock()
		s.remove(b)
		return false
	}
	old := u.parts[b.Part]
	u.parts[b.Part] = b
	s.mu.Unlock()
	s.remove(old)
	return true
}

// begun finds an upload of a key, and its parts in order.
func (s *store) begun(key, id string) (*blob, []*blob) {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[id]
	if u == nil || u.Key != key {
		return nil, nil
	}
	return u.blob, u.ordered()
}

func (u *upload) ordered() []*blob {
	var parts []*blob
	for _, p := range u.parts {
		parts = append(parts, p)
	}
	slices.SortFunc(parts, func(a, b *blob) int { return a.Part - b.Part })
	return parts
}

// end takes an upload of a key out of the index, for whoever comes first.
func (s *store) end(key, id string) *upload {
	s.mu.Lock()
	defer s.mu.Unlock()
	u := s.uploads[id]
	if u == nil || u.Key != key {
		return nil
	}
	delete(s.uploads, id)
	return u
}

// resume puts an upload back that could not be completed.
func (s *store) resume(u *upload) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.uploads[u.Upload] = u
}

func (s *store) discard(u *upload) {
	s.remove(u.ordered()...)
	s.remove(u.blob)
}

// begunUnder is every upload whose key begins with prefix, by key.
func (s *store) begunUnder(prefix string) []*blob {
	s.mu.Lock()
	var out []*blob
	for _, u := range s.uploads {
		if strings.HasPrefix(u.Key, prefix) {
			out = append(out, u.blob)
		}
	}
	s.mu.Unlock()
	slices.SortFunc(out, compareUploads)
	return out
}

func compareUploads(a, b *blob) int {
	if c := strings.Compare(a.Key, b.Key); c != 0 {
		return c
	}
	return strings.Compare(a.Upload, b.Upload)
}

// joined reads blobs one after the other, each opened when its turn comes.
type joined struct {
	store *store
	rest  []*blob
	now   io.ReadCloser
}

func (j *joined) Read(p []byte) (int, error) {
	for {
		if j.now == nil {
			if len(j.rest) == 0 {
				return 0, io.EOF
			}
			var err error
			if j.now, err = j.store.open(j.rest[0], 0, j.rest[0].Size); err != nil {
				return 0, err
			}
			j.rest = j.rest[1:]
		}
		n, err := j.now.Read(p)
		if err == io.EOF {
			j.now.Close()
			j.now, err = nil, nil
		}
		if n > 0 || err != nil {
			return n, err
		}
	}
}

// summing is a reader that sums up what went through.
type summing struct {
	r   io.Reader
	md5 hash.Hash
	crc hash.Hash64
	n   int64
	err error // the reader's own
}

func (s *summing) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.md5.Write(p[:n])
	s.crc.Write(p[:n])
	s.n += int64(n)
	if err != nil && err != io.EOF {
		s.err = err
	}
	return n, err
}
