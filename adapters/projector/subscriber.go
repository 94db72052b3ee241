package projector

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/annals-crm/annals/domain"
)

// pageKey is where the context of a message carries its page.
type pageKey struct{}

// descriptor is the payload of a message: what an operator sees of a page. The
// page itself travels by reference, so its size costs nothing here.
type descriptor struct {
	Lane  string          `json:"lane"`
	From  domain.Position `json:"from"`
	To    domain.Position `json:"to"`
	Count int             `json:"count"`
}

// subscriber is a Watermill subscriber whose topics are lanes. It sends one
// page at a time and the next only once that is acknowledged, which is what
// keeps the order: the router itself keeps none.
type subscriber struct {
	log    Log
	logger *slog.Logger
	pause  time.Duration // after the first failure
	lanes  map[string]*lane

	closing chan struct{}
	once    sync.Once
	running sync.WaitGroup
}

func newSubscriber(log Log, logger *slog.Logger, pause time.Duration, lanes ...*lane) *subscriber {
	s := &subscriber{log: log, logger: logger, pause: pause, lanes: map[string]*lane{}, closing: make(chan struct{})}
	for _, l := range lanes {
		s.lanes[l.name] = l
	}
	return s
}

// Subscribe sends the pages of a lane until ctx ends or Close is called; only
// then is the channel closed, since a router stops when its channels do.
func (s *subscriber) Subscribe(ctx context.Context, topic string) (<-chan *message.Message, error) {
	lane, ok := s.lanes[topic]
	if !ok {
		return nil, errors.New("no such lane: " + topic)
	}
	ctx, cancel := context.WithCancel(ctx)
	out := make(chan *message.Message)
	s.running.Go(func() {
		defer close(out)
		defer cancel()
		for failures := 0; ctx.Err() == nil; {
			if err := s.follow(ctx, lane, out); err != nil && ctx.Err() == nil {
				failures++
				s.logger.WarnContext(ctx, "lane cannot start; trying again", "lane", lane.name, "error", err)
				rest(ctx, s.pause, failures)
				continue
			}
			failures = 0
		}
	})
	s.running.Go(func() {
		select {
		case <-s.closing:
			cancel()
		case <-ctx.Done():
		}
	})
	return out, nil
}

// Close ends all subscriptions and waits for them.
func (s *subscriber) Close() error {
	s.once.Do(func() { close(s.closing) })
	s.running.Wait()
	return nil
}

// follow is one subscription to the log. It ends when the lane wants to start
// again from another place.
func (s *subscriber) follow(ctx context.Context, lane *lane, out chan<- *message.Message) error {
	until, cancel := context.WithCancel(ctx)
	defer cancel()
	from, err := lane.begin(until, cancel)
	if until.Err() != nil {
		return nil // it is to start from another place already
	}
	if err != nil {
		return err
	}
	for page := range s.log.Pages(until, from) {
		if until.Err() != nil {
			return nil
		}
		s.send(ctx, lane, out, page)
	}
	return nil
}

// send hands on one page until it is acknowledged. A message that was refused
// cannot be sent again, so each attempt is a new one with the same content.
func (s *subscriber) send(ctx context.Context, lane *lane, out chan<- *message.Message, page domain.Page) {
	payload, err := json.Marshal(descriptor{lane.name, page.From, page.To, len(page.Events)})
	if err != nil {
		payload = nil // only people read it
	}
	for failures := 1; ; failures++ {
		msg := message.NewMessage(watermill.NewShortUUID(), payload)
		msg.SetContext(context.WithValue(ctx, pageKey{}, page))
		select {
		case out <- msg:
		case <-ctx.Done():
			return
		}
		select {
		case <-msg.Acked():
			return
		case <-msg.Nacked():
			rest(ctx, s.pause, failures)
		case <-ctx.Done():
			return
		}
	}
}

// rest waits after a failure, longer after each, but never for ever.
func rest(ctx context.Context, pause time.Duration, failures int) {
	timer := time.NewTimer(min(pause<<min(failures-1, 10), longestPause))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
