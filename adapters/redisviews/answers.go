package redisviews

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/annals-crm/annals/projections"
)

// figuresRemembered bounds the questions whose answers are kept.
const figuresRemembered = 2048

// figureCache keeps answers with the mark of the last change they were read at.
// While that mark stands, they are still the answers, however far the position
// has moved on.
type figureCache struct {
	answers *lru.Cache[string, *remembered]
}

func newFigureCache() *figureCache {
	answers, err := lru.New[string, *remembered](figuresRemembered)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &figureCache{answers}
}

// of is what is remembered of a question.
func (c *figureCache) of(key string) *remembered {
	if known, ok := c.answers.Get(key); ok {
		return known
	}
	fresh := &remembered{working: make(chan struct{}, 1)}
	if known, ok, _ := c.answers.PeekOrAdd(key, fresh); ok {
		return known
	}
	return fresh
}

// remembered is the last answer to a question, and who works out the next one.
type remembered struct {
	last    atomic.Pointer[answer] // nil: none yet
	working chan struct{}
}

// begin waits until nobody else works out an answer.
func (r *remembered) begin(ctx context.Context) error {
	select {
	case r.working <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *remembered) end() { <-r.working }

// answer is what was read. One that turned out to be out of date is likely to
// be so the next time too; then nobody asks first whether it is.
type answer struct {
	changed string
	moving  bool
	counts  countsOf // that all is made of
	lasting projections.Figures
	passing projections.Figures // from since on
	since   time.Time
	until   time.Time // what is passing holds up to then; for good if zero
}

// holds tells whether what is passing has not passed by the moment of a question.
func (a *answer) holds(q question) bool {
	return !q.moment.Before(a.since) && (a.until.IsZero() || q.moment.Before(a.until))
}

// reckonPassing takes the steps that work out what is passing, and when it will
// have passed.
func (a *answer) reckonPassing(r *rounds, q question) {
	a.passing, a.since, a.until = projections.Figures{}, q.moment, time.Time{}
	r.reckon(q.passing, a.counts, &a.passing)
	if len(q.passing.Series) > 0 { // what runs is counted in whole seconds
		second := q.moment.Truncate(time.Second)
		a.until = second.Add(time.Second)
		if len(q.passing.States) == 0 {
			a.since = second
		}
	}
	for _, states := range q.passing.States {
		r.nextTurn(states, a.counts[states.Group()], &a.until)
	}
}

// question is what is asked of a build.
type question struct {
	prefix           string
	lasting, passing projections.Ask
	key              string // whatever is asked at another moment has the same
	moment           time.Time
}

func newQuestion(prefix string, ask projections.Ask) question {
	q := question{prefix: prefix}
	q.lasting, q.passing = ask.Apart()
	q.moment = momentOf(q.passing)
	var key strings.Builder
	key.WriteString(prefix)
	for _, group := range ask.Groups {
		key.WriteString("\x00c" + group)
	}
	for _, set := range ask.Samples {
		key.WriteString("\x00s" + set)
	}
	for _, set := range ask.Divided {
		key.WriteString("\x00d" + set)
	}
	for _, series := range ask.Series {
		key.WriteString("\x00t" + series.Name)
		for _, span := range series.Spans {
			key.WriteString("\x01" + string(span.From) + string(span.To))
		}
		if series.Spread {
			key.WriteString("\x01spread")
		}
		if series.Running != nil {
			key.WriteString("\x01running" + strconv.Itoa(*series.Running))
			if series.At != q.moment.Unix() {
				key.WriteString("\x01" + strconv.FormatInt(series.At, 10))
			}
		}
	}
	for _, states := range ask.States {
		key.WriteString("\x00i" + states.Name)
		for _, at := range states.At {
			if at.Equal(states.Present) && at.Equal(q.moment) {
				key.WriteString("\x01")
			} else {
				key.WriteString("\x01" + strconv.FormatInt(at.UnixMilli(), 10))
			}
		}
	}
	q.key = key.String()
	return q
}

// momentOf is the one moment that all of what is passing is mostly asked about.
func momentOf(passing projections.Ask) time.Time {
	switch {
	case len(passing.States) > 0:
		return passing.States[0].Present
	case len(passing.Series) > 0:
		return time.Unix(passing.Series[0].At, 0)
	}
	return time.Time{}
}
