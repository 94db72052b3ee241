package incarnation_test

import (
	"testing"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/incarnation"
	"github.com/annals-crm/annals/domain/input"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, incarnation.Types) }

type (
	events = []incarnation.Event
	cases  = []domaintest.Case[incarnation.Log, incarnation.Event]
)

func TestBegin(t *testing.T) {
	at := time.Date(2024, 5, 31, 10, 0, 0, 0, time.UTC)
	begin := func(reason string) func(incarnation.Log) (events, error) {
		return func(l incarnation.Log) (events, error) {
			return l.Begin(incarnation.Begun{Reason: reason, Position: domain.Position{Commit: 7, Prepare: 7}}, at)
		}
	}
	begun := incarnation.Begun{Reason: "a disk broke", Position: domain.Position{Commit: 7, Prepare: 7}, BegunAt: at}
	domaintest.Run(t, incarnation.Aggregate, cases{
		{Name: "first", When: begin("a disk broke"), Then: events{begun}},
		{Name: "and again", Given: events{begun}, When: begin("a disk broke"), Then: events{begun}},
		{Name: "without a reason", When: begin(" "), Err: input.ErrInvalid.In("reason")},
	})
}
