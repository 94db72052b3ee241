package analysis_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, analysis.Types) }

type (
	events = []analysis.Event
	cases  = []domaintest.Case[analysis.Analysis, analysis.Event]
)

var at = time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)

func question(change func(*analysis.Started)) analysis.Started {
	s := analysis.Started{
		AnalysisID: "a", Name: "rates", Question: analysis.Question{Metrics: []string{"win_rate"}, Period: "month"}, StartedBy: "ann",
	}
	change(&s)
	return s
}

func started(shadow bool) analysis.Started {
	return question(func(s *analysis.Started) {
		s.StartedAt, s.Shadow = at, shadow
		if !shadow {
			s.Baseline.KnownAt, s.Variant.KnownAt = at, at
		}
	})
}

func TestStart(t *testing.T) {
	start := func(change func(*analysis.Started)) func(analysis.Analysis) (events, error) {
		return func(a analysis.Analysis) (events, error) { return a.Start(question(change), at) }
	}
	as := func(*analysis.Started) {}
	domaintest.Run(t, analysis.Aggregate, cases{
		{Name: "what is recorded later is left out", When: start(as), Then: events{started(false)}},
		{Name: "but not of a shadow", When: start(func(s *analysis.Started) { s.Shadow = true }), Then: events{started(true)}},
		{Name: "twice", Given: events{started(false)}, When: start(as), Err: analysis.ErrExists},
		{Name: "without metrics", When: start(func(s *analysis.Started) { s.Metrics = nil }), Err: input.ErrInvalid.In("metrics")},
		{Name: "a metric twice", When: start(func(s *analysis.Started) { s.Metrics = []string{"a", "a"} }), Err: input.ErrInvalid.In("metrics[1]")},
		{Name: "too many metrics", When: start(func(s *analysis.Started) { s.Metrics = make([]string, 21) }), Err: input.ErrInvalid.In("metrics")},
		{Name: "without a name", When: start(func(s *analysis.Started) { s.Name = "" }), Err: input.ErrInvalid.In("name")},
		{Name: "no day", When: start(func(s *analysis.Started) { s.From = "2024-02-30" }), Err: input.ErrInvalid.In("from")},
		{Name: "what will be known", When: start(func(s *analysis.Started) { s.Variant.KnownAt = at.Add(time.Hour) }), Err: input.ErrInvalid.In("variant.known_at")},
		{Name: "what will have happened", When: start(func(s *analysis.Started) { s.Baseline.AsOf = at.Add(time.Hour) }), Err: input.ErrInvalid.In("baseline.as_of")},
		{Name: "another definition of what is not asked", When: start(func(s *analysis.Started) { s.Variant.Definitions = map[string]int{"won_value": 1} }), Err: input.ErrInvalid.In("variant.definitions.won_value")},
		{Name: "a shadow of the past", When: start(func(s *analysis.Started) { s.Shadow, s.Variant.AsOf = true, at }), Err: input.ErrInvalid.In("variant")},
	})
}

func TestEnd(t *testing.T) {
	var (
		completed = analysis.Completed{AnalysisID: "a", Report: []byte(`{}`)}
		cancelled = analysis.Cancelled{AnalysisID: "a", CancelledBy: "ann", CancelledAt: at}
		failed    = analysis.Failed{AnalysisID: "a", Code: "report_too_large"}
	)
	finish := func(a analysis.Analysis) (events, error) { return a.Finish(completed) }
	cancel := func(a analysis.Analysis) (events, error) { return a.Cancel("ann", at) }
	end := func(a analysis.Analysis) (events, error) { return a.End(&completed) }
	domaintest.Run(t, analysis.Aggregate, cases{
		{Name: "completed", Given: events{started(false)}, When: finish, Then: events{completed}},
		{Name: "completed twice", Given: events{started(false), completed}, When: finish},
		{Name: "completed too late", Given: events{started(false), cancelled}, When: finish},
		{Name: "completed from nowhere", When: finish, Err: analysis.ErrNotFound},
		{Name: "cancelled", Given: events{started(false)}, When: cancel, Then: events{cancelled}},
		{Name: "cancelled twice", Given: events{started(false), cancelled}, When: cancel},
		{Name: "cancelled too late", Given: events{started(false), failed}, When: cancel, Err: analysis.ErrEnded},
		{Name: "cancelled from nowhere", When: cancel, Err: analysis.ErrNotFound},
		{Name: "shadow ended", Given: events{started(true)}, When: end, Then: events{completed}},
		{Name: "no shadow ended", Given: events{started(false)}, When: end, Err: analysis.ErrNoShadow},
		{Name: "shadow ended twice", Given: events{started(true), completed}, When: end, Err: analysis.ErrEnded},
		{Name: "shadow ended from nowhere", When: end, Err: analysis.ErrNotFound},
		{Name: "shadow without a report", Given: events{started(true)}, When: func(a analysis.Analysis) (events, error) { return a.End(nil) }, Err: analysis.ErrNoReport},
	})
}

func TestFiguresAreOfTheEarlierTime(t *testing.T) {
	earlier := at.Add(-time.Hour)
	assert.Equal(t, earlier, analysis.Assumptions{AsOf: earlier, KnownAt: at}.At())
	assert.Equal(t, earlier, analysis.Assumptions{AsOf: at, KnownAt: earlier}.At())
	assert.Equal(t, at, analysis.Assumptions{AsOf: at}.At())
	assert.True(t, analysis.Assumptions{}.At().IsZero())
	assert.Equal(t, domain.Instant(at), at)
}
