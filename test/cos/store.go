package cos

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc64"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"
)

// store keeps the bytes, each write under a name of its own that is never written again; which of them is the object of
// a key is in an index. So an upload is there wholly or not at all, whoever reads meanwhile; and a key is never a file's
// name, so that "a" and "a/b" can both be objects, and none can lie outside the folder.
type store struct {
	folder  string // "" for memory
	largest int64  // bytes of one object
	most    int64  // bytes of all

	mu      sync.Mutex
	objects map[string]*blob // by key
	uploads map[string]*blob // by upload id
	last    uint64           // number of the latest write
}

// blob is one write: an object, a part of one, or the beginning of an upload in parts. In a folder it is two files, its
// bytes and its description.
type blob struct {
	name   string        // of the files: its number
	bytes  []byte        // in memory
	parts  map[int]*blob // of an upload that is neither complete nor aborted
	Key    string
	Upload string `json:",omitempty"` // of a part, and of what was begun
	Part   int    `json:",omitempty"`
	ETag   string // without quotes
	CRC    uint64
	Size   int64
	Header map[string]string // that it is given out with
	Stored time.Time
}

const (
	largestObject   = 5 << 30 // of a single upload and of a part, as in the cloud
	largestInMemory = 512 << 20
	mostInMemory    = 2 << 30
	description     = ".json"
)

func newStore(folder string) (*store, error) {
	s := &store{objects: map[string]*blob{}, uploads: map[string]*blob{}, largest: largestInMemory, most: mostInMemory}
	if folder == "" {
		return s, nil
	}
	s.folder, s.largest, s.most = folder, largestObject, math.MaxInt64
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("cos: %w", err)
	}
	return s, s.load()
}

// load rebuilds the index from a folder. What a crash left behind is removed: half a write, an object's older write, a
// part without its upload.
func (s *store) load() error {
	files, err := os.ReadDir(s.folder) // sorted, so the oldest first
	if err != nil {
		return fmt.Errorf("cos: the folder can't be read: %w", err)
	}
	var parts []*blob
	for _, file := range files {
		number, err := strconv.ParseUint(file.Name(), 16, 64)
		if err != nil {
			continue // a description, or not ours
		}
		s.last = number
		b := &blob{name: file.Name()}
		text, _ := os.ReadFile(s.path(b) + description)
		info, err := file.Info()
		if json.Unmarshal(text, b) != nil || err != nil || info.Size() != b.Size {
			s.remove(b)
			continue
		}
		switch {
		case b.Upload == "":
			s.put(b)
		case b.Part == 0:
			s.begin(b)
		default:
			parts = append(parts, b)
		}
	}
	for _, b := range parts {
		s.addPart(b)
	}
	return nil
}

func (s *store) path(b *blob) string { return filepath.Join(s.folder, b.name) }

var ecma = crc64.MakeTable(crc64.ECMA)

// write takes size bytes (or, if it is negative, all there are) and completes b: its name, size and sums. Nothing of it
// can be seen before put, begin or addPart. wantMD5 may be nil.
func (s *store) write(b blob, r io.Reader, size int64, wantMD5 []byte) (*blob, *failure) {
	if size > s.largest {
		return nil, s.tooLarge()
	}
	s.mu.Lock()
	s.last++
	b.name = fmt.Sprintf("%016x", s.last)
	s.mu.Unlock()
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
		bad = s.describe(&b)
	}
	if bad != nil {
		s.remove(&b)
		return nil, bad
	}
	return &b, nil
}

// save takes all that r has, to memory or to a file.
func (s *store) save(b *blob, r io.Reader) (n int64, err error) {
	if s.folder == "" {
		b.bytes, err = io.ReadAll(r)
		return int64(len(b.bytes)), err
	}
	file, err := os.OpenFile(s.path(b), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return 0, err
	}
	n, err = io.Copy(file, r)
	return n, errors.Join(err, file.Close())
}

// describe makes a write in a folder complete.
func (s *store) describe(b *blob) *failure {
	text, err := json.Marshal(b)
	if err == nil && s.folder != "" {
		err = os.WriteFile(s.path(b)+description, text, 0o600)
	}
	if err != nil {
		return folderFails(err)
	}
	return nil
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
	return os.Open(s.path(b))
}

// joined reads parts one after the other, each opened when its turn comes. It must be closed.
func (s *store) joined(parts []*blob) io.ReadCloser {
	r, w := io.Pipe()
	go func() {
		for _, b := range parts {
			body, err := s.read(b)
			if err == nil {
				_, err = io.Copy(w, body)
				body.Close()
			}
			if err != nil {
				w.CloseWithError(err)
				return
			}
		}
		w.Close()
	}()
	return r
}

// remove takes away the files of writes that the index doesn't know.
func (s *store) remove(all ...*blob) {
	for _, b := range all {
		if b != nil && s.folder != "" {
			os.Remove(s.path(b) + description)
			os.Remove(s.path(b))
		}
	}
}
