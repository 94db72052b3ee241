package main

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"os"
	"time"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// openedLog is a log that can be read, and its identity; empty if nobody has
// begun it.
type openedLog struct {
	*eventstoredb.Client
	id string
}

// checkLog opens the event log and looks at it, or returns nil.
func (d *visit) checkLog(ctx context.Context, s *stack, key []byte) *openedLog {
	const check = "event log"
	d.c.log = slog.New(slog.DiscardHandler) // what fails is told in the report
	if d.c.eventstore == "" {
		if _, err := os.Stat(eventStoreDir(d.c.data)); errors.Is(err, fs.ErrNotExist) {
			d.skip(check, "%s holds none yet; the first crm serve makes it", d.c.data)
			return nil
		}
	}
	began := d.now()
	client, err := openLog(s, d.c)
	if errors.Is(err, eventstore.ErrInUse) {
		d.skip(check, "a server is running on it; ask that with --server")
		return nil
	}
	id := ""
	if err == nil {
		id, err = commands.LogID(ctx, client)
	}
	if err != nil {
		d.add(finding{
			Check: check, Status: failed, Found: err.Error(),
			Means: "commands are answered with 503; queries go on, but see nothing new",
			Do:    "see that the event store runs, and that its address, certificate, user and password in --eventstore are right",
		})
		return nil
	}
	took := d.now().Sub(began).Round(time.Millisecond)
	if id == "" {
		d.ok(check, "answers in %s; it is empty, and the first crm serve begins it", took.String())
	} else {
		d.ok(check, "answers in %s; it is log %s", took.String(), id)
	}
	d.checkLogVersion(ctx, client)
	if id != "" {
		d.checkNewestEvents(ctx, client, key)
	}
	return &openedLog{client, id}
}

// The oldest release of EventStoreDB whose protocol is the one used.
const oldestMajor, oldestMinor = 23, 10

func (d *visit) checkLogVersion(ctx context.Context, log *eventstoredb.Client) {
	const check = "event log version"
	switch v, err := log.ServerVersion(ctx); {
	case err != nil:
		d.skip(check, "%v", err)
	case v == eventstoredb.Version{}:
		d.skip(check, "the server does not tell")
	case d.c.eventstore == "":
		d.ok(check, "embedded, speaks as %s does", v.String())
	case !v.AtLeast(oldestMajor, oldestMinor):
		d.add(finding{
			Check: check, Status: failed, Found: v.String(),
			Means: "this program was not made for a server that old, and may fail anywhere", Do: "take EventStoreDB 23.10 or later, or KurrentDB",
		})
	default:
		d.ok(check, "%s", v.String())
	}
}

// checkNewestEvents looks at what was recorded last.
func (d *visit) checkNewestEvents(ctx context.Context, log *eventstoredb.Client, key []byte) {
	var claims []domain.Recorded
	n := 0
	for rec, err := range log.ReadAllBackwards(ctx, newestEvents) {
		if err != nil {
			d.skip("log clock", "the log could not be read: %v", err)
			return
		}
		if n++; n == 1 {
			d.checkNewest(rec.RecordedAt)
		}
		if isClaim(rec) {
			claims = append(claims, rec)
		}
	}
	d.checkKeyOfLog(ctx, log, key, claims)
}
