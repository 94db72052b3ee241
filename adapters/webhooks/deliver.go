package webhooks

import (
	"context"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/webhook"
)

// readAtOnce is how many facts of a stream are read from the log for it.
const readAtOnce = 20

// attempt is a fact that was sent, and what came of it.
type attempt struct {
	webhook.Attempt
	answer answer
}

// step is what was done for one stream: a fact was sent, or facts were read.
type step struct {
	stream string
	sent   *attempt
	read   []feed.Fact
	more   bool  // there are others behind those that were read
	err    error // of ours
}

// next is the stream whose turn it is, and when; nil while as many are busy as the
// receiver is trusted with, or none waits.
func (j *job) next() (next *stream, at time.Time) {
	if j.busy >= j.calm.atOnce() {
		return nil, at
	}
	for _, s := range j.place.waiting {
		if !s.busy && (next == nil || s.Next.Before(next.Next)) {
			next = s
		}
	}
	if next != nil {
		at = later(next.Next, j.calm.until)
	}
	return next, at
}

// untilDue is how long there is nothing to begin.
func (j *job) untilDue() time.Duration {
	next, at := j.next()
	if next == nil {
		return time.Hour
	}
	return max(at.Sub(j.d.config.Now()), 0)
}

// begin sends the first fact of each stream whose turn it is, or reads it.
func (j *job) begin(ctx context.Context) {
	for s, at := j.next(); s != nil && !at.After(j.d.config.Now()); s, at = j.next() {
		s.busy = true
		j.busy++ // steps has room for all of them
		if len(s.facts) > 0 {
			fact, number := s.facts[0], s.Attempts+1
			go func() { j.steps <- j.try(ctx, fact, number) }()
			continue
		}
		s.more = false
		of, upTo := s.Blocked, j.place.Position
		most := max(1, min(readAtOnce, factsMost-j.place.held()))
		go func() { j.steps <- j.read(ctx, of, upTo, most) }()
	}
}

// read reads some facts of a stream, up to a position: what is behind that has not
// come yet.
func (j *job) read(ctx context.Context, of webhook.Blocked, upTo domain.Position, most int) step {
	s := step{stream: of.Stream}
	for r, err := range j.d.config.Log.FactsOf(ctx, of.Stream, of.Revision) {
		if err != nil {
			s.err = fmt.Errorf("facts that wait: %w", err)
			break
		}
		if r.Position.Compare(upTo) > 0 {
			break
		}
		if fact, ok := feed.Of(r); ok && j.hook.Wants(fact) {
			if s.more = len(s.read) == most; s.more {
				break
			}
			s.read = append(s.read, fact)
		}
	}
	return s
}

// try sends a fact once.
func (j *job) try(ctx context.Context, fact feed.Fact, number int) step {
	s := step{stream: fact.Stream}
	answer := j.send(ctx, fact)
	if answer.status == 0 && ctx.Err() != nil { // given up by us: nobody knows whether it was taken
		s.err = ctx.Err()
		return s
	}
	s.sent = &attempt{webhook.Attempt{
		EventID: fact.ID, Type: fact.Type, Stream: fact.Stream, Revision: fact.Revision, Position: fact.Position, Number: number,
		At: answer.at, Seconds: answer.took.Seconds(), Taken: answer.taken(), Status: answer.status, Error: answer.reason,
	}, answer}
	j.d.metrics.tried(j.id, answer)
	return s
}

func (j *job) send(ctx context.Context, fact feed.Fact) answer {
	body, err := fact.JSON()
	if err != nil {
		return answer{at: j.d.config.Now(), reason: fmt.Sprintf("the event cannot be written down: %v", err)}
	}
	if j.hook.Masked {
		body = j.d.config.Mask(body)
	}
	m := message{url: j.hook.URL, id: fact.ID, body: body}
	for _, sealed := range j.hook.Secrets(j.d.config.Now()) {
		if secret, ok := j.secrets[sealed]; ok {
			m.secrets = append(m.secrets, secret)
		}
	}
	return j.d.sender.send(ctx, m)
}
