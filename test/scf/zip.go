package scf

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"io"
	"time"
)

// Zip packs the binary as main, executable, with a time that is always the same: the earliest that ZIP knows.
func Zip(binary []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zip.NewWriter(&out)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestCompression)
	})
	header := &zip.FileHeader{Name: "main", Method: zip.Deflate, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(0o755) // without it the platform can't start the function
	w, err := z.CreateHeader(header)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(binary); err != nil {
		return nil, err
	}
	err = z.Close()
	return out.Bytes(), err
}
