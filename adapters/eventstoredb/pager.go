package eventstoredb

import (
	"context"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

// catchUp lengthens Linger far from the end of the log, where large pages
// matter and waiting does not.
const catchUp = 4

// pager decodes letters into pages and decides when a page goes out.
type pager struct {
	cfg    PagesConfig
	decode func(*esdb.RecordedEvent) domain.Recorded
	box    *mailbox
	out    chan<- domain.Page

	last  domain.Position // end of the page before
	page  domain.Page     // being filled
	at    domain.Position // last place looked at
	since time.Time       // of the first event on the page
	sent  time.Time       // of the page before
	live  bool
	turn  bool // the end of the log was reached and no page has said so
}

func (p *pager) run(ctx context.Context) {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	var letters, rest []letter
	p.at = p.last
	for {
		if len(rest) == 0 {
			letters = p.box.take(letters)
			rest = letters
		}
		for len(rest) > 0 && !p.full() {
			p.open(rest[0])
			rest = rest[1:]
		}
		due, some := p.due(time.Now())
		var (
			out    chan<- domain.Page
			filled <-chan struct{}
			ripe   <-chan time.Time
			page   domain.Page
		)
		switch {
		case some && due <= 0:
			out, page = p.out, p.closed(len(rest) == 0)
		case some:
			timer.Reset(due)
			ripe = timer.C
		}
		if len(rest) == 0 && !p.full() {
			filled = p.box.filled
		}
		select {
		case out <- page:
			p.begin(page)
		case <-filled:
		case <-ripe:
		case <-ctx.Done():
			return
		}
	}
}

// open takes in one letter.
func (p *pager) open(l letter) {
	switch l.turn {
	case live:
		p.turn = p.turn || !p.live
		p.live = true
	case behind:
		p.live, p.turn = false, false
	case same:
	}
	if l.at != domain.StartOfLog {
		p.at = l.at
	}
	if l.event == nil {
		return
	}
	if len(p.page.Events) == 0 {
		p.since = time.Now()
		p.page.Events = make([]domain.Recorded, 0, p.room())
	}
	p.page.Events = append(p.page.Events, p.decode(l.event))
	p.page.Bytes += l.bytes()
}

// room is what a page is likely to need: all of it in a rebuild, little live.
func (p *pager) room() int {
	if p.live {
		return min(p.cfg.Size, 8)
	}
	return p.times() * p.cfg.Size
}

func (p *pager) full() bool {
	return len(p.page.Events) >= p.times()*p.cfg.Size || p.page.Bytes >= p.times()*p.cfg.Bytes
}

// times is how many times the usual size a page may have.
func (p *pager) times() int {
	if p.live {
		return 1
	}
	return max(p.cfg.Times, 1)
}

// due is how long the page may still wait; some is false when there is none.
func (p *pager) due(now time.Time) (wait time.Duration, some bool) {
	switch {
	case p.full() || p.turn:
		return 0, true
	case len(p.page.Events) > 0 && p.live:
		return p.cfg.Linger - now.Sub(p.sent), true
	case len(p.page.Events) > 0:
		return catchUp*p.cfg.Linger - now.Sub(p.since), true
	case p.at != p.last:
		return idlePage - now.Sub(p.sent), true
	default:
		return 0, false
	}
}

func (p *pager) closed(drained bool) domain.Page {
	page := p.page
	page.From, page.To, page.CaughtUp = p.last, p.at, p.live && drained
	return page
}

func (p *pager) begin(after domain.Page) {
	p.page, p.last, p.sent = domain.Page{}, after.To, time.Now()
	if after.CaughtUp {
		p.turn = false
	}
}
