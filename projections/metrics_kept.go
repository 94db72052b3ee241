package projections

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/goccy/go-json"
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/period"
)

// KeptMetrics remembers so many bytes of rows, of so many answers. An answer of a
// thousand rows has some 200 KiB.
const (
	keptText    = 32 << 20
	keptAnswers = 4096
)

// KeptMetrics remembers the rows of answers as they are sent, those asked for
// last. It does not decide whether they are still true: Metrics looks each time
// where the read model stands. It is safe for concurrent use.
type KeptMetrics struct {
	mu    sync.Mutex
	held  int // bytes
	cache *simplelru.LRU[string, *keptAnswer]
}

// NewKeptMetrics remembers nothing yet.
func NewKeptMetrics() *KeptMetrics {
	k := &KeptMetrics{}
	cache, err := simplelru.NewLRU(keptAnswers, func(_ string, gone *keptAnswer) { k.held -= len(gone.rows) })
	if err != nil {
		panic(err) // the size is positive
	}
	k.cache = cache
	return k
}

// keptAnswer is an answer and what it was made of: figures in one state, under so
// many published policies, at an instant from since on and before until, if that
// is not zero.
type keptAnswer struct {
	head         MetricAnswer // without rows
	rows         []byte       // JSON
	state        string
	policies     int
	since, until time.Time
}

// of is what is remembered of a question; nil if nothing is.
func (k *KeptMetrics) of(key string) *keptAnswer {
	if k == nil {
		return nil
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	known, _ := k.cache.Get(key)
	return known
}

// keep remembers an answer, and forgets what was not asked for longest if there
// is too much. One that would leave no room for others is not kept.
func (k *KeptMetrics) keep(key string, a *keptAnswer) {
	if k == nil || a.state == "" || len(a.rows) > keptText/8 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cache.Remove(key)
	k.cache.Add(key, a)
	for k.held += len(a.rows); k.held > keptText; {
		k.cache.RemoveOldest()
	}
}

// MetricText is a MetricAnswer in JSON. It is not put together: rows are many, and
// shared with other answers.
type MetricText struct {
	Position domain.Position // the figures hold for
	parts    [3][]byte
}

// Len is how many bytes it has.
func (t MetricText) Len() int { return len(t.parts[0]) + len(t.parts[1]) + len(t.parts[2]) }

// WriteTo writes it.
func (t MetricText) WriteTo(w io.Writer) (written int64, err error) {
	for _, part := range t.parts {
		n, err := w.Write(part)
		if written += int64(n); err != nil {
			return written, err //nolint:wrapcheck // the writer's own
		}
	}
	return written, nil
}

// Text is the answer of Read in JSON. Rows are worked out and written once for as
// long as they are true: until something is recorded that the read model takes
// in, another build of it takes its place, a policy is published or comes into
// force, a period ends or settles, or a subject passes a threshold. Errors are
// those of Read.
func (q Metrics) Text(ctx context.Context, name string, filter MetricFilter) (MetricText, error) {
	r, reach, figures, err := q.figures(ctx, name, filter)
	if err != nil {
		return MetricText{}, err
	}
	key := r.key(filter, reach)
	known := q.Kept.of(key)
	if known == nil || !known.holds(r, figures) {
		if known, err = r.kept(figures, reach); err != nil {
			return MetricText{}, err
		}
		q.Kept.keep(key, known)
	}
	head := known.head
	head.Position, head.At = figures.Position, r.at
	return head.around(known.rows)
}

// key is the same for whatever has the same rows if all else stays as it is.
func (r *reading) key(f MetricFilter, reach access.Reach) string {
	from, to := r.periods[0].From, r.periods[len(r.periods)-1].To
	key := fmt.Sprint(r.metric.Name, "\x00", r.metric.Definition, "\x00", r.kind, "\x00", r.by, "\x00", r.hidden, "\x00", from, "\x00", to, "\x00", f.At.UnixMilli())
	if reach.Limited() {
		key += "\x00" + strings.Join(reach.Owners(), "\x00")
	}
	return key
}

// holds tells whether an answer is that of the question over figures.
func (k *keptAnswer) holds(r *reading, figures Figures) bool {
	return k.state != "" && k.state == figures.State && k.policies == len(r.policy.Versions) &&
		!r.at.Before(k.since) && (k.until.IsZero() || r.at.Before(k.until))
}

// kept is the answer with all that it depends on.
func (r *reading) kept(figures Figures, reach access.Reach) (*keptAnswer, error) {
	answer := r.answer(figures).within(reach)
	rows, err := json.Marshal(answer.Rows)
	if err != nil {
		return nil, fmt.Errorf("rows of %s: %w", r.metric.Name, err)
	}
	answer.Rows = nil
	return &keptAnswer{
		head: answer, rows: rows, state: figures.State, policies: len(r.policy.Versions),
		since: r.at, until: sooner(r.turn(), figures.Until),
	}, nil
}

// turn is the next instant at which rows may be others although the figures are
// the same: a day ends, a period settles, or a policy comes into force.
func (r *reading) turn() time.Time {
	next := r.zones.midnight(period.AddDays(domain.DateOf(r.at, r.zone), 1))
	consider := func(at time.Time) {
		if at.After(r.at) {
			next = sooner(next, at)
		}
	}
	for _, p := range r.periods {
		under := r.policy.InForce(r.end(p))
		consider(r.settled(p, &under.Pack))
	}
	for _, v := range r.policy.Versions {
		consider(v.EffectiveFrom)
	}
	return next
}

// around is the answer with rows that are JSON already.
func (a MetricAnswer) around(rows []byte) (MetricText, error) {
	text, err := json.Marshal(a)
	if err != nil {
		return MetricText{}, fmt.Errorf("answer of %s: %w", a.Metric, err)
	}
	before, behind := cutRows(text)
	return MetricText{a.Position, [3][]byte{before, rows, behind}}, nil
}

// cutRows divides an answer without rows where they belong. Quotes in a value are
// escaped, so that is found nowhere else.
func cutRows(text []byte) (before, behind []byte) {
	const name = `"rows":`
	at := bytes.Index(text, []byte(name+"null")) + len(name)
	return text[:at], text[at+len("null"):]
}
