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
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3afero"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// store keeps the objects. Their bytes are in an S3 backend, each write under a name of its own that is never written
// again; which of them is the object of a key is in an index here. So an upload is there wholly or not at all, whoever
// reads meanwhile; and a key is never a file's name, so that "a" and "a/b" can both be objects, and none can lie outside
// the folder.
type store struct {
	backend  gofakes3.Backend
	bucket   string
	incoming string // where uploads wait until they are complete, if there is a folder
	largest  int64  // bytes of one object
	most     int64  // bytes of all

	mu      sync.Mutex
	objects map[string]*blob
	uploads map[string]*upload
	used    int64
	last    uint64 // number of the latest write
}

// blob is one write: an object, a part of one, or the beginning of a multipart upload.
type blob struct {
	name   string // in the backend
	Key    string
	Upload string `json:",omitempty"` // of a part, and of what was begun
	Part   int    `json:",omitempty"`
	ETag   string // without quotes
	CRC    uint64
	Size   int64
	Header map[string]string // that it is given out with
	Stored time.Time
}

// upload is a multipart upload that is neither complete nor aborted.
type upload struct {
	*blob
	parts map[int]*blob
}

const (
	largestObject   = 5 << 30 // of a single upload and of a part, as in the cloud
	largestInMemory = 512 << 20
	mostInMemory    = 2 << 30
	mostInFolder    = 1 << 50
	about           = "about" // the backend's metadata that holds a blob, so that a folder is readable without this index
)

func newStore(bucket, folder string) (*store, error) {
	s := &store{bucket: bucket, objects: map[string]*blob{}, uploads: map[string]*upload{}}
	if folder == "" {
		memory := s3mem.New()
		s.backend, s.largest, s.most = memory, largestInMemory, mostInMemory
		return s, memory.CreateBucket(bucket)
	}
	root := filepath.Join(folder, bucket)
	s.incoming, s.largest, s.most = filepath.Join(root, "incoming"), largestObject, mostInFolder
	if err := os.RemoveAll(s.incoming); err != nil {
		return nil, fmt.Errorf("cos: %w", err)
	}
	if err := os.MkdirAll(s.incoming, 0o700); err != nil {
		return nil, fmt.Errorf("cos: %w", err)
	}
	objects, err := s3afero.FsPath(filepath.Join(root, "objects"), s3afero.FsPathCreateAll)
	if err != nil {
		return nil, fmt.Errorf("cos: %w", err)
	}
	describe, err := s3afero.FsPath(filepath.Join(root, "about"), s3afero.FsPathCreateAll)
	if err != nil {
		return nil, fmt.Errorf("cos: %w", err)
	}
	if s.backend, err = s3afero.SingleBucket(bucket, objects, describe); err != nil {
		return nil, fmt.Errorf("cos: %w", err)
	}
	return s, s.load()
}

