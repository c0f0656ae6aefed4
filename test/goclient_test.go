package test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	sdk "github.com/tencentyun/cos-go-sdk-v5"
)

const bigSize = 12<<20 + 345

// content is bytes that look random, and are the same for the same seed.
func content(size int, seed uint64) []byte {
	out := make([]byte, size)
	rand.NewChaCha8([32]byte{byte(seed)}).Read(out)
	return out
}

func TestGoSDK(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	alice, neighbour := newGoUser(t, c, "alice"), newGoUser(t, c, "alice2")
	for _, u := range []*goUser{alice, neighbour} {
		t.Run("at home/"+u.name, func(t *testing.T) { u.atHome(t) })
	}
	t.Run("next door/alice", func(t *testing.T) { alice.nextDoor(t, neighbour) })
	t.Run("next door/alice2", func(t *testing.T) { neighbour.nextDoor(t, alice) })
	t.Run("expired key", func(t *testing.T) {
		late := newGoUser(t, c, "alice")
		late.at(c.lateHost)
		for what, err := range late.basics(late.folder) {
			denied(t, what, err)
			if err != nil && !strings.Contains(err.Error(), "expired") {
				t.Errorf("%s: refused for another reason: %v", what, err)
			}
		}
	})
	t.Run("tampered login", func(t *testing.T) {
		liar := newGoUser(t, c, "alice")
		liar.token = otherCharacter(liar.token)
		for what, err := range liar.basics(liar.folder) {
			if err == nil || !strings.Contains(err.Error(), "401 TokenInvalid") {
				t.Errorf("%s: %v", what, err)
			}
		}
	})
	for what, want := range map[string]string{"session token": "AccessDenied", "secret key": "SignatureDoesNotMatch"} {
		t.Run("tampered "+what, func(t *testing.T) {
			forger := newGoUser(t, c, "alice")
			if _, err := forger.current(t.Context()); err != nil {
				t.Fatal(err)
			}
			part := &forger.key.Credentials.SessionToken
			if what == "secret key" {
				part = &forger.key.Credentials.TmpSecretKey
			}
			*part = otherCharacter(*part)
			for what, err := range forger.basics(forger.folder) {
				refused(t, what, err, want)
			}
		})
	}
	t.Run("key ends during an upload", func(t *testing.T) {
		u := newGoUser(t, c, "alice")
		u.body = `{"durationSeconds":64}` // it is used for the first three or four seconds
		big := content(bigSize, 3)
		u.uploadFile(t, "slow.bin", big)
		if !bytes.Equal(u.read(t, "slow.bin"), big) {
			t.Error("other bytes came back")
		}
		if u.calls < 2 || len(u.keysHad) < 2 {
			t.Errorf("%d calls for credentials, %d keys: the key was not renewed", u.calls, len(u.keysHad))
		}
		t.Logf("%d calls for credentials, %d keys", u.calls, len(u.keysHad))
		if _, err := u.Object.Delete(t.Context(), u.folder+"slow.bin"); err != nil {
			t.Error(err)
		}
	})
	for _, u := range []*goUser{alice, neighbour} {
		t.Run("tidy up/"+u.name, func(t *testing.T) { u.tidyUp(t) })
	}
	c.oneFolderEach(t)
}

// atHome does everything that one may do in one's own folder.
func (u *goUser) atHome(t *testing.T) {
	ctx := t.Context()
	small, big := content(64_321, 1), content(bigSize, 2)
	odd := "a b+c&d=e%20 (1)'!*~ü 你好.txt"
	for name, body := range map[string][]byte{"note.txt": []byte("words of " + u.name), odd: small, "photos/small.png": small} {
		if _, err := u.Object.Put(ctx, u.folder+name, bytes.NewReader(body), nil); err != nil { // the SDK compares the CRC
			t.Fatalf("put %s: %v", name, err)
		}
	}
	if u.key.Prefix != u.folder {
		t.Errorf("prefix %q", u.key.Prefix)
	}
	u.uploadFile(t, "big.bin", big)
	for name, want := range map[string][]byte{"note.txt": []byte("words of " + u.name), odd: small, "photos/small.png": small, "big.bin": big} {
		if got := u.read(t, name); !bytes.Equal(got, want) {
			t.Errorf("%s: %d other bytes came back", name, len(got))
		}
	}
	if got, want := u.list(t), []string{odd, "big.bin", "note.txt", "photos/small.png"}; !slices.Equal(got, want) {
		t.Errorf("listed %q", got)
	}
	head, err := u.Object.Head(ctx, u.folder+"big.bin", nil)
	if err != nil || head.ContentLength != bigSize || !strings.HasSuffix(head.Header.Get("ETag"), `-13"`) {
		t.Errorf("head: %v %v", head, err)
	}
	part, err := u.Object.Get(ctx, u.folder+"big.bin", &sdk.ObjectGetOptions{Range: "bytes=1048570-1048590"})
	if err != nil {
		t.Fatal(err)
	}
	got, _ := io.ReadAll(part.Body)
	part.Body.Close()
	if part.StatusCode != 206 || !bytes.Equal(got, big[1048570:1048591]) {
		t.Errorf("range: %d, %d bytes", part.StatusCode, len(got))
	}
	if _, _, err := u.Object.Copy(ctx, u.folder+"copy.png", u.source("photos/small.png"), nil); err != nil {
		t.Errorf("copy: %v", err)
	} else if !bytes.Equal(u.read(t, "copy.png"), small) {
		t.Error("the copy differs")
	}
	if _, err := u.Object.Delete(ctx, u.folder+"copy.png"); err != nil {
		t.Errorf("delete: %v", err)
	}
	if _, err := u.Object.Get(ctx, u.folder+"copy.png", nil); !sdk.IsNotFoundError(err) {
		t.Errorf("a deleted object: %v", err)
	}
}

