package input_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

func TestChecker(t *testing.T) {
	line := func(s string) func(*input.Checker) { return func(c *input.Checker) { c.RequiredName("f", &s) } }
	text := func(s string) func(*input.Checker) { return func(c *input.Checker) { c.RequiredText("f", &s) } }
	day := func(d domain.Date) func(*input.Checker) { return func(c *input.Checker) { c.Date("f", d) } }
	one := func(s string) func(*input.Checker) {
		return func(c *input.Checker) { c.OneOf("f", s, []string{"a", "b"}) }
	}
	for _, tt := range []struct {
		name  string
		check func(*input.Checker)
		says  string
	}{
		{"a name", line(" 王芳 "), ""},
		{"as long as fits", line(strings.Repeat("长", 200)), ""},
		{"too long", line(strings.Repeat("长", 201)), "201 characters; at most 200"},
		{"only blanks", line(" \t\n"), "must not be empty"},
		{"two lines", line("a\nb"), "U+000A"},
		{"not UTF-8", line("a\xffb"), "UTF-8"},
		{"a text of lines", text("a\n\tb"), ""},
		{"a text too long", text(strings.Repeat("x", 10_001)), "at most 10000"},
		{"a bell", text("a\ab"), "U+0007"},
		{"no day", day(""), ""},
		{"a day", day("2024-02-29"), ""},
		{"not a day", day("2023-02-29"), "2024-05-31"},
		{"one of them", one("a"), ""},
		{"nothing", one(""), ""},
		{"something else", one("c"), "one of a, b"},
		{"no error", func(c *input.Checker) { c.AddError("f", nil) }, ""},
		{"an error", func(c *input.Checker) { c.AddError("f", domain.ErrMoney) }, "minor units"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var c input.Checker
			tt.check(&c)
			err := c.Err()
			if tt.says == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, input.ErrInvalid)
			require.ErrorContains(t, err, tt.says)
			var refusal *domain.Error
			require.ErrorAs(t, err, &refusal)
			assert.Equal(t, "f", refusal.Field)
			assert.Len(t, refusal.Details, 1)
		})
	}
}

func TestNamesAreTrimmed(t *testing.T) {
	s := "  ann\t"
	var c input.Checker
	c.Name("f", &s)
	assert.Equal(t, "ann", s)
}

func TestNotBefore(t *testing.T) {
	last := time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)
	for _, tt := range []struct {
		name string
		at   time.Time
		want time.Time
	}{
		{"later", last.Add(time.Hour), last.Add(time.Hour)},
		{"the same", last, last},
		{"whole milliseconds", last.Add(1500 * time.Microsecond), last.Add(time.Millisecond)},
		{"clocks a little apart", last.Add(-input.Skew), last},
	} {
		t.Run(tt.name, func(t *testing.T) {
			at, err := input.NotBefore(tt.at, last)
			require.NoError(t, err)
			assert.Equal(t, tt.want, at)
		})
	}
	_, err := input.NotBefore(last.Add(-input.Skew-time.Millisecond), last)
	require.ErrorIs(t, err, input.ErrOutOfOrder)
	assert.ErrorContains(t, err, "2024-05-31T09:30:00Z")
}
