// Package backup writes and reads backups: one tar file with the event log, the
// keys it is of no use without, and a manifest as its last entry. The manifest
// lists every file with its sum, so a backup without one is a part of one, and
// one that is damaged or was changed is told from one that is whole.
//
// It owns the file. It does not know how a log is copied while it is written to,
// nor what is in it.
package backup

import (
	"encoding/json"
	"time"

	"github.com/annals-crm/annals/domain"
)

const (
	manifestName = "manifest.json"
	format       = 1
	// LogDir is the directory in a backup that holds the event log.
	LogDir = "eventstore"
)

var (
	// ErrIncomplete is a backup that ends before its manifest.
	ErrIncomplete = &domain.Error{Kind: domain.Refused, Code: "backup_incomplete", Message: "the backup is a part of one: it was not finished, or is cut off; make another"}
	// ErrDamaged is a backup whose files are not those it was made of.
	ErrDamaged = &domain.Error{Kind: domain.Refused, Code: "backup_damaged", Message: "the backup is damaged; use another"}
	// ErrFormat is a backup from a later release.
	ErrFormat = &domain.Error{Kind: domain.Refused, Code: "backup_format", Message: "the backup was made by a later release; use that one"}
)

// Manifest says what a backup holds.
type Manifest struct {
	Format   int             `json:"format"`
	MadeAt   time.Time       `json:"made_at"`
	Program  string          `json:"program"`  // version that made it
	Log      string          `json:"log"`      // identity of the event log
	Position domain.Position `json:"position"` // everything up to it is there, and perhaps more
	Files    []File          `json:"files"`
}

// File is one file of a backup.
type File struct {
	Name   string `json:"name"` // with slashes
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Bytes is how much the files hold together.
func (m Manifest) Bytes() (sum int64) {
	for _, f := range m.Files {
		sum += f.Size
	}
	return sum
}

func (m Manifest) encode() ([]byte, error) { return json.MarshalIndent(m, "", "  ") }
