package eventstoredb

import (
	"context"
	"sync"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/domain"
)

type turn int

const (
	same   turn = iota
	live        // the end of the log was reached
	behind      // it no longer is
)

// letter is a message of a subscription: an event, a position without one, a
// turn, or a turn together with either.
type letter struct {
	event *esdb.RecordedEvent
	at    domain.Position
	turn  turn
}

func (l letter) bytes() int {
	if l.event == nil {
		return 0
	}
	return len(l.event.Data) + len(l.event.UserMetadata)
}

// mailbox hands letters from one goroutine to another in bulk: a channel
// operation for each event would cost more than reading it from the network.
type mailbox struct {
	size, limit int // letters and bytes it holds before put waits

	mu      sync.Mutex
	letters []letter
	bytes   int
	filled  chan struct{} // signals take that there is something again
	emptied chan struct{} // signals put that there is room again
}

func newMailbox(size, limit int) *mailbox {
	return &mailbox{size: size, limit: limit, filled: make(chan struct{}, 1), emptied: make(chan struct{}, 1)}
}

// put waits for room, or for the end of ctx. Only one goroutine may put.
func (b *mailbox) put(ctx context.Context, l letter) {
	for {
		b.mu.Lock()
		if len(b.letters) < b.size && b.bytes < b.limit {
			b.letters = append(b.letters, l)
			b.bytes += l.bytes()
			first := len(b.letters) == 1
			b.mu.Unlock()
			if first {
				signal(b.filled)
			}
			return
		}
		b.mu.Unlock()
		select {
		case <-b.emptied:
		case <-ctx.Done():
			return
		}
	}
}

// take empties the box into a slice that was taken before and is done with.
func (b *mailbox) take(reuse []letter) []letter {
	b.mu.Lock()
	taken := b.letters
	clear(reuse)
	b.letters, b.bytes = reuse[:0], 0
	b.mu.Unlock()
	if len(taken) > 0 {
		signal(b.emptied)
	}
	return taken
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
