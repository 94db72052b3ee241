package httpapi

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/projections"
)

const (
	// comeBack is how long a client waits before it connects again.
	comeBack = 3 * time.Second
	// stalled is how long a client may take nothing before it is cut off. It goes
	// on where it was when it comes back.
	stalled = 10 * time.Second
	beat    = 15 * time.Second
)

// stream answers with Server-Sent Events until the caller is gone or may read
// no more, or the server stops. It is no request that is worked on, so it has
// no deadline and takes the place of none.
func (f *Feed) stream(ctx context.Context, s *service, filter feed.Filter, after domain.Position) (*huma.StreamResponse, error) {
	leave, err := s.streams.enter()
	if err != nil {
		return nil, err
	}
	c := callOf(ctx)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		defer leave()
		c.leave()
		_, w := humamux.Unwrap(hc)
		ctx, cancel := context.WithCancel(projections.Within(context.WithValue(c.longest, callKey{}, c), c.reach))
		defer cancel()
		t := &feedStream{
			feed: f, service: s, call: c, filter: filter, reader: readerOf(c),
			masked: c.kept != nil, w: bufio.NewWriterSize(w, 32<<10), conn: http.NewResponseController(w),
		}
		c.kept = nil // every fact is masked by itself
		h := w.Header()
		h.Set("Content-Type", eventStream)
		h.Set("Cache-Control", "no-store")
		h.Set("X-Accel-Buffering", "no") // of proxies
		if c.headOnly {
			return // there is nothing to wait for
		}
		if err := t.run(ctx, after); err != nil && ctx.Err() == nil {
			s.log.WarnContext(ctx, "stream of the change feed ended", "request", c.requestID(), "error", err)
			panic(http.ErrAbortHandler) // no end that a client could take for a good one
		}
	}}, nil
}

// feedStream is one stream of the feed.
type feedStream struct {
	feed    *Feed
	service *service
	call    *call
	filter  feed.Filter
	reader  feed.Reader
	masked  bool
	w       *bufio.Writer
	conn    *http.ResponseController
	told    domain.Position // the last id that was sent
	passed  domain.Position // the last event looked at
}

// run returns nil when the server stops or the caller may read no more, which is
// asked before each page and every beat; the next request is told why.
func (t *feedStream) run(ctx context.Context, after domain.Position) error {
	// Else the connection would be taken for that of a request that is not sent
	// to its end.
	if err := t.conn.SetReadDeadline(time.Time{}); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	t.passed = after
	if _, err := fmt.Fprintf(t.w, "retry: %d\n\n", comeBack.Milliseconds()); err != nil {
		return err
	}
	if err := t.live(); err != nil {
		return err
	}
	pages := t.feed.Log.Facts(ctx, after, t.filter.Prefixes())
	tick := time.NewTicker(orDefault(t.feed.Beat, beat))
	defer tick.Stop()
	for {
		var err error
		select {
		case page, open := <-pages:
			if !open || len(page.Events) > 0 && !t.service.stillMay(t.call) {
				return nil
			}
			err = t.send(ctx, page.Events)
		case <-tick.C:
			if !t.service.stillMay(t.call) {
				return nil
			}
			err = t.live()
		case <-t.service.streams.ending:
			return nil
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// live shows that the stream lives, and how far it has come if that was past
// events that did not fit: a client remembers such an id without seeing an event.
func (t *feedStream) live() error {
	text := ": alive\n\n"
	if t.passed != t.told && t.passed != domain.StartOfLog {
		text = "id: " + t.passed.String() + "\n\n"
		t.told = t.passed
	}
	t.patience()
	if _, err := t.w.WriteString(text); err != nil {
		return err
	}
	return t.flush()
}

func (t *feedStream) send(ctx context.Context, page []domain.Recorded) error {
	if len(page) == 0 {
		return nil
	}
	sent := false
	err := t.feed.facts(ctx, page, t.filter, t.reader, func(fact feed.Fact) (bool, error) {
		text, err := fact.JSON()
		if err != nil {
			return false, fmt.Errorf("event at %s: %w", fact.Position, err)
		}
		if t.masked {
			text = MaskedJSON(text)
		}
		t.patience()
		t.told, sent = fact.Position, true
		_, err = fmt.Fprintf(t.w, "id: %s\nevent: %s\ndata: %s\n\n", fact.Position, fact.Type, text)
		return true, err
	})
	t.passed = page[len(page)-1].Position
	if err != nil || !sent {
		return err
	}
	return t.flush()
}

// patience gives the caller time to take what is written next.
func (t *feedStream) patience() {
	_ = t.conn.SetWriteDeadline(time.Now().Add(stalled)) // fails where there is no connection
}

func (t *feedStream) flush() error {
	if err := t.w.Flush(); err != nil {
		return err
	}
	if err := t.conn.Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	return nil
}
