package tokenuse_test

import (
	"testing"
	"time"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/tokenuse"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, tokenuse.Types) }

func TestNote(t *testing.T) {
	noted := tokenuse.Noted{TokenID: "k1", Hour: time.Date(2024, 5, 31, 9, 0, 0, 0, time.UTC)}
	note := func(u tokenuse.Use) ([]tokenuse.Event, error) {
		return u.Note("k1", time.Date(2024, 5, 31, 17, 59, 59, 0, time.FixedZone("", 8*3600)))
	}
	domaintest.Run(t, tokenuse.Aggregate, []domaintest.Case[tokenuse.Use, tokenuse.Event]{
		{Name: "to the hour", When: note, Then: []tokenuse.Event{noted}},
		{Name: "twice", Given: []tokenuse.Event{noted}, When: note, Then: nil},
	})
}
