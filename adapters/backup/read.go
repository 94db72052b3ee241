package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// largestManifest bounds what is read into memory.
const largestManifest = 64 << 20

// Check reads a backup to its end and holds it against its manifest. It fails
// with ErrIncomplete, ErrDamaged or ErrFormat.
func Check(r io.Reader) (Manifest, error) {
	return read(r, func(string, io.Reader) error { return nil })
}

// Unpack is Check that writes the files into dir, which is made, and has them on
// disk when it returns.
func Unpack(r io.Reader, dir string) (Manifest, error) {
	return read(r, func(name string, content io.Reader) error {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		_, err = io.Copy(file, content)
		return errors.Join(err, file.Sync(), file.Close())
	})
}

// read hands every file to take, which need not read it, and checks them all.
func read(r io.Reader, take func(name string, content io.Reader) error) (Manifest, error) {
	in := tar.NewReader(r)
	var found []File
	for {
		header, err := in.Next()
		switch {
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return Manifest{}, ErrIncomplete
		case errors.Is(err, tar.ErrHeader):
			return Manifest{}, ErrDamaged.Because("the backup is damaged, or is none; use another")
		case err != nil:
			return Manifest{}, fmt.Errorf("read the backup: %w", err)
		case header.Name == manifestName:
			return finish(r, in, found)
		case header.Typeflag != tar.TypeReg || !filepath.IsLocal(filepath.FromSlash(header.Name)):
			return Manifest{}, ErrDamaged.Because("%q does not belong in a backup", header.Name)
		}
		hash := sha256.New()
		content := io.TeeReader(in, hash)
		if err := take(header.Name, content); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return Manifest{}, fmt.Errorf("read %s of the backup: %w", header.Name, err)
		}
		if _, err := io.Copy(io.Discard, content); errors.Is(err, io.ErrUnexpectedEOF) {
			return Manifest{}, ErrIncomplete
		} else if err != nil {
			return Manifest{}, fmt.Errorf("read %s of the backup: %w", header.Name, err)
		}
		found = append(found, File{header.Name, header.Size, hex.EncodeToString(hash.Sum(nil))})
	}
}

// finish holds what was found against the manifest, and reads to the end, so
// that whoever sends the backup sees it taken.
func finish(r io.Reader, in *tar.Reader, found []File) (Manifest, error) {
	var m Manifest
	text, err := io.ReadAll(io.LimitReader(in, largestManifest))
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return m, ErrIncomplete
	}
	if err != nil {
		return m, fmt.Errorf("read the manifest of the backup: %w", err)
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return m, ErrDamaged.Because("the manifest of the backup cannot be read: %v", err)
	}
	if m.Format > format {
		return m, ErrFormat
	}
	if len(m.Files) != len(found) {
		return m, ErrDamaged.Because("the backup holds %d files, not the %d it was made of", len(found), len(m.Files))
	}
	for i, f := range m.Files {
		if found[i] != f {
			return m, ErrDamaged.Because("%s of the backup is not what it was made of", f.Name)
		}
	}
	if _, err := in.Next(); !errors.Is(err, io.EOF) {
		return m, ErrIncomplete
	}
	if _, err := io.Copy(io.Discard, r); err != nil {
		return m, fmt.Errorf("read the backup to its end: %w", err)
	}
	return m, nil
}
