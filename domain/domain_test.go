package domain_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
)

func TestPositionCompare(t *testing.T) {
	for _, tt := range []struct {
		p, q domain.Position
		want int
	}{
		{domain.Position{Commit: 1, Prepare: 1}, domain.Position{Commit: 1, Prepare: 1}, 0},
		{domain.Position{Commit: 1, Prepare: 9}, domain.Position{Commit: 2, Prepare: 0}, -1},
		{domain.Position{Commit: 2, Prepare: 1}, domain.Position{Commit: 2, Prepare: 0}, 1},
		{domain.StartOfLog, domain.Position{Prepare: 1}, -1},
	} {
		assert.Equal(t, tt.want, tt.p.Compare(tt.q), "%s and %s", tt.p, tt.q)
		assert.Equal(t, -tt.want, tt.q.Compare(tt.p), "%s and %s", tt.q, tt.p)
	}
}

func TestParsePosition(t *testing.T) {
	for text, want := range map[string]domain.Position{
		"0/0":                    domain.StartOfLog,
		"8312/8290":              {Commit: 8312, Prepare: 8290},
		"8312":                   {Commit: 8312, Prepare: math.MaxUint64}, // the end of that commit
		"18446744073709551615/0": {Commit: math.MaxUint64},
	} {
		got, err := domain.ParsePosition(text)
		require.NoError(t, err)
		assert.Equal(t, want, got)
	}
	for _, text := range []string{"", "/", "a", "1/", "1/b", "-1/0", "1/2/3", "18446744073709551616"} {
		_, err := domain.ParsePosition(text)
		require.ErrorIs(t, err, domain.ErrBadPosition, text)
	}
}

func TestPositionInJSON(t *testing.T) {
	p := domain.Position{Commit: 8312, Prepare: 8290}
	data, err := json.Marshal(p)
	require.NoError(t, err)
	assert.JSONEq(t, `"8312/8290"`, string(data))
	var back domain.Position
	require.NoError(t, json.Unmarshal(data, &back))
	assert.Equal(t, p, back)
	assert.ErrorIs(t, json.Unmarshal([]byte(`"x"`), &back), domain.ErrBadPosition)
}

func TestErrors(t *testing.T) {
	base := &domain.Error{Kind: domain.Refused, Code: "full", Message: "full"}
	fuller := base.Because("only %d left", 3).In("amount").With([]int{3})

	require.ErrorIs(t, fuller, base, "a fuller message is the same error")
	require.ErrorIs(t, fmt.Errorf("pay: %w", fuller), base, "also wrapped")
	require.NotErrorIs(t, fuller, domain.ErrConflict)
	assert.NotErrorIs(t, fuller, assert.AnError)
	assert.Equal(t, base.Because("only %d left", 3).In("amount").With([]int{3}), fuller)
	assert.Equal(t, []any{domain.Refused, "full", "only 3 left", "amount", []int{3}}, []any{fuller.Kind, fuller.Code, fuller.Message, fuller.Field, fuller.Details})
	assert.Equal(t, &domain.Error{Kind: domain.Refused, Code: "full", Message: "full"}, base, "the shared value stays as it is")
	assert.EqualError(t, fuller, "only 3 left")
}

func TestTextsAreSaidInOtherLanguages(t *testing.T) {
	german := func(format string) (string, bool) {
		text, ok := map[string]string{
			"full": "voll", "only %d of %s left": "von %[2]s nur %[1]d übrig", "cannot pay: %s": "keine Zahlung: %s", "%s cars": "%s Autos",
		}[format]
		return text, ok
	}
	full := &domain.Error{Message: "full"}
	said := full.Because("only %d of %s left", 3, domain.Say("%s cars", "red"))
	for _, tt := range []struct {
		text            domain.Text
		english, german string
	}{
		{full.Text(), "full", "voll"},
		{said.Text(), "only 3 of red cars left", "von red Autos nur 3 übrig"},
		{said.In("field").With(1).Text(), "only 3 of red cars left", "von red Autos nur 3 übrig"},
		{domain.Say("cannot pay: %s", said), "cannot pay: only 3 of red cars left", "keine Zahlung: von red Autos nur 3 übrig"},
		{full.Saying(domain.Say("full")).Text(), "full", "voll"},
		{domain.Say("empty: %s", full), "empty: full", "empty: full"},
	} {
		assert.Equal(t, tt.english, tt.text.String())
		assert.Equal(t, tt.german, tt.text.Translated(german))
	}
}

