package period_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
)

func TestOf(t *testing.T) {
	for _, c := range []struct {
		kind           period.Kind
		day, from, to  domain.Date
		name, previous string
	}{
		{period.Day, "2024-02-29", "2024-02-29", "2024-03-01", "2024-02-29", "2024-02-28"},
		{period.Week, "2024-05-06", "2024-05-06", "2024-05-13", "2024-W19", "2024-W18"},
		{period.Week, "2024-05-12", "2024-05-06", "2024-05-13", "2024-W19", "2024-W18"},
		{period.Week, "2023-01-01", "2022-12-26", "2023-01-02", "2022-W52", "2022-W51"},
		{period.Week, "2024-12-31", "2024-12-30", "2025-01-06", "2025-W01", "2024-W52"},
		{period.Month, "2024-02-29", "2024-02-01", "2024-03-01", "2024-02", "2024-01"},
		{period.Month, "2024-01-31", "2024-01-01", "2024-02-01", "2024-01", "2023-12"},
		{period.Quarter, "2024-05-31", "2024-04-01", "2024-07-01", "2024-Q2", "2024-Q1"},
		{period.Quarter, "2024-12-31", "2024-10-01", "2025-01-01", "2024-Q4", "2024-Q3"},
		{period.Year, "2024-02-29", "2024-01-01", "2025-01-01", "2024", "2023"},
	} {
		p := period.Of(c.kind, c.day)
		assert.Equal(t, period.Period{Kind: c.kind, From: c.from, To: c.to}, p)
		assert.Equal(t, c.name, p.Name())
		assert.True(t, p.Holds(c.day))
		assert.False(t, p.Holds(p.To))
		assert.Equal(t, c.previous, p.Before().Name())
		assert.Equal(t, p, p.Before().Next())
	}
	assert.Zero(t, period.Of(period.Month, "soon"))
}

func TestBetween(t *testing.T) {
	months := period.Between(period.Month, "2024-01-31", "2024-03-01")
	require.Len(t, months, 3)
	assert.Equal(t, "2024-03", months[2].Name())
	assert.Len(t, period.Between(period.Day, "2024-02-01", "2024-02-29"), 29)
	assert.Equal(t, "2024-01-31/2024-03-01", period.Between(period.Whole, "2024-01-31", "2024-03-01")[0].Name())
	assert.Empty(t, period.Between(period.Month, "2024-03-01", "2024-01-31"))
	assert.Empty(t, period.Between(period.Month, "soon", "later"))
}

func TestAddMonths(t *testing.T) {
	for _, c := range []struct {
		from domain.Date
		n    int
		want domain.Date
	}{
		{"2024-01-31", 3, "2024-04-30"},
		{"2023-11-30", 3, "2024-02-29"},
		{"2022-11-30", 3, "2023-02-28"},
		{"2024-02-29", 12, "2025-02-28"},
		{"2024-02-29", 48, "2028-02-29"},
		{"2024-05-15", 0, "2024-05-15"},
		{"2024-03-31", -1, "2024-02-29"},
		{"2024-12-15", 1, "2025-01-15"},
	} {
		assert.Equal(t, c.want, period.AddMonths(c.from, c.n), c.from)
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	require.NoError(t, err)
	return z
}

func TestAfterKeepsTheTimeOfDayOfTheZone(t *testing.T) {
	shanghai, berlin := zone(t, "Asia/Shanghai"), zone(t, "Europe/Berlin")
	// 31 January 23:59:59.999 in Shanghai is still the 31st in UTC, 15:59.
	assert.Equal(t, "2024-04-30T15:59:59.999Z", period.Span("P3M").After(instant(t, "2024-01-31T15:59:59.999Z"), shanghai).Format("2006-01-02T15:04:05.000Z"))
	// One millisecond later it is 1 February there.
	assert.Equal(t, "2024-04-30T16:00:00.000Z", period.Span("P3M").After(instant(t, "2024-01-31T16:00:00Z"), shanghai).Format("2006-01-02T15:04:05.000Z"))
	// Across the change to summer time the wall clock stays.
	assert.Equal(t, "2024-04-15T08:00:00Z", period.Span("P3M").After(instant(t, "2024-01-15T09:00:00Z"), berlin).Format(time.RFC3339))
}

func TestSpans(t *testing.T) {
	for span, want := range map[period.Span]domain.Date{
		"P3M": "2024-04-30", "P60D": "2024-03-31", "P1M1D": "2024-03-01", "P2W": "2024-02-14", "P1Y2M3W4D": "2025-04-25", "P0D": "2024-01-31",
	} {
		assert.True(t, span.Valid(), span)
		assert.Equal(t, want, span.AfterDay("2024-01-31"), span)
	}
	for _, none := range []period.Span{"", "P", "3M", "P3", "P-3M", "P+3M", "P3H", "PT3H", "P3D1M", "P3M3M", "P1.5M", "p3m", "P5000D", "P3M "} {
		assert.False(t, none.Valid(), none)
		assert.Equal(t, domain.Date("2024-01-31"), period.Span("").AfterDay("2024-01-31"))
	}
	berlin := zone(t, "Europe/Berlin")
	assert.Equal(t, "2024-04-30T08:00:00Z", period.Span("P60D").After(instant(t, "2024-03-01T09:00:00Z"), berlin).Format(time.RFC3339), "summer time began in between")
}

func TestShorter(t *testing.T) {
	for _, c := range []struct {
		a, b period.Span
		want bool
	}{
		{"P3M", "P6M", true},
		{"P3M", "P3M", false},
		{"P3M", "P90D", false},
		{"P3M", "P92D", false},
		{"P3M", "P93D", true},
		{"P88D", "P3M", true},
		{"P89D", "P3M", false}, // from 30 November to 28 February
		{"P2M", "P2M1D", true},
		{"P6D", "P1W", true},
	} {
		assert.Equal(t, c.want, c.a.Shorter(c.b), "%s %s", c.a, c.b)
	}
}

// Midnight is checked against a search for the first instant of the day, in
// zones whose clocks change at midnight, too.
func TestMidnight(t *testing.T) {
	for _, name := range []string{"UTC", "Asia/Shanghai", "Europe/Berlin", "America/Sao_Paulo", "America/Havana", "Asia/Beirut", "Asia/Kathmandu", "Pacific/Apia", "Australia/Lord_Howe"} {
		z := zone(t, name)
		for day := domain.Date("2011-01-01"); day < "2012-12-31"; day = period.AddDays(day, 1) {
			got := period.Midnight(day, z)
			if domain.DateOf(got, z) != day {
				assert.Equal(t, domain.Date("2011-12-30"), day, name) // Samoa went without it
				continue
			}
			assert.Less(t, domain.DateOf(got.Add(-time.Millisecond), z), day, "%s %s", name, day)
		}
	}
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	require.NoError(t, err)
	return at
}
