package importer

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
)

// layout is the Go form of a date format such as "YYYY-MM-DD HH:mm:ss".
func layout(format string) (string, error) {
	goForm := strings.NewReplacer(
		"YYYY", "2006", "MM", "01", "DD", "02", "HH", "15", "hh", "03", "mm", "04", "ss", "05",
		"M", "1", "D", "2", "h", "3", "A", "PM", "Z", "Z07:00",
	).Replace(format)
	day := time.Date(1987, 11, 23, 0, 0, 0, 0, time.UTC)
	if back, err := time.Parse(goForm, day.Format(goForm)); err != nil || !back.Equal(day) {
		return "", fmt.Errorf("format %q: want at least year, month and day, such as YYYY-MM-DD, D/M/YYYY or YYYY-MM-DD HH:mm:ss", format)
	}
	return goForm, nil
}

// clock reads times as the mapping says.
type clock struct {
	layouts []string
	formats []string
	zone    *time.Location
}

func newClock(m Mapping, p *Problems) clock {
	c := clock{zone: time.UTC, formats: m.Dates}
	for _, format := range m.Dates {
		if goForm, err := layout(format); err == nil { // else check has said so
			c.layouts = append(c.layouts, goForm)
		}
	}
	zone, err := time.LoadLocation(m.Zone)
	if err != nil {
		p.add("zone %q: want a name of the IANA list such as Asia/Shanghai", m.Zone)
		return c
	}
	c.zone = zone
	return c
}

// parse takes the mapping's formats, and RFC 3339, whose zone then counts. A
// day without a time is the midnight it begins with.
func (c clock) parse(s string) (time.Time, error) {
	for _, form := range c.layouts {
		if t, err := time.ParseInLocation(form, s, c.zone); err == nil {
			return domain.Instant(t), nil
		}
	}
	if t, err := time.Parse(time.RFC3339, s); err == nil {
		return domain.Instant(t), nil
	}
	if len(c.formats) == 0 {
		return time.Time{}, fmt.Errorf("%q is not a time such as 2024-05-31T09:30:00Z; give the mapping the file's formats under dates", s)
	}
	return time.Time{}, fmt.Errorf("%q is not a time as in %s", s, strings.Join(c.formats, " or "))
}

// numbers reads amounts as the mapping says.
type numbers struct {
	decimal, thousands string
	minor              bool
}

func newNumbers(m Mapping) numbers {
	n := numbers{decimal: m.Decimal, thousands: m.Thousands, minor: m.Units == "minor"}
	if n.decimal == "" {
		n.decimal = "."
	}
	return n
}

// money reads exactly: an amount never passes through a floating-point number.
func (n numbers) money(s, currency string) (domain.Money, error) {
	if !isCurrency(currency) {
		return domain.Money{}, fmt.Errorf("%q is not a currency of three capital letters", currency)
	}
	plain := s
	if n.thousands != "" {
		plain = strings.ReplaceAll(plain, n.thousands, "")
	}
	whole, fraction, _ := strings.Cut(plain, n.decimal)
	digits := fractionDigits(currency)
	if n.minor {
		digits = 0
	}
	if len(fraction) > digits {
		if strings.Trim(fraction[digits:], "0") != "" {
			return domain.Money{}, fmt.Errorf("%q has more than the %d decimal places of %s", s, digits, currency)
		}
		fraction = fraction[:digits]
	}
	text := whole + fraction + strings.Repeat("0", digits-len(fraction))
	minor, err := strconv.ParseUint(text, 10, 63)
	switch {
	case errors.Is(err, strconv.ErrRange):
		return domain.Money{}, fmt.Errorf("%q is too large an amount", s)
	case err != nil || whole == "":
		return domain.Money{}, fmt.Errorf("%q is not an amount of at least 0, such as 1234%s5", s, n.decimal)
	}
	return domain.Money{Minor: int64(minor), Currency: currency}, nil
}

func isCurrency(s string) bool { return domain.Money{Currency: s}.Check("") == nil }

// fractionDigits of ISO 4217, where they are not two.
func fractionDigits(currency string) int {
	switch currency {
	case "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF":
		return 0
	case "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND":
		return 3
	}
	return 2
}
