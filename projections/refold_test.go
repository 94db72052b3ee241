package projections_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// refolded folds one document anew, from pages of five events.
func refolded(t *testing.T, m projections.Model, id string, events []domain.Recorded) string {
	t.Helper()
	r := m.Refold(id)
	for page := range slices.Chunk(events, 5) {
		r.Survey(page)
	}
	for page := range slices.Chunk(events, 5) {
		assert.False(t, r.Survey(page), "everything was surveyed")
		require.NoError(t, r.Take(t.Context(), page))
	}
	return string(r.Document())
}

// Every document folded alone is what it is among all others, also if others
// tell it something and the policy changes in between.
func TestRefoldedAlone(t *testing.T) {
	for _, c := range []struct {
		model  projections.Model
		events []domain.Recorded
	}{
		{projectionstest.Jobs(1), projectionstest.Busy(30, 3)},
		{projectionstest.Clients(1), projectionstest.Busy(30, 3)},
		{projections.DealModel, projectionstest.Deals(12, 5)},
		{projections.CustomerModel, projectionstest.Deals(12, 5)},
		{visits, visitHistory()},
		{projections.JourneyModel, randomClientele(t, 12, 6).history()},
	} {
		n := 0
		for name, text := range projectionstest.Folded(t, c.model, c.events...).Contents(c.model) {
			id, ok := strings.CutPrefix(name, "document ")
			if !ok || id == "policy" || id == "many" { // which no event names
				continue
			}
			n++
			assert.Equal(t, text, refolded(t, c.model, id, c.events), "%s %s", c.model.Name, id)
		}
		assert.Positive(t, n, c.model.Name)
	}
}

// A document that is found to matter late makes it start over.
func TestRefoldingFindsAnotherDocument(t *testing.T) {
	events := visitHistory()
	r := visits.Refold("house3")
	assert.True(t, r.Surveys())
	again := 0
	for at := 0; at < len(events); at++ {
		if r.Survey(events[at : at+1]) {
			r.Restart()
			again, at = again+1, -1
			continue
		}
		require.NoError(t, r.Take(t.Context(), events[at:at+1]))
	}
	assert.Positive(t, again)
	assert.Equal(t, refolded(t, visits, "house3", events), string(r.Document()))
}
