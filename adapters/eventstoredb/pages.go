package eventstoredb

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

const (
	// searchWindow is how many events the server looks through between two
	// checkpoints when none of them is wanted.
	searchWindow = 2000
	// idlePage is the least time between pages that only move the position.
	idlePage = time.Second
)

// PagesConfig says where a subscription resumes and how large its pages are.
type PagesConfig struct {
	From domain.Position // exclusive
	// Types are the wire types wanted, in any version: a superseded one is read
	// as the present one, and one from the future comes as domain.Undecodable
	// instead of being passed over. If empty, all of the registry's are, and
	// unknown ones of its categories.
	Types []string
	// Prefixes are wanted instead of Types: every type that begins with one of
	// them, also if this program does not know it.
	Prefixes []string
	// Stored makes every event a domain.AsStored, with its bytes.
	Stored bool
	Size   int           // events to a page; 500 if zero
	Bytes  int           // stored bytes that close a page; 1 MiB if zero
	Times  int           // how many times as much a page holds far from the end of the log; 1 if zero
	Linger time.Duration // longest wait for a page to fill; 5 ms if zero, four times that while catching up
}

// Pages delivers the log in pages until ctx ends or the client is closed, and
// then closes the channel.
// It survives lost connections: no event comes twice, none is left out, and each
// page starts where the one before it ended.
//
// A page is closed by its size, by Linger, and at the end of the log. There it
// goes out at once, unless the one before it is younger than Linger. An empty
// page tells that the end of the log was reached, or that the position moved
// past events nobody wants (at most once a second). While nobody receives, at
// most two more pages are held in memory.
func (c *Client) Pages(ctx context.Context, cfg PagesConfig) <-chan domain.Page {
	if cfg.Size <= 0 {
		cfg.Size = 500
	}
	if cfg.Bytes <= 0 {
		cfg.Bytes = 1 << 20
	}
	if cfg.Linger <= 0 {
		cfg.Linger = 5 * time.Millisecond
	}
	cfg.Times = max(cfg.Times, 1)
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(c.life, cancel)
	box := newMailbox(cfg.Times*cfg.Size, cfg.Times*cfg.Bytes)
	out := make(chan domain.Page)
	go c.fill(ctx, cfg, box)
	p := &pager{cfg: cfg, decode: c.recorded, box: box, out: out, last: cfg.From}
	if cfg.Stored {
		p.decode = c.stored
	}
	go func() {
		defer close(out)
		defer cancel()
		defer stop()
		p.run(ctx)
	}()
	return out
}

// fill moves messages of the subscription into box and remembers where to
// resume. It runs beside the decoding, which is the larger part of the work.
func (c *Client) fill(ctx context.Context, cfg PagesConfig, box *mailbox) {
	resume, end := cfg.From, domain.StartOfLog
	prefixes, wanted := cfg.Prefixes, func(string) bool { return true }
	if len(prefixes) == 0 {
		prefixes, wanted = c.filter(cfg.Types)
	}
	open := func(ctx context.Context, g *generation) (_ *esdb.Subscription, err error) {
		if !g.tells { // then it has caught up where the log ends now
			if end, err = lastPosition(ctx, g); err != nil {
				return nil, err
			}
			if resume.Compare(end) >= 0 {
				box.put(ctx, letter{turn: live})
			}
		}
		return through(ctx, g, func(ctx context.Context, db *esdb.Client) (*esdb.Subscription, error) {
			return db.SubscribeToAll(ctx, subscription(resume, prefixes))
		})
	}
	_ = c.tail(ctx, "all events", open, func(m *esdb.SubscriptionEvent) { // $all is never deleted
		switch {
		case m.EventAppeared != nil:
			e := m.EventAppeared.OriginalEvent()
			at := position(e)
			if at.Compare(resume) <= 0 {
				return
			}
			resume = at
			if !wanted(e.EventType) {
				e = nil
			}
			box.put(ctx, letter{event: e, at: at, turn: reached(at, &end)})
		case m.CheckPointReached != nil:
			at := domain.Position{Commit: m.CheckPointReached.Commit, Prepare: m.CheckPointReached.Prepare}
			if at.Compare(resume) <= 0 {
				return
			}
			resume = at
			box.put(ctx, letter{at: at, turn: reached(at, &end)})
		case m.CaughtUp != nil:
			box.put(ctx, letter{turn: live})
		case m.FellBehind != nil, m.SubscriptionDropped != nil:
			box.put(ctx, letter{turn: behind})
		}
	})
}

func subscription(resume domain.Position, prefixes []string) esdb.SubscribeToAllOptions {
	o := esdb.SubscribeToAllOptions{
		From: esdb.Start{}, MaxSearchWindow: searchWindow, CheckpointInterval: 1,
		Filter: &esdb.SubscriptionFilter{Type: esdb.EventFilterType, Prefixes: prefixes},
	}
	if resume != domain.StartOfLog {
		o.From = esdb.Position{Commit: resume.Commit, Prepare: resume.Prepare}
	}
	if len(prefixes) == 0 {
		o.Filter = esdb.ExcludeSystemEventsFilter()
	}
	return o
}

// reached is live once, at the place that was the end of the log.
func reached(at domain.Position, end *domain.Position) turn {
	if *end == domain.StartOfLog || at.Compare(*end) < 0 {
		return same
	}
	*end = domain.StartOfLog
	return live
}

// filter gives the prefixes of event types the server is to send and what is
// wanted of those.
func (c *Client) filter(types []string) (prefixes []string, wanted func(string) bool) {
	if len(types) > 0 {
		asked := map[string]bool{}
		for _, name := range types {
			if prefix := anyVersion(name); !asked[prefix] {
				asked[prefix] = true
				prefixes = append(prefixes, prefix)
			}
		}
		return prefixes, func(name string) bool { return asked[anyVersion(name)] }
	}
	for _, name := range c.registry.Names() { // sorted, so equal prefixes are neighbours
		category, _, _ := strings.Cut(name, ".")
		prefixes = append(prefixes, name[:min(len(category)+1, len(name))])
	}
	return slices.Compact(prefixes), func(string) bool { return true }
}

// anyVersion is the part of a wire name that all its versions share.
func anyVersion(name string) string {
	if at := strings.LastIndex(name, ".v"); at >= 0 {
		return name[:at+len(".v")]
	}
	return name
}
