package feed_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/feed"
)

var at = time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)

func won(data string) domain.Recorded {
	return domain.Recorded{
		ID: "e1", Stream: "deal-d1", Revision: 3, Position: domain.Position{Commit: 7, Prepare: 7}, RecordedAt: at.Add(time.Hour),
		Event: domain.AsStored{Event: deal.Won{}, Type: "deal.won.v1", Data: []byte(data)},
		Meta: domain.Meta{
			CorrelationID: "c", CausationID: "k", Command: "win-deal", Actor: domain.Actor{ID: "ann", Role: "sales"},
			OccurredAt: at, PolicyVersion: 2, Digest: "not for readers",
		},
	}
}

func TestFactIsWhatWasRecorded(t *testing.T) {
	fact, ok := feed.Of(won(`{"reason":"<b>&","later":1}`))
	require.True(t, ok)
	text, err := fact.JSON()
	require.NoError(t, err)
	assert.Equal(t, `{"id":"e1","type":"deal.won.v1","timestamp":"2024-05-31T09:30:00Z","stream":"deal-d1","revision":3,"position":"7/7",`+
		`"occurred_at":"2024-05-31T09:30:00Z","recorded_at":"2024-05-31T10:30:00Z","actor":{"id":"ann","role":"sales"},"command":"win-deal",`+
		`"correlation_id":"c","causation_id":"k","policy_version":2,"data":{"reason":"<b>&","later":1}}`, string(text))
	assert.Equal(t, deal.Won{}, fact.Recorded.Event, "a Sight decides on the event itself")
}

func TestFactsAreOneLine(t *testing.T) {
	for _, data := range []string{"{\n\"a\": 1\n}", "no\njson", ""} {
		fact, ok := feed.Of(won(data))
		require.True(t, ok)
		text, err := fact.JSON()
		require.NoError(t, err)
		assert.NotContains(t, string(text), "\n")
		assert.True(t, json.Valid(text))
	}
}

func TestInternalEventsAreNoFacts(t *testing.T) {
	issued := access.TokenIssued{Hash: "secret"}
	_, ok := feed.Of(domain.Recorded{Event: domain.AsStored{Event: issued, Type: issued.EventType(), Data: []byte(`{}`)}})
	assert.False(t, ok)
	_, ok = feed.Of(domain.Recorded{Event: deal.Won{}})
	assert.False(t, ok, "without its bytes it would have to be made up")
}

func TestFilter(t *testing.T) {
	fact, _ := feed.Of(won(`{}`))
	for _, tt := range []struct {
		name string
		f    feed.Filter
		fits bool
	}{
		{"all", feed.Filter{}, true},
		{"exact", feed.Filter{Types: []string{"deal.won.v1"}}, true},
		{"another version", feed.Filter{Types: []string{"deal.won.v2"}}, false},
		{"all versions", feed.Filter{Types: []string{"ticket.", "deal.won"}}, true},
		{"the kind", feed.Filter{Types: []string{"deal."}}, true},
		{"part of a name", feed.Filter{Types: []string{"deal.wo"}}, false},
		{"stream", feed.Filter{Stream: "deal-d1", Category: "deal", Actor: "ann"}, true},
		{"another stream", feed.Filter{Stream: "deal-d2"}, false},
		{"another category", feed.Filter{Category: "ticket"}, false},
		{"another actor", feed.Filter{Actor: "bob"}, false},
	} {
		assert.Equal(t, tt.fits, tt.f.Fits(fact), tt.name)
	}
}

func TestPatternsThatMeanNothing(t *testing.T) {
	known := []string{"access.token_issued.v1", "deal.won.v1", "deal.won.v2"}
	for _, good := range []string{"deal.", "deal.won", "deal.won.v2"} {
		require.NoError(t, feed.Filter{Types: []string{good}}.Check(known))
	}
	for _, bad := range []string{"", ".", "deal", "deal.won.v3", "deals.", "access.", "access.token_issued.v1"} {
		require.ErrorIs(t, feed.Filter{Types: []string{bad}}.Check(known), feed.ErrType, bad)
	}
	require.ErrorIs(t, feed.Filter{Types: make([]string, feed.MostTypes+1)}.Check(known), feed.ErrType)
}

func TestPrefixesCoverWhatFits(t *testing.T) {
	assert.Equal(t, []string{"deal.won", "ticket."}, feed.Filter{Types: []string{"deal.won", "ticket."}}.Prefixes())
	assert.Contains(t, feed.Filter{}.Prefixes(), "customer.")
	assert.NotContains(t, feed.Filter{}.Prefixes(), "access.")
}
