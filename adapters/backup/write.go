package backup

import (
	"archive/tar"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
)

// tarBlock is what the headers and the contents of a tar file are filled up to.
const tarBlock = 512

// Length is how many bytes Write writes.
func Length(m Manifest, sources []Source) (int64, error) {
	m.Files = nil
	sum := int64(2 * tarBlock) // the end
	for _, s := range sources {
		m.Files = append(m.Files, File{s.Name, s.Size, strings.Repeat("0", 2*sha256.Size)})
		sum += entry(s.Size)
	}
	m.Format = format
	manifest, err := m.encode()
	return sum + entry(int64(len(manifest))), err
}

// entry is how many bytes a file takes.
func entry(size int64) int64 { return tarBlock + (size+tarBlock-1)/tarBlock*tarBlock }

// Write writes a backup of the sources. The files of m are filled in.
func Write(w io.Writer, m Manifest, sources []Source) error {
	out := tar.NewWriter(w)
	m.Format, m.Files = format, make([]File, 0, len(sources))
	for _, s := range sources {
		sum, err := add(out, m, s)
		if err != nil {
			return fmt.Errorf("back up %s: %w", s.Name, err)
		}
		m.Files = append(m.Files, File{s.Name, s.Size, sum})
	}
	manifest, err := m.encode()
	if err != nil {
		return err
	}
	if _, err := add(out, m, Text(manifestName, manifest)); err != nil {
		return fmt.Errorf("finish the backup: %w", err)
	}
	return out.Close()
}

// add writes one file and returns its sum.
func add(out *tar.Writer, m Manifest, s Source) (sum string, err error) {
	in, err := s.open()
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }() // it was only read
	header := &tar.Header{Name: s.Name, Size: s.Size, Mode: 0o600, ModTime: m.MadeAt, Format: tar.FormatUSTAR}
	if err := out.WriteHeader(header); err != nil {
		return "", err
	}
	hash := sha256.New()
	if _, err := io.CopyN(io.MultiWriter(out, hash), in, s.Size); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
