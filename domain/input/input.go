// Package input checks what people and programs send, before a decision
// believes it. It collects every problem, so a form can be mended in one go.
package input

import (
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/annals-crm/annals/domain"
)

// The longest texts a field takes, in characters.
const (
	NameLength = 200
	TextLength = 10_000
)

// ErrInvalid is what Err wraps every problem in; Details lists them all.
var ErrInvalid = &domain.Error{Kind: domain.Invalid, Code: "invalid_input", Message: "the request has fields that need mending"}

// Problem is one thing wrong with one field.
type Problem struct {
	Field   string `json:"field"`
	Message string `json:"message"`

	text domain.Text
}

// Text is Message with what it was made of.
func (p Problem) Text() domain.Text {
	if p.text.String() != p.Message { // received
		return domain.Say("%s", p.Message)
	}
	return p.text
}

// Checker collects problems. The zero value is ready.
type Checker struct{ problems []Problem }

// Add notes a problem with field.
func (c *Checker) Add(field, format string, args ...any) {
	text := domain.Say(format, args...)
	c.problems = append(c.problems, Problem{field, text.String(), text})
}

// AddError notes err, if there is one, as a problem with field.
func (c *Checker) AddError(field string, err error) {
	if err != nil {
		c.Add(field, "%s", err)
	}
}

// Name trims a text of one line and notes what is wrong with it.
func (c *Checker) Name(field string, s *string) { c.text(field, s, NameLength, "") }

// Text trims a text of several lines and notes what is wrong with it.
func (c *Checker) Text(field string, s *string) { c.text(field, s, TextLength, "\n\r\t") }

// RequiredName is Name for a field that must not be empty.
func (c *Checker) RequiredName(field string, s *string) {
	c.Name(field, s)
	c.Required(field, *s)
}

// RequiredText is Text for a field that must not be empty.
func (c *Checker) RequiredText(field string, s *string) {
	c.Text(field, s)
	c.Required(field, *s)
}

// Required notes an empty field.
func (c *Checker) Required(field, s string) {
	if s == "" {
		c.Add(field, "%s must not be empty", field)
	}
}

func (c *Checker) text(field string, s *string, longest int, allowed string) {
	*s = strings.TrimSpace(*s)
	if n := utf8.RuneCountInString(*s); n > longest {
		c.Add(field, "%s has %d characters; at most %d fit", field, n, longest)
	}
	if !utf8.ValidString(*s) {
		c.Add(field, "%s is not valid UTF-8", field)
	}
	for _, r := range *s {
		if unicode.IsControl(r) && !strings.ContainsRune(allowed, r) {
			c.Add(field, "%s holds the control character %U; leave it out", field, r)
			return
		}
	}
}

// OneOf notes a value that is not among those allowed. An empty value passes.
func (c *Checker) OneOf(field, value string, allowed []string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.Add(field, "%s cannot be %q; it is one of %s", field, value, strings.Join(allowed, ", "))
	}
}

// Date notes a value that is no calendar day. An empty value passes.
func (c *Checker) Date(field string, d domain.Date) {
	if d == "" {
		return
	}
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		c.Add(field, "%s cannot be %q; it is a day such as 2024-05-31", field, string(d))
	}
}

// Err is nil, or ErrInvalid with every problem; Field and Message are the first's.
func (c *Checker) Err() error {
	if len(c.problems) == 0 {
		return nil
	}
	first := c.problems[0]
	return ErrInvalid.Saying(first.text).In(first.Field).With(c.problems)
}

// ErrOutOfOrder refuses a business time that cannot be reconciled with the
// facts already recorded.
var ErrOutOfOrder = &domain.Error{Kind: domain.Refused, Code: "out_of_order", Message: "this cannot have happened before what is already recorded", Field: "occurred_at"}

// Skew is how far the clocks of two servers may lie apart.
const Skew = time.Minute

// NotBefore is at, or last if at lies before it by no more than Skew. It fails
// with ErrOutOfOrder if at lies further back.
func NotBefore(at, last time.Time) (time.Time, error) {
	at = domain.Instant(at)
	switch {
	case !at.Before(last):
		return at, nil
	case last.Sub(at) <= Skew:
		return last, nil
	}
	return time.Time{}, ErrOutOfOrder.Because("this cannot have happened at %s: the state it would change is from %s",
		at.Format(time.RFC3339), last.Format(time.RFC3339))
}
