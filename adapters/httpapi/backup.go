package httpapi

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

// ErrBackupUnderWay is for a second backup at a time.
var ErrBackupUnderWay = &domain.Error{Kind: domain.Refused, Code: "backup_under_way", Message: "another backup is being made; wait until it is done"}

// ErrNotEmbedded is for a log that another server keeps.
var ErrNotEmbedded = &domain.Error{Kind: domain.Refused, Code: "not_embedded", Message: "the event log is an EventStoreDB of its own; back it up by its own means, and keep the hash key"}

// Backup is all that was recorded when it was asked for, ready to be sent. It
// must be closed.
type Backup struct {
	Name  string // of the file
	Bytes int64  // that Write writes
	Write func(io.Writer) error
	Close func()
}

// makeBackup is a scope of its own: whoever may read does not thereby get the
// keys that a backup holds.
const makeBackup = "backup"

// mediaTar is the media type of a backup, whose files are compressed already.
const mediaTar = "application/x-tar"

// longestStall is how long a caller may take for a part of a backup.
const longestStall = 30 * time.Second

// backup sends a backup. Unlike any other answer it may take as long as it
// takes, as long as the caller goes on reading. One that fails is cut off, so
// that a part is not taken for the whole.
func (s *service) backup(make func(context.Context) (Backup, error)) http.HandlerFunc {
	return s.guarded(makeBackup, roles(access.Admin), http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, err := make(r.Context())
		if err != nil {
			s.fail(w, r, err)
			return
		}
		defer b.Close()
		callOf(r.Context()).shown.format = "backup"
		if err := s.disclose(r.Context(), "events"); err != nil {
			s.fail(w, r, err)
			return
		}
		w.Header().Set("Content-Type", mediaTar)
		w.Header().Set("Content-Disposition", `attachment; filename="`+b.Name+`"`)
		w.Header().Set("Content-Length", strconv.FormatInt(b.Bytes, 10))
		if callOf(r.Context()).headOnly {
			return
		}
		if err := b.Write(&patient{w, http.NewResponseController(w)}); err != nil {
			s.log.WarnContext(r.Context(), "a backup was cut off", "error", err)
			panic(http.ErrAbortHandler)
		}
	}))
}

// patient gives every part the same time.
type patient struct {
	io.Writer
	control *http.ResponseController
}

func (p *patient) Write(part []byte) (int, error) {
	if err := p.control.SetWriteDeadline(time.Now().Add(longestStall)); err != nil {
		return 0, fmt.Errorf("extend the time to write: %w", err)
	}
	return p.Writer.Write(part)
}