// load rebuilds the index from a folder. What a crash left behind, an object's older write or a part without its upload,
// is removed.
func (s *store) load() error {
	all, err := s.backend.ListBucket(s.bucket, nil, gofakes3.ListBucketPage{})
	if err != nil {
		return fmt.Errorf("cos: the folder can't be read: %w", err)
	}
	var parts []*blob
	for _, c := range all.Contents { // sorted, so the oldest first
		object, err := s.backend.HeadObject(s.bucket, c.Key)
		if err != nil {
			return fmt.Errorf("cos: the folder can't be read: %w", err)
		}
		b := &blob{name: c.Key}
		if json.Unmarshal([]byte(object.Metadata[about]), b) != nil || b.Size != object.Size {
			s.backend.DeleteObject(s.bucket, c.Key) // a write that was never finished
			continue
		}
		fmt.Sscanf(c.Key, "%x-", &s.last)
		s.used += b.Size
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

var ecma = crc64.MakeTable(crc64.ECMA)

// write takes size bytes (or, if it is negative, all there are) to the backend and completes b: its name, size and sums.
// Nothing of it can be seen before put, begin or addPart. wantMD5 may be nil.
func (s *store) write(b blob, r io.Reader, size int64, wantMD5 []byte) (*blob, *failure) {
	in := &summing{r: r, md5: md5.New(), crc: crc64.New(ecma)}
	if size < 0 { // a form's file: its length shows at its end
		if s.incoming == "" {
			all, err := io.ReadAll(io.LimitReader(r, s.largest+1))
			if err != nil {
				return nil, fail("IncompleteBody", "The body ended too early.")
			}
			in.r, size = bytes.NewReader(all), int64(len(all))
		} else {
			in.r = io.LimitReader(r, s.largest+1)
		}
	}
	if size > s.largest {
		return nil, s.tooLarge()
	}
	if bad := s.reserve(max(size, 0)); bad != nil {
		return nil, bad
	}
	reserved := max(size, 0)
	done, bad := s.store(b, in, size)
	if bad == nil && wantMD5 != nil && !bytes.Equal(wantMD5, in.md5.Sum(nil)) {
		s.backend.DeleteObject(s.bucket, done.name)
		bad = fail("BadDigest", "The Content-MD5 you specified did not match what we received.")
	}
	if bad != nil {
		s.reserve(-reserved)
		return nil, bad
	}
	s.reserve(done.Size - reserved)
	return done, nil
}

func (s *store) tooLarge() *failure {
	if s.incoming == "" {
		return fail("EntityTooLarge", "This COS keeps objects in memory, of at most %d bytes each: give it a folder for larger ones.", s.largest)
	}
	return fail("EntityTooLarge", "Your proposed upload exceeds the maximum allowed object size.")
}

func (s *store) reserve(n int64) *failure {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n > 0 && s.used+n > s.most {
		return fail("EntityTooLarge", "This COS keeps objects in memory, and it is full: delete some, or give it a folder.")
	}
	s.used += n
	return nil
}

// store is write's dealing with the backend. A folder's backend holds its lock while it reads, so it is only given what
// has arrived: a slow client must not stop all others.
func (s *store) store(b blob, in *summing, size int64) (*blob, *failure) {
	s.mu.Lock()
	s.last++
	b.name = fmt.Sprintf("%016x-%s", s.last, randomHex(8)) // random too, if two should share a folder
	s.mu.Unlock()
	broken := func(err error) *failure {
		if in.err != nil || errors.Is(err, gofakes3.ErrIncompleteBody) {
			return fail("IncompleteBody", "You did not provide the number of bytes specified by the Content-Length HTTP header.")
		}
		return fail("InternalError", "The object can't be stored: %v", err)
	}
	if s.incoming == "" {
		if _, err := s.backend.PutObject(s.bucket, b.name, map[string]string{}, in, size, nil); err != nil {
			return nil, broken(err)
		}
		return b.sum(in), nil
	}
	file, err := os.CreateTemp(s.incoming, "upload-")
	if err != nil {
		return nil, broken(err)
	}
	defer os.Remove(file.Name())
	defer file.Close()
	n, err := io.Copy(file, in)
	switch {
	case err == nil && n > s.largest:
		return nil, s.tooLarge()
	case err == nil && size >= 0 && n != size:
		err = gofakes3.ErrIncompleteBody
	case err == nil:
		_, err = file.Seek(0, io.SeekStart)
	}
	if err != nil {
		return nil, broken(err)
	}
	done := b.sum(in)
	text, _ := json.Marshal(done) // strings and numbers only: it can't fail
	if _, err := s.backend.PutObject(s.bucket, b.name, map[string]string{about: string(text)}, file, n, nil); err != nil {
		s.backend.DeleteObject(s.bucket, b.name)
		return nil, broken(err)
	}
	return done, nil
}

func (b blob) sum(in *summing) *blob {
	b.Size, b.CRC = in.n, in.crc.Sum64()
	if b.ETag == "" {
		b.ETag = hex.EncodeToString(in.md5.Sum(nil))
	}
	return &b
}
