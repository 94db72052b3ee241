package reservation

import (
	"net/mail"
	"strings"
	"unicode"

	"github.com/annals-crm/annals/domain"
)

// Reasons a value cannot identify a customer.
var (
	ErrEmail      = &domain.Error{Kind: domain.Invalid, Code: "bad_email", Message: "not an e-mail address such as ann@example.com"}
	ErrMobile     = &domain.Error{Kind: domain.Invalid, Code: "bad_mobile", Message: "not a mobile number such as 13800138000 or +4915112345678"}
	ErrCreditCode = &domain.Error{Kind: domain.Invalid, Code: "bad_credit_code", Message: "not a unified social credit code of 18 characters"}
	ErrExternalID = &domain.Error{Kind: domain.Invalid, Code: "bad_external_id", Message: "an external id has 1 to 200 characters without blanks around it"}
)

// Kind is what a key identifies a customer by.
type Kind string

// The kinds of certain-duplicate keys (definitions 5.3, tier A).
const (
	Email      Kind = "email"
	Mobile     Kind = "mobile"
	CreditCode Kind = "credit_code"
	ExternalID Kind = "external_id"
)

// Key identifies at most one customer. Value is normalised.
type Key struct {
	Kind  Kind   `json:"kind"`
	Value string `json:"value"`
}

// NewKey normalises value. It fails with the error of its kind.
func NewKey(kind Kind, value string) (Key, error) {
	var err error
	switch kind {
	case Email:
		value, err = NormalEmail(value)
		value = withoutTag(value)
	case Mobile:
		value, err = NormalMobile(value)
	case CreditCode:
		value, err = NormalCreditCode(value)
	case ExternalID:
		value, err = NormalExternalID(value)
	}
	return Key{kind, value}, err
}

// NormalEmail is an address as it is kept: trimmed and in lower case. Domains
// in other scripts stay as they are; turning them into ASCII needs tables the
// domain does without. It fails with ErrEmail.
func NormalEmail(s string) (string, error) {
	s = strings.ToLower(strings.TrimSpace(s))
	a, err := mail.ParseAddress(s)
	if err != nil || a.Address != s || len(s) > 254 {
		return "", ErrEmail.Because("%q is not an e-mail address such as ann@example.com", s)
	}
	_, host, _ := strings.Cut(s, "@")
	if !strings.Contains(strings.Trim(host, "."), ".") {
		return "", ErrEmail.Because("the domain of %q is incomplete; an address looks like ann@example.com", s)
	}
	return s, nil
}

// withoutTag drops what stands between + and @: ann+crm@example.com reaches ann.
func withoutTag(email string) string {
	at := strings.LastIndexByte(email, '@')
	if plus := strings.IndexByte(email, '+'); plus > 0 && plus < at {
		return email[:plus] + email[at:]
	}
	return email
}

// NormalMobile is a mobile number in E.164 form. Without a country code it is
// taken for a Chinese one: 1, then 3 to 9, then nine digits (DG-07). It fails
// with ErrMobile, which says how many digits are missing or too many (CM-12).
func NormalMobile(s string) (string, error) {
	digits, international, err := phoneDigits(s)
	if err != nil {
		return "", err
	}
	national, chinese := digits, !international
	if rest, ok := strings.CutPrefix(digits, "86"); ok && (international || len(digits) > 11) {
		national, chinese = rest, true
	}
	if !chinese {
		if len(digits) < 8 || len(digits) > 15 || digits[0] == '0' {
			return "", ErrMobile.Because("%q has %d digits; a number with country code has 8 to 15 and starts with none of 0", s, len(digits))
		}
		return "+" + digits, nil
	}
	switch n := len(national); {
	case n < 11:
		return "", ErrMobile.Because("%q has %d digits, %d too few; a Chinese mobile number has 11", s, n, 11-n)
	case n > 11:
		return "", ErrMobile.Because("%q has %d digits, %d too many; a Chinese mobile number has 11", s, n, n-11)
	case national[0] != '1' || national[1] < '3':
		return "", ErrMobile.Because("%q is not a Chinese mobile number, which starts with 13 to 19; enter a landline as kind phone", s)
	}
	return "+86" + national, nil
}

// phoneDigits strips blanks, dashes, dots and brackets.
func phoneDigits(s string) (digits string, international bool, err error) {
	var b strings.Builder
	for _, r := range strings.TrimSpace(s) {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９': // full width
			b.WriteRune(r - '０' + '0')
		case (r == '+' || r == '＋') && b.Len() == 0 && !international:
			international = true
		case unicode.IsSpace(r), strings.ContainsRune("-–—.()（）", r):
		default:
			return "", false, ErrMobile.Because("%q holds %q, which is no part of a phone number", s, string(r))
		}
	}
	digits = b.String()
	if rest, ok := strings.CutPrefix(digits, "00"); ok && !international {
		return rest, true, nil
	}
	return digits, international, nil
}

// NormalExternalID is the id of a record in the system it came from. It fails
// with ErrExternalID.
func NormalExternalID(s string) (string, error) {
	s = strings.TrimSpace(s)
	if s == "" || len([]rune(s)) > 200 || strings.ContainsFunc(s, unicode.IsControl) {
		return "", ErrExternalID
	}
	return s, nil
}
