package httpapi

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
)

const (
	// searchTime is how long events that fit are looked for before a page is
	// answered as it is.
	searchTime = 3 * time.Second
	pageBytes  = 4 << 20 // of facts, that close a page
)

// page answers one page of the feed.
func (f *Feed) page(ctx context.Context, in *feedInput, after domain.Position) (*huma.StreamResponse, error) {
	reading, stop := context.WithCancel(ctx)
	defer stop()
	pages := f.Log.Facts(reading, after, in.filter().Prefixes())
	enough := time.NewTimer(searchTime)
	defer enough.Stop()
	p := feedPage{next: after, limit: in.Limit}
	for !p.full && !p.caughtUp {
		select {
		case page, open := <-pages:
			if !open {
				return nil, domain.ErrUnavailable
			}
			if err := f.facts(ctx, page.Events, in.filter(), readerOf(callOf(ctx)), p.add); err != nil {
				return nil, err
			}
			if !p.full {
				p.next, p.caughtUp = page.To, page.CaughtUp
			}
		case <-enough.C:
			p.full = true
		}
	}
	return p.answer(callOf(ctx)), nil
}

// feedPage is a page being filled.
type feedPage struct {
	items    bytes.Buffer
	count    int
	limit    int
	full     bool
	next     domain.Position
	caughtUp bool
}

func (p *feedPage) add(fact feed.Fact) (more bool, err error) {
	text, err := fact.JSON()
	if err != nil {
		return false, fmt.Errorf("event at %s: %w", fact.Position, err)
	}
	if p.count > 0 {
		p.items.WriteByte(',')
	}
	p.items.Write(text)
	p.count++
	p.next = fact.Position
	p.full = p.count >= p.limit || p.items.Len() >= pageBytes
	return !p.full, nil
}

func (p *feedPage) answer(c *call) *huma.StreamResponse {
	next := cursorOf(p.next)
	link := nextLink(c.request.URL, next)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "application/json")
		hc.SetHeader("Vary", "Accept")
		hc.SetHeader("Link", link)
		// A caller who is gone needs no answer.
		_, _ = fmt.Fprintf(hc.BodyWriter(), `{"items":[%s],"next":%q,"caught_up":%t}`, p.items.Bytes(), next, p.caughtUp)
	}}
}
