package callers

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/tokenuse"
)

// Every is how often uses of tokens are handed on. What a process has not handed
// on when it is killed is lost, unless the token is used again in the same hour.
const Every = time.Minute

// stopping is how long the last uses may take to be handed on at the end.
const stopping = 5 * time.Second

// uses remember in which hour each token was used last. On the way of a request
// that is one comparison, and a store once an hour.
type uses struct {
	mu   sync.Mutex
	byID map[string]*use
}

// use is the last use of one token, in hours since 1970.
type use struct {
	hour  atomic.Int64
	noted int64 // the last that was handed on
}

// of is the one use of a token, which stays the same when tokens change.
func (u *uses) of(tokenID string) *use {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.byID == nil {
		u.byID = map[string]*use{}
	}
	if u.byID[tokenID] == nil {
		u.byID[tokenID] = &use{}
	}
	return u.byID[tokenID]
}

const hour = int64(tokenuse.Precision / time.Second)

func (u *use) at(now time.Time) {
	latest := now.Unix() / hour
	for known := u.hour.Load(); known < latest && !u.hour.CompareAndSwap(known, latest); {
		known = u.hour.Load()
	}
}

// NoteUses hands on which tokens were used, each at most once an hour, every
// minute and once more when ctx ends. What note fails on is tried again.
func (d *Directory) NoteUses(ctx context.Context, note func(ctx context.Context, tokenID string, at time.Time) error, log *slog.Logger) {
	minute := time.NewTicker(Every)
	defer minute.Stop()
	for {
		select {
		case <-minute.C:
			d.noteUses(ctx, note, log)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopping)
			defer cancel()
			d.noteUses(last, note, log)
			return
		}
	}
}

func (d *Directory) noteUses(ctx context.Context, note func(ctx context.Context, tokenID string, at time.Time) error, log *slog.Logger) {
	for tokenID, use := range d.uses.since() {
		last := use.hour.Load()
		switch err := note(ctx, tokenID, time.Unix(last*hour, 0).UTC()); {
		case err == nil:
			use.noted = last
		case errors.Is(err, domain.ErrUnavailable), ctx.Err() != nil:
			log.WarnContext(ctx, "uses of tokens not noted yet", "error", err)
			return // the log is out of reach for all of them
		default:
			log.WarnContext(ctx, "use of a token not noted yet", "token", tokenID, "error", err)
		}
	}
}

// since are the tokens with a use that was not handed on.
func (u *uses) since() map[string]*use {
	u.mu.Lock()
	defer u.mu.Unlock()
	used := map[string]*use{}
	for tokenID, use := range u.byID {
		if use.hour.Load() > use.noted {
			used[tokenID] = use
		}
	}
	return used
}