// nextDoor tries the neighbour's folder.
func (u *goUser) nextDoor(t *testing.T, neighbour *goUser) {
	ctx := t.Context()
	there := neighbour.folder
	attempts := u.basics(there)
	var err error
	_, err = u.Object.Put(ctx, there+"planted.txt", strings.NewReader("planted"), nil)
	attempts["put beside theirs"] = err
	_, _, err = u.Object.InitiateMultipartUpload(ctx, there+"big.bin", nil)
	attempts["begin a multipart upload"] = err
	_, _, err = u.Bucket.ListMultipartUploads(ctx, &sdk.ListMultipartUploadsOptions{Prefix: there})
	attempts["list uploads"] = err
	for _, prefix := range []string{"", "users/", "users/alice"} {
		_, _, err = u.Bucket.Get(ctx, &sdk.BucketGetOptions{Prefix: prefix})
		attempts["list "+prefix] = err
	}
	_, _, err = u.Object.Copy(ctx, u.folder+"stolen.txt", neighbour.source("note.txt"), nil)
	attempts["copy from theirs"] = err
	_, _, err = u.Object.Copy(ctx, there+"note.txt", u.source("note.txt"), nil)
	attempts["copy over theirs"] = err
	for what, err := range attempts {
		denied(t, what, err)
	}
	if _, err := u.Object.Head(ctx, there+"note.txt", nil); err == nil || !strings.Contains(err.Error(), "403") {
		t.Errorf("head: %v", err)
	}
	batch, _, err := u.Object.DeleteMulti(ctx, &sdk.ObjectDeleteMultiOptions{Objects: []sdk.Object{{Key: there + "note.txt"}}})
	if err == nil && (len(batch.Errors) != 1 || batch.Errors[0].Code != "AccessDenied") {
		t.Errorf("a batch delete: %+v", batch)
	} else if err != nil {
		denied(t, "a batch delete", err)
	}
	if got := string(neighbour.read(t, "note.txt")); got != "words of "+neighbour.name {
		t.Errorf("the neighbour reads %q", got)
	}
}

// basics tries the four in a folder.
func (u *goUser) basics(folder string) map[string]error {
	ctx := context.Background()
	_, put := u.Object.Put(ctx, folder+"note.txt", strings.NewReader("defaced"), nil)
	_, get := u.Object.Get(ctx, folder+"note.txt", nil)
	_, _, list := u.Bucket.Get(ctx, &sdk.BucketGetOptions{Prefix: folder})
	_, remove := u.Object.Delete(ctx, folder+"note.txt")
	return map[string]error{"put": put, "get": get, "list": list, "delete": remove}
}

func (u *goUser) tidyUp(t *testing.T) {
	var objects []sdk.Object
	for _, name := range u.list(t) {
		objects = append(objects, sdk.Object{Key: u.folder + name})
	}
	result, _, err := u.Object.DeleteMulti(t.Context(), &sdk.ObjectDeleteMultiOptions{Objects: objects})
	if err != nil || len(result.Errors) > 0 {
		t.Errorf("a batch delete: %+v %v", result, err)
	}
	if left := u.list(t); len(left) > 0 {
		t.Errorf("left over: %q", left)
	}
}

// uploadFile sends a file in parts of 1 MB, three at a time, as the JavaScript SDKs do.
func (u *goUser) uploadFile(t *testing.T, name string, body []byte) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "upload")
	if err := os.WriteFile(file, body, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := u.Object.Upload(t.Context(), u.folder+name, file, &sdk.MultiUploadOptions{PartSize: 1, ThreadPoolSize: 3}); err != nil {
		t.Fatalf("upload %s: %v", name, err)
	}
}

func (u *goUser) read(t *testing.T, name string) []byte {
	t.Helper()
	answer, err := u.Object.Get(t.Context(), u.folder+name, nil)
	if err != nil {
		t.Fatalf("get %s: %v", name, err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatalf("get %s: %v", name, err)
	}
	return got
}

// list reads the user's folder, three objects a page.
func (u *goUser) list(t *testing.T) (names []string) {
	t.Helper()
	for marker := ""; ; {
		page, _, err := u.Bucket.Get(t.Context(), &sdk.BucketGetOptions{Prefix: u.folder, Marker: marker, MaxKeys: 3, EncodingType: "url"})
		if err != nil {
			t.Fatalf("list: %v", err)
		}
		for _, o := range page.Contents {
			key, err := url.QueryUnescape(o.Key)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, strings.TrimPrefix(key, u.folder))
		}
		if !page.IsTruncated {
			return names
		}
		if marker, err = url.QueryUnescape(page.NextMarker); err != nil {
			t.Fatal(err)
		}
	}
}

func (u *goUser) source(name string) string {
	return "examplebucket-1250000000.cos.ap-guangzhou.myqcloud.com/" + u.folder + name
}

// denied fails unless COS refused for lack of a right.
func denied(t *testing.T, what string, err error) {
	t.Helper()
	refused(t, what, err, "AccessDenied")
}

func refused(t *testing.T, what string, err error, code string) {
	t.Helper()
	var e *sdk.ErrorResponse
	if !errors.As(err, &e) || e.Response.StatusCode != 403 || e.Code != code {
		t.Errorf("%s: want 403 %s, got %v", what, code, err)
	}
}

// otherCharacter changes one inside the signature, and not the last, whose lowest bits mean nothing.
func otherCharacter(token string) string {
	at, other := len(token)-12, "A"
	if token[at] == 'A' {
		other = "B"
	}
	return token[:at] + other + token[at+1:]
}
