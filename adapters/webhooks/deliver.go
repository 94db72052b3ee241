package webhooks

import (
	"context"
	"fmt"

	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/webhook"
)

// attempt is a fact that was sent, and what came of it.
type attempt struct {
	webhook.Attempt
	answer answer
}

// sent is how far facts of one stream were sent.
type sent struct {
	facts []feed.Fact // that were not taken; the first has failed if there are tries
	tries []attempt
}

// last is the last attempt; nil if there was none.
func (s sent) last() *attempt {
	if len(s.tries) == 0 {
		return nil
	}
	return &s.tries[len(s.tries)-1]
}

// deliver sends facts of one stream in order until one is not taken. Number is
// which attempt it is at the first.
func (j *job) deliver(ctx context.Context, facts []feed.Fact, number int) sent {
	s := sent{facts: facts}
	for len(s.facts) > 0 && ctx.Err() == nil {
		fact := s.facts[0]
		answer := j.send(ctx, fact)
		if answer.status == 0 && ctx.Err() != nil {
			return s // given up by us: nobody knows whether it was taken
		}
		a := attempt{webhook.Attempt{
			EventID: fact.ID, Type: fact.Type, Stream: fact.Stream, Revision: fact.Revision, Position: fact.Position, Number: number,
			At: answer.at, Seconds: answer.took.Seconds(), Taken: answer.taken(), Status: answer.status, Error: answer.reason,
		}, answer}
		s.tries = append(s.tries, a)
		j.d.metrics.tried(j.id, a.answer)
		if !a.answer.taken() {
			return s
		}
		s.facts, number = s.facts[1:], 1
	}
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
