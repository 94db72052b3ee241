package main

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
	path := filepath.Join(c.data, hashFile)
	key, err := keptKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	begun, err := holdsLog(c.data)
	if err != nil {
		return nil, err
	}
	if begun {
		return nil, fmt.Errorf("the hash key of the log in %s is missing: put %s back from a backup, or give it with --hash-key", eventStoreDir(c.data), path)
	}
	return makeKey(path)
}

// holdsLog tells whether an embedded event store was begun in a data directory,
// by its files: a running one need not be asked.
func holdsLog(data string) (bool, error) {
	entries, err := os.ReadDir(eventStoreDir(data))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		kind := filepath.Ext(e.Name())
		return kind == ".log" || kind == ".sst"
	}), err
}

// keptKey is the key in a file; fs.ErrNotExist if there is none.
func keptKey(path string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	key, err := parseHashKey(strings.TrimSpace(string(text)))
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	return key, nil
}

// makeKey makes a key and keeps it in a file, and the directory of that.
func makeKey(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
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
