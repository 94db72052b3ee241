package readmodel_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/readmodel"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, readmodel.Types) }

type (
	events = []readmodel.Event
	cases  = []domaintest.Case[readmodel.Decisions, readmodel.Event]
)

var at = time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)

func wish(revisions ...uint64) readmodel.ParkedDiscarded {
	d := readmodel.ParkedDiscarded{ReadModel: "deals", Version: 3, Stream: "deal-1", Reason: "broken import", DiscardedBy: "ann"}
	for _, r := range revisions {
		d.Events = append(d.Events, readmodel.Discarded{Revision: r, EventID: "e", Type: "deal.won.v1"})
	}
	return d
}

func decided(revisions ...uint64) readmodel.ParkedDiscarded {
	d := wish(revisions...)
	d.DiscardedAt = at
	return d
}

func TestDiscard(t *testing.T) {
	discard := func(in readmodel.ParkedDiscarded) func(readmodel.Decisions) (events, error) {
		return func(d readmodel.Decisions) (events, error) { return d.Discard(in, at) }
	}
	silent := wish(1)
	silent.Reason = "  "
	domaintest.Run(t, readmodel.Aggregate, cases{
		{Name: "first", When: discard(wish(1, 2)), Then: events{decided(1, 2)}},
		{Name: "only what is new", Given: events{decided(1)}, When: discard(wish(1, 2)), Then: events{decided(2)}},
		{Name: "nothing new", Given: events{decided(1), decided(2)}, When: discard(wish(2, 1))},
		{Name: "without a reason", When: discard(silent), Err: input.ErrInvalid.In("reason")},
	})
}

func TestOf(t *testing.T) {
	d := domaintest.Fold(readmodel.Aggregate, events{decided(1), decided(4)}...)
	assert.Equal(t, map[string][]uint64{"deal-1": {1, 4}}, d.Of("deals", 3))
	assert.Nil(t, d.Of("deals", 4), "a later version tries again")
	assert.Nil(t, d.Of("tickets", 3))
}
