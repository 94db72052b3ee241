package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/google/renameio/v2"
)

const hashKeyBytes = 32

// hashKey is the key that names reservations. With an embedded event store it
// is made once and kept beside the data, since one is of no use without the
// other; several processes on one server must be given the same.
func hashKey(given string, c serveConfig) ([]byte, error) {
	if given != "" {
		return parseHashKey(given)
	}
	if c.eventstore != "" {
		return nil, errors.New("is needed with --eventstore, the same for every process and for good; make one with: openssl rand -hex 32")
	}
	return keptKey(c.data, filepath.Join(c.data, hashFile))
}

// keptKey is the key in a file of a data directory. It is made if there is none.
func keptKey(data, path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err == nil {
		key, err := parseHashKey(strings.TrimSpace(string(text)))
		if err != nil {
			return nil, fmt.Errorf("%s %w", path, err)
		}
		return key, nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	key := make([]byte, hashKeyBytes)
	rand.Read(key)
	return key, renameio.WriteFile(path, []byte(hex.EncodeToString(key)+"\n"), 0o600)
}

func parseHashKey(text string) ([]byte, error) {
	key, err := hex.DecodeString(text)
	if err != nil || len(key) != hashKeyBytes {
		return nil, fmt.Errorf("must be %d hexadecimal digits", 2*hashKeyBytes)
	}
	return key, nil
}
