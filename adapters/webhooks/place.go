package webhooks

import (
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/webhook"
)

const (
	// waitingMost bounds the streams that wait: behind so many the log is not read
	// any further.
	waitingMost = 100
	// factsMost bounds the facts that are held for them, but for one of each: the
	// others are read from the log again.
	factsMost = 200
)

// place is where a webhook is.
type place struct {
	webhook.Progress // but for Blocked, which are those that wait
	waiting          map[string]*stream
}

// stream is one whose facts were not all taken yet.
type stream struct {
	webhook.Blocked             // the first of them
	facts           []feed.Fact // from there on, without gaps; none: they are read from the log
	more            bool        // the log may hold others behind them
	busy            bool        // one is being sent, or they are being read
}

func newPlace(p webhook.Progress, now time.Time) place {
	at := place{Progress: p, waiting: map[string]*stream{}}
	for _, b := range p.Blocked {
		b.Next = now // whoever takes over, or was told to go on, tries at once
		at.waiting[b.Stream] = &stream{Blocked: b}
	}
	at.Blocked = nil
	return at
}

// first is a fact that was not sent yet.
func first(f feed.Fact, next time.Time) webhook.Blocked {
	return webhook.Blocked{Stream: f.Stream, Revision: f.Revision, EventID: f.ID, Type: f.Type, RecordedAt: f.RecordedAt, Next: next}
}

// add lets a fact wait behind those of its stream. It is kept if there is room.
func (p place) add(f feed.Fact, now time.Time, room bool) (kept bool) {
	s, waits := p.waiting[f.Stream]
	if !waits {
		s = &stream{Blocked: first(f, now)}
		p.waiting[f.Stream] = s
	}
	if s.more || !room || waits && len(s.facts) == 0 { // it must not stand before others
		s.more = true
		return false
	}
	s.facts = append(s.facts, f)
	return true
}

// held is how many facts are kept.
func (p place) held() (n int) {
	for _, s := range p.waiting {
		n += len(s.facts)
	}
	return n
}

// progress is the place as it is kept elsewhere. Nothing is sent before a time.
func (p place) progress(until time.Time) webhook.Progress {
	kept := p.Progress
	for _, s := range p.waiting {
		b := s.Blocked
		b.Next = domain.Instant(later(b.Next, until))
		kept.Blocked = append(kept.Blocked, b)
	}
	slices.SortFunc(kept.Blocked, func(a, b webhook.Blocked) int { return strings.Compare(a.Stream, b.Stream) })
	return kept
}
