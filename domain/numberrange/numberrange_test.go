package numberrange_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/numberrange"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, numberrange.Types) }

func TestFormat(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	newYear := time.Date(2024, 12, 31, 16, 30, 0, 0, time.UTC) // 2025 in Shanghai
	for _, tt := range []struct {
		name, pattern string
		seq           uint64
		want          string
	}{
		{"CM-05", "{YYYYMM}-{seq:3}", 1, "202501-001"},
		{"CM-06", "C{YYYY}{seq:3}", 1, "C2025001"},
		{"X5 widens after 999", "C{YYYY}{seq:3}", 1000, "C20251000"},
		{"parts", "{YY}/{MM}/{seq}", 42, "25/01/42"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := numberrange.Format(tt.pattern, tt.seq, newYear, shanghai)
			require.NoError(t, err)
			assert.Equal(t, tt.want, got)
		})
	}
	for _, pattern := range []string{"", "C{YYYY}", "{seq}{seq:3}", "{DD}{seq}", "{seq:0}", "{seq:x}", "{seq:10}", "{YYYY}-{seq:3}-{}"} {
		t.Run("refuses "+pattern, func(t *testing.T) {
			assert.ErrorIs(t, numberrange.CheckPattern(pattern), numberrange.ErrPattern)
		})
	}
}

func TestAssign(t *testing.T) {
	type events = []numberrange.Event
	assign := func(pattern string) func(numberrange.Range) (events, error) {
		return func(r numberrange.Range) (events, error) {
			return r.Assign("c9", pattern, time.Date(2024, 5, 1, 0, 0, 0, 0, time.UTC), time.UTC)
		}
	}
	before := events{numberrange.Assigned{Number: "202312-001", For: "c1"}, numberrange.Assigned{Number: "202312-002", For: "c2"}}
	domaintest.Run(t, numberrange.Aggregate, []domaintest.Case[numberrange.Range, numberrange.Event]{
		{Name: "first", When: assign("{YYYYMM}-{seq:3}"), Then: events{numberrange.Assigned{Number: "202405-001", For: "c9"}}},
		{Name: "X5 goes on in another month", Given: before, When: assign("{YYYYMM}-{seq:3}"), Then: events{numberrange.Assigned{Number: "202405-003", For: "c9"}}},
		{Name: "bad pattern", When: assign("C"), Err: numberrange.ErrPattern},
	})
	assert.Equal(t, "number_range-customer", numberrange.Aggregate.Stream(numberrange.Customers))
}
