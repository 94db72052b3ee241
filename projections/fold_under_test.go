package projections_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// visited says when a visit to a house took place; it may be corrected.
type visited struct {
	House string
	At    time.Time
}

func (visited) EventType() string { return "visit.made.v1" }

// visit is a document of a visit or, told by visits, of a house.
type visit struct {
	House  string               `json:",omitempty"`
	At     time.Time            `json:",omitzero"`
	Visits map[string]time.Time `json:",omitempty"`
}

// visits counts visits per day of the policy's zone, and houses that had as many
// visits as the policy wants won deals for an existing customer.
var visits = projections.Declaration[visit]{
	Facts: func(v *visit, f *projections.Facts) {
		for _, at := range v.Visits {
			if at.Year() < 2000 {
				panic("there were no houses")
			}
		}
		pack := f.Policy().InForce(v.At).Pack
		if v.House != "" {
			f.CountOn("visits", "", domain.DateOf(v.At, pack.Location()), 1, projections.Days)
			f.Tell(v.House, v.At.Format(time.RFC3339Nano), v.At)
			if pack.Customers.ChurnAfter != "P3M" { // who is told may depend on the policy, too
				f.Tell("many", v.House+v.At.Format(time.RFC3339Nano), v.At)
			}
		}
		if len(v.Visits) >= pack.Customers.ExistingAfterWonDeals {
			f.Count("houses", "friends", 1)
			f.Sample("visits", int64(len(v.Visits)))
		}
	},
	Basis: func(p policy.Pack) any {
		return [3]any{p.Zone, p.Customers.ExistingAfterWonDeals, p.Customers.ChurnAfter}
	},
	Told: func(v *visit, key string, what any) {
		if what == nil {
			delete(v.Visits, key)
			return
		}
		if v.Visits == nil {
			v.Visits = map[string]time.Time{}
		}
		v.Visits[key] = what.(time.Time) //nolint:errcheck // nothing else is told
	},
}.Model("visits", 1,
	projections.On(func(v *visit, _ domain.Recorded, e visited) { v.House, v.At = e.House, e.At }))

func published(version int, change func(*policy.Pack)) projectionstest.Fact {
	pack := policy.Standard()
	change(&pack)
	return projectionstest.Fact{Stream: "policy-standard", Event: policy.Published{Version: version, Pack: pack}}
}

// visitHistory is visits, some corrected, and three policies in between.
func visitHistory() []domain.Recorded {
	const n = 60
	random := rand.New(rand.NewPCG(7, uint64(n))) //nolint:gosec // a test wants the same numbers again
	var facts []projectionstest.Fact
	for i := range n {
		facts = append(facts, projectionstest.Fact{Stream: fmt.Sprintf("visit-%d", random.IntN(n/2)), Event: visited{
			House: fmt.Sprintf("house%d", random.IntN(n/6)), At: time.Date(2024, 1, 1+random.IntN(9), random.IntN(24), 0, random.IntN(3600), 0, time.UTC),
		}})
		switch i {
		case n / 4:
			facts = append(facts, published(1, func(*policy.Pack) {}), published(2, func(p *policy.Pack) { p.Customers.ExistingAfterWonDeals = 3 }))
		case n / 2:
			facts = append(facts, published(3, func(p *policy.Pack) {
				p.Zone, p.Customers.ExistingAfterWonDeals, p.Customers.ChurnAfter = "America/New_York", 3, "P4M"
			}))
		}
	}
	return projectionstest.History(facts...)
}

func TestFactsUnderAPolicyDoNotDependOnPages(t *testing.T) {
	projectionstest.Equivalent(t, visits, visitHistory()...)
}

func TestFactsFollowThePolicy(t *testing.T) {
	for n, want := range map[int]string{1: "Asia/Shanghai", 4: "America/New_York"} {
		events := visitHistory()
		if n == 1 {
			events = events[:15]
		}
		zone, err := time.LoadLocation(want)
		require.NoError(t, err)
		at, houses := map[string]visited{}, map[string]map[time.Time]bool{}
		for _, r := range events {
			if e, ok := r.Event.(visited); ok {
				at[r.Stream] = e
			}
		}
		days := map[domain.Date]int64{}
		for _, v := range at {
			days[domain.DateOf(v.At, zone)]++
			if houses[v.House] == nil {
				houses[v.House] = map[time.Time]bool{}
			}
			houses[v.House][v.At] = true
		}
		contents := projectionstest.Folded(t, visits, events...).Contents(visits)
		for day, n := range days {
			assert.Equal(t, n, contents[fmt.Sprintf("count on:visits\x1f%s %sn", day[:7], day[8:])], day)
		}
		friends := int64(0)
		for _, visits := range houses {
			if n == 1 && len(visits) >= 2 || len(visits) >= 3 {
				friends++
			}
		}
		if n > 1 {
			friends++ // the house that is told of all visits
		}
		assert.Equal(t, friends, contents["count houses friends"])
	}
}

func TestAPolicyThatChangesNothingHereCostsNothing(t *testing.T) {
	folder := visits.Folder(projectionstest.NewMemory().Loader(visits))
	changes, err := folder.Fold(t.Context(), projectionstest.History(
		published(1, func(*policy.Pack) {}), published(2, func(p *policy.Pack) { p.Goals.CompletenessPct = 1 })))
	require.NoError(t, err)
	assert.Len(t, changes.Documents, 1, "the policy itself")
	assert.Empty(t, changes.Counts)
}

func TestWhoSpoilsAFigureIsParked(t *testing.T) {
	events := projectionstest.History(
		projectionstest.Fact{Stream: "visit-1", Event: visited{House: "a", At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}},
		projectionstest.Fact{Stream: "visit-2", Event: visited{House: "a", At: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC)}},
		projectionstest.Fact{Stream: "visit-3", Event: visited{House: "b", At: time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)}},
	)
	projectionstest.Equivalent(t, visits, events...)
	store := projectionstest.Folded(t, visits, events...)
	parked, err := store.Parked(t.Context(), visits)
	require.NoError(t, err)
	require.Len(t, parked, 1, "the visit that told of it")
	assert.Equal(t, "visit-2", parked[0].Stream)
	assert.Equal(t, "there were no houses", parked[0].Reason)
}
