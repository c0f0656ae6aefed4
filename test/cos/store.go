package cos

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// store keeps the bytes, each write under a name of its own that is never written again; which of them is the object of
// a key is in the index. So an upload is there wholly or not at all, whoever reads meanwhile; and a key is never a
// file's name, so that "a" and "a/b" can both be objects, and none can lie outside the folder.
type store struct {
	folder  string // "" for memory
	largest int64  // bytes of one object
	most    int64  // bytes of all

	mu sync.Mutex
	index
}

// blob is one write: an object, a part of one, or the beginning of an upload in parts.
type blob struct {
	Name   string // of its file
	bytes  []byte // in memory
	Key    string
	Upload string        `json:",omitempty"` // id of what was begun
	Parts  map[int]*blob `json:",omitzero"`
	ETag   string        // without quotes
	CRC    uint64
	Size   int64
	Stored time.Time
	described
}

const (
	largestObject   = 5 << 30 // of a single upload and of a part, as in the cloud
	largestInMemory = 512 << 20
	mostInMemory    = 2 << 30
)

func newStore(folder string) (*store, error) {
	s := &store{largest: largestInMemory, most: mostInMemory}
	s.Objects, s.Uploads = map[string]*blob{}, map[string]*blob{}
	if folder == "" {
		return s, nil
	}
	s.folder, s.largest, s.most = folder, largestObject, math.MaxInt64
	if err := errors.Join(os.MkdirAll(folder, 0o700), s.load()); err != nil {
		return nil, fmt.Errorf("cos: the objects' folder can't be used: %w", err)
	}
	return s, nil
}

func (s *store) path(name string) string { return filepath.Join(s.folder, name) }

var ecma = crc64.MakeTable(crc64.ECMA)

// write takes size bytes (or, if it is negative, all there are) and completes b: its name, size and sums. Nothing of it
// can be seen before the index knows it. wantMD5 may be nil.
func (s *store) write(b blob, r io.Reader, size int64, wantMD5 []byte) (*blob, *failure) {
	if size > s.largest {
		return nil, s.tooLarge()
	}
	b.Name = s.next()
	sum, crc := md5.New(), crc64.New(ecma)
	n, err := s.save(&b, io.TeeReader(io.LimitReader(r, s.largest+1), io.MultiWriter(sum, crc)))
	b.Size, b.CRC = n, crc.Sum64()
	if b.ETag == "" {
		b.ETag = hex.EncodeToString(sum.Sum(nil))
	}
	var bad *failure
	var broken *fs.PathError
	switch {
	case n > s.largest:
		bad = s.tooLarge()
	case errors.As(err, &broken):
		bad = folderFails(err)
	case err != nil || size >= 0 && n != size:
		bad = fail("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.")
	case wantMD5 != nil && !bytes.Equal(wantMD5, sum.Sum(nil)):
		bad = fail("BadDigest", "The Content-MD5 you specified did not match what we received.")
	case s.used()+n > s.most:
		bad = fail("EntityTooLarge", "This COS keeps objects in memory, and it is full: delete some, or give it a folder.")
	default:
		return &b, nil
	}
	s.remove(&b)
	return nil, bad
}

// save takes all that r has, to memory or to a file.
func (s *store) save(b *blob, r io.Reader) (n int64, err error) {
	if s.folder == "" {
		b.bytes, err = io.ReadAll(r)
		return int64(len(b.bytes)), err
	}
	target, err := os.OpenFile(s.path(b.Name), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(target, r)
	return n, errors.Join(err, target.Close())
}

func folderFails(err error) *failure {
	return fail("InternalError", "The objects' folder fails: %v", err)
}

func (s *store) tooLarge() *failure {
	if s.folder == "" {
		return fail("EntityTooLarge", "This COS keeps objects in memory, of at most %d bytes: give it a folder.", s.largest)
	}
	return fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.")
}

// inMemory are a write's bytes where there is no file to close.
type inMemory struct{ *bytes.Reader }

func (inMemory) Close() error { return nil }

// read opens a write's bytes. They stay readable when it is removed meanwhile.
func (s *store) read(b *blob) (io.ReadSeekCloser, error) {
	if s.folder == "" {
		return inMemory{bytes.NewReader(b.bytes)}, nil
	}
	return os.Open(s.path(b.Name))
}

// joined reads parts one after the other, each opened when its turn comes. It must be closed.
func (s *store) joined(all []*blob) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		var err error
		for _, b := range all {
			var body io.ReadCloser
			if body, err = s.read(b); err == nil {
				_, err = io.Copy(w, body)
				body.Close()
			}
			if err != nil {
				break
			}
		}
		w.CloseWithError(err)
	}()
	return r
}

// remove takes away the file of a write that the index doesn't know.
func (s *store) remove(b *blob) {
	if b != nil && s.folder != "" {
		os.Remove(s.path(b.Name))
	}
}
