package main

import (
	"archive/zip"
	"compress/flate"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// zipFiles packs files and folders of dir as small as deflate can, which is how the function itself is packed.
func zipFiles(out, dir string, names ...string) error {
	file, err := os.Create(out)
	if err != nil {
		return err
	}
	defer file.Close()
	z := zip.NewWriter(file)
	z.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) { return flate.NewWriter(w, flate.BestCompression) })
	add := func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		w, err := z.Create(filepath.ToSlash(name))
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		_, err = w.Write(content)
		return err
	}
	for _, name := range names {
		err = errors.Join(err, filepath.WalkDir(filepath.Join(dir, name), add))
	}
	return errors.Join(err, z.Close())
}

// unzippedSize is what a zip holds, and what it takes.
func unzippedSize(name string) (content, packed int64, err error) {
	z, err := zip.OpenReader(name)
	if err != nil {
		return 0, 0, err
	}
	defer z.Close()
	for _, f := range z.File {
		content += int64(f.UncompressedSize64)
	}
	info, err := os.Stat(name)
	if err != nil {
		return 0, 0, err
	}
	return content, info.Size(), nil
}
