package backup

import (
	"bytes"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// Source is a file to be backed up. Its size must not change.
type Source struct {
	Name string // in the backup, with slashes
	Size int64
	open func() (io.ReadCloser, error)
}

// Text is a source whose content is known.
func Text(name string, content []byte) Source {
	return Source{name, int64(len(content)), func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(content)), nil }}
}

// Tree is every file under dir, by name, as those of a directory of the backup.
func Tree(name, dir string) ([]Source, error) {
	var sources []Source
	err := filepath.WalkDir(dir, func(at string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		inside, err := filepath.Rel(dir, at)
		if err != nil {
			return err
		}
		sources = append(sources, Source{
			path.Join(name, filepath.ToSlash(inside)), info.Size(), func() (io.ReadCloser, error) { return os.Open(at) },
		})
		return nil
	})
	return sources, err
}