func TestMoneyCheck(t *testing.T) {
	require.NoError(t, domain.Money{Currency: "CNY"}.Check("amount"))
	require.NoError(t, domain.Money{Minor: 1, Currency: "EUR"}.Check("amount"))
	require.NoError(t, domain.Money{Minor: domain.MostMinor, Currency: "CNY"}.Check("amount"))
	for _, m := range []domain.Money{{}, {Minor: -1, Currency: "CNY"}, {Minor: domain.MostMinor + 1, Currency: "CNY"}, {Currency: "cny"}, {Currency: "CNYX"}, {Currency: "C1Y"}, {Currency: "元"}} {
		err := m.Check("price")
		require.ErrorIs(t, err, domain.ErrMoney, m)
		var refusal *domain.Error
		require.ErrorAs(t, err, &refusal)
		assert.Equal(t, "price", refusal.Field)
	}
}

func TestDates(t *testing.T) {
	shanghai := time.FixedZone("CST", 8*3600)
	evening := time.Date(2024, 5, 31, 16, 0, 0, 0, time.UTC)
	assert.Equal(t, domain.Date("2024-06-01"), domain.DateOf(evening, shanghai))
	assert.Equal(t, domain.Date("2024-05-31"), domain.DateOf(evening, time.UTC))
	assert.Equal(t, "2024-05", domain.Date("2024-05-31").Month())
	assert.Empty(t, domain.Date("").Month())
	for _, tt := range []struct {
		from, to domain.Date
		want     int64
	}{
		{"2024-02-28", "2024-03-01", 2},
		{"2023-02-28", "2023-03-01", 1},
		{"2024-03-01", "2024-02-28", -2},
		{"2024-03-01", "2024-03-01", 0},
		{"", "2024-03-01", 0},
		{"2024-03-01", "soon", 0},
	} {
		assert.Equal(t, tt.want, tt.from.DaysUntil(tt.to), "%s to %s", tt.from, tt.to)
	}
}

func TestTwoTimes(t *testing.T) {
	recorded := time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)
	happened := recorded.AddDate(-1, 0, 0)
	late := domain.Recorded{Stream: "deal-5f0c8a52-6a1e", RecordedAt: recorded, Meta: domain.Meta{OccurredAt: happened}}
	assert.Equal(t, happened, late.OccurredAt())
	assert.Equal(t, recorded, domain.Recorded{RecordedAt: recorded}.OccurredAt())
	assert.Equal(t, "5f0c8a52-6a1e", late.Subject())

	local := time.Date(2024, 5, 31, 17, 30, 0, 1_999_999, time.FixedZone("CST", 8*3600))
	assert.Equal(t, time.Date(2024, 5, 31, 9, 30, 0, 1_000_000, time.UTC), domain.Instant(local))
}

type painted struct {
	Colour string `json:"colour"`
}

func (painted) EventType() string { return "painted.v2" }

func TestRegistry(t *testing.T) {
	type paintedV1 struct {
		Red bool `json:"red"`
	}
	table := []domain.Type{
		domain.Current[painted](),
		domain.Superseded("painted.v1", func(old paintedV1) painted {
			if old.Red {
				return painted{"red"}
			}
			return painted{"green"}
		}),
	}
	types := domain.NewRegistry(table)
	assert.Equal(t, []string{"painted.v1", "painted.v2"}, types.Names())
	assert.Equal(t, painted{"blue"}, types.Decode("painted.v2", []byte(`{"colour":"blue","later":1}`)))
	assert.Equal(t, painted{"red"}, types.Decode("painted.v1", []byte(`{"red":true}`)), "old shapes are read as new ones")
	for name, data := range map[string]string{"painted.v3": `{}`, "painted.v2": `[`, "painted.v1": `{"red":"yes"}`} {
		e, ok := types.Decode(name, []byte(data)).(domain.Undecodable)
		require.True(t, ok, name)
		require.Error(t, e.Err)
		assert.Equal(t, name, e.EventType(), "it says where")
	}
	assert.Panics(t, func() { domain.NewRegistry(table, table) })
}
