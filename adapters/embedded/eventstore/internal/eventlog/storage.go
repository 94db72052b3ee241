package eventlog

import (
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"
)

const (
	defaultCacheBytes = 256 << 20
	memTableBytes     = 32 << 20
)

func openStorage(o Options, fs vfs.FS, dir string, lock *pebble.Lock) (*pebble.DB, error) {
	size := o.CacheBytes
	if size == 0 {
		size = defaultCacheBytes
	}
	cache := pebble.NewCache(size)
	defer cache.Unref()
	options := &pebble.Options{
		Cache:              cache,
		FS:                 fs,
		Lock:               lock,
		Logger:             storageLogger{o.Logger},
		FormatMajorVersion: pebble.FormatTableFormatV6,
		MemTableSize:       memTableBytes,
		// Events arrive in the order of their keys, so tables of events never overlap; let level 0 gather a few before it
		// is compacted.
		L0CompactionThreshold: 4,
		L0StopWritesThreshold: 40,
	}
	for i := range options.Levels {
		// A stream that is new to the log is looked up once; the filter answers that without a disk read.
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	db, err := pebble.Open(dir, options)
	if err != nil {
		return nil, fmt.Errorf("open the event log in %s: %w", dir, err)
	}
	if err := checkFormat(db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// checkFormat marks a new directory and refuses one from the future.
func checkFormat(db *pebble.DB) error {
	value, closer, err := db.Get([]byte(formatKey))
	if errors.Is(err, pebble.ErrNotFound) {
		return db.Set([]byte(formatKey), []byte{formatVersion}, pebble.Sync)
	}
	if err != nil {
		return fmt.Errorf("read the format: %w", err)
	}
	known := len(value) == 1 && value[0] == formatVersion
	if err := closer.Close(); err != nil {
		return err
	}
	if !known {
		return ErrFormat
	}
	return nil
}

// storageLogger passes on what an operator can act upon. Pebble's informational messages are about its own housekeeping.
type storageLogger struct{ logger *slog.Logger }

func (s storageLogger) Infof(string, ...any) {}

func (s storageLogger) Errorf(format string, args ...any) {
	if s.logger != nil {
		s.logger.Error("event log storage", slog.String("error", fmt.Sprintf(format, args...)))
	}
}

// Fatalf is called when storage can no longer keep its promise, such as after a failed write to the journal. It must not
// return: going on would acknowledge what is not on disk.
func (s storageLogger) Fatalf(format string, args ...any) {
	s.Errorf(format, args...)
	fmt.Fprintf(os.Stderr, "event log storage failed: "+format+"\n", args...)
	os.Exit(1)
}
