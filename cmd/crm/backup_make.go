package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/annals-crm/annals/adapters/backup"
	"github.com/annals-crm/annals/adapters/embedded/eventstore"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/domain"
)

const (
	// copying and restoring are directories in a data directory that are there
	// only while a backup is made, or put back.
	copying   = "backup.copying"
	restoring = "backup.restoring"
	hashFile  = "hash.key"
)

// backups makes backups of an embedded event store, one at a time.
type backups struct {
	node *eventstore.Node // nil: another server keeps the log
	data string
	key  []byte
	log  func(context.Context) (string, error) // identity of the log
	now  func() time.Time
	busy sync.Mutex
}

// make copies what there is now. The copy shares files with the log, and is gone
// once it is closed. It fails with httpapi.ErrNotEmbedded or ErrBackupUnderWay.
func (b *backups) make(ctx context.Context) (_ httpapi.Backup, err error) {
	if b.node == nil {
		return httpapi.Backup{}, httpapi.ErrNotEmbedded
	}
	if !b.busy.TryLock() {
		return httpapi.Backup{}, httpapi.ErrBackupUnderWay
	}
	dir := filepath.Join(b.data, copying)
	done := func() {
		_ = os.RemoveAll(dir) // else the next one does
		b.busy.Unlock()
	}
	defer func() {
		if err != nil {
			done()
		}
	}()
	if err := os.RemoveAll(dir); err != nil { // left by a process that was killed
		return httpapi.Backup{}, err
	}
	position, err := b.node.Checkpoint(dir)
	if err != nil {
		return httpapi.Backup{}, err
	}
	sources, err := b.sources(dir)
	if err != nil {
		return httpapi.Backup{}, err
	}
	id, err := b.log(ctx)
	if err != nil {
		return httpapi.Backup{}, err
	}
	m := backup.Manifest{
		MadeAt: domain.Instant(b.now()), Program: version(), Log: id, Position: domain.Position{Commit: position, Prepare: position},
	}
	length, err := backup.Length(m, sources)
	return httpapi.Backup{
		Name: backupName(m.MadeAt), Bytes: length, Close: done,
		Write: func(w io.Writer) error { return backup.Write(w, m, sources) },
	}, err
}

// sources is the copy of the log and every key of the data directory; the hash
// key is the one in use, wherever it comes from.
func (b *backups) sources(dir string) ([]backup.Source, error) {
	sources, err := backup.Tree(backup.LogDir, dir)
	if err != nil {
		return nil, err
	}
	keys, err := filepath.Glob(filepath.Join(b.data, "*.key"))
	if err != nil {
		return nil, err
	}
	sources = append(sources, backup.Text(hashFile, []byte(hex.EncodeToString(b.key)+"\n")))
	for _, path := range keys {
		if filepath.Base(path) == hashFile {
			continue
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, err
		}
		sources = append(sources, backup.Text(filepath.Base(path), text))
	}
	return sources, nil
}

func backupName(at time.Time) string { return "annals-" + at.UTC().Format("20060102T150405Z") + ".tar" }

// errHalfRestored is a data directory that a restore was not finished in.
var errHalfRestored = errors.New("a restore into it was not finished: delete it, and restore again")

// whole fails with errHalfRestored.
func whole(data string) error {
	if _, err := os.Stat(filepath.Join(data, restoring)); err == nil {
		return fmt.Errorf("--data %s: %w", data, errHalfRestored)
	}
	return nil
}
