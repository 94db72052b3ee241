package organisation_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/organisation"
)

func TestTeam(t *testing.T) {
	given := with(manages("sales", "", "ann", 1), manages("east", "", "bob", 1), manages("west", "", "bob", 1))
	o := domaintest.Fold(organisation.Aggregate, given...)
	text, err := json.Marshal(o)
	require.NoError(t, err)
	var saved state
	require.NoError(t, json.Unmarshal(text, &saved))
	for _, o := range []state{o, o, saved} { // the second time it is remembered
		assert.Equal(t, []string{"ann", "bob", "cem"}, o.Team("ann"))
		assert.Equal(t, []string{"bob", "cem"}, o.Team("bob"))
		assert.Equal(t, []string{"dan"}, o.Team("dan"), "manages nothing")
		assert.Equal(t, []string{"zoe"}, o.Team("zoe"), "unknown")
		assert.True(t, o.Manages("ann"))
		assert.False(t, o.Manages("dan"))
	}
	moved := organisation.Evolve(o, organisation.DepartmentMoved{DepartmentID: "west", From: "sales", To: "service", MovedAt: day(2)})
	assert.Equal(t, []string{"ann", "bob"}, moved.Team("ann"))
	assert.Equal(t, []string{"ann", "bob", "cem"}, o.Team("ann"), "an earlier state stays what it was")
	elsewhere := organisation.Evolve(o, manages("service", "", "bob", 2))
	assert.Equal(t, []string{"bob", "cem", "dan"}, elsewhere.Team("bob"))
	assert.Equal(t, []string{"x"}, state{}.Team("x"))
}

// Whoever left has records that somebody has to take over.
func TestTeamHasThoseWhoLeft(t *testing.T) {
	left := func(member, department string, n int) organisation.MemberLeft {
		return organisation.MemberLeft{MemberID: member, DepartmentID: department, LeftAt: day(n)}
	}
	o := domaintest.Fold(organisation.Aggregate, with(manages("sales", "", "ann", 1), manages("east", "", "bob", 1), left("cem", "west", 2))...)
	later := func(more ...organisation.Event) state {
		s := o
		for _, e := range more {
			s = organisation.Evolve(s, e)
		}
		return s
	}
	for name, tt := range map[string]struct {
		then   []organisation.Event
		of     string
		expect []string
	}{
		"below":              {nil, "ann", []string{"ann", "bob", "cem"}},
		"elsewhere":          {nil, "bob", []string{"bob"}},
		"back again":         {[]organisation.Event{joined("cem", "service", 3)}, "ann", []string{"ann", "bob"}},
		"back, to a team":    {[]organisation.Event{joined("cem", "east", 3)}, "bob", []string{"bob", "cem"}},
		"gone a second time": {[]organisation.Event{joined("cem", "east", 3), left("cem", "east", 4)}, "bob", []string{"bob", "cem"}},
		"their department is closed": {[]organisation.Event{
			organisation.DepartmentClosed{DepartmentID: "west", ParentID: "sales", ClosedAt: day(3)},
		}, "ann", []string{"ann", "bob", "cem"}},
		"closed, and they are back": {[]organisation.Event{
			organisation.DepartmentClosed{DepartmentID: "west", ParentID: "sales", ClosedAt: day(3)}, joined("cem", "service", 4),
		}, "ann", []string{"ann", "bob"}},
	} {
		s := later(tt.then...)
		assert.Equal(t, tt.expect, s.Team(tt.of), name)
		text, err := json.Marshal(s)
		require.NoError(t, err)
		var saved state
		require.NoError(t, json.Unmarshal(text, &saved))
		assert.Equal(t, tt.expect, saved.Team(tt.of), "%s, saved", name)
	}
}

func TestRepresents(t *testing.T) {
	o := domaintest.Fold(organisation.Aggregate, with(
		stands("s1", "bob", "ann", day(3), day(5)), stands("s2", "cem", "ann", day(4), time.Time{}), stands("s3", "dan", "bob", day(0), time.Time{}),
		organisation.SubstitutionEnded{SubstitutionID: "s2", MemberID: "cem", SubstituteID: "ann", From: day(4), EndedAt: day(6)},
	)...)
	for n, want := range map[int][]string{2: nil, 3: {"bob"}, 4: {"bob", "cem"}, 5: {"cem"}, 6: nil} {
		assert.Equal(t, want, o.Represents("ann", day(n)), "on day %d", n)
	}
	assert.Equal(t, []string{"dan"}, o.Represents("bob", day(3)), "not by way of others")
	assert.Equal(t, []string{"bob", "cem"}, o.Represents("ann", day(5).Add(-time.Millisecond)), "until before its end")
	assert.Empty(t, state{}.Represents("ann", day(1)))
}

// TestManyMembers folds an import of 5,000 and shares every state on the way.
func TestManyMembers(t *testing.T) {
	o := domaintest.Fold(organisation.Aggregate, many(5_000)...)
	assert.Len(t, slices.Collect(o.Members()), 5_000)
	assert.Len(t, o.Team("m0"), 5_000)
	m, ok := o.Member("m4999")
	require.True(t, ok)
	assert.Equal(t, "d49", m.DepartmentID)
}

func many(n int) events {
	all := events{opened("top", "", 0)}
	for i := range 50 {
		all = append(all, opened(fmt.Sprintf("d%d", i), "top", 0))
	}
	for i := range n {
		all = append(all, joined(fmt.Sprintf("m%d", i), fmt.Sprintf("d%d", i%50), 0))
	}
	return append(all, manages("top", "", "m0", 1))
}

func BenchmarkFold(b *testing.B) {
	for _, n := range []int{5_000, 20_000} {
		all := many(n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				domaintest.Fold(organisation.Aggregate, all...)
			}
		})
	}
}

func BenchmarkTeam(b *testing.B) {
	o := domaintest.Fold(organisation.Aggregate, many(5_000)...)
	for b.Loop() {
		o.Team("m0")
	}
}
