package httpapi

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"
)

// Phone numbers and mail addresses are masked wherever in a text they stand: a
// note may hold one as well as a contact. Rather too much is masked than too
// little, but for what programs make.
var (
	mailAddress = regexp.MustCompile("[\\p{L}\\p{N}._%+'!#$&*/=?^{|}~`-]+(?:@|%40)[\\p{L}\\p{N}-]+(?:\\.[\\p{L}\\p{N}-]+)+")
	phoneNumber = regexp.MustCompile(strings.Join([]string{
		`(?:\+ ?|00)[1-9][0-9]{0,2}(?:[ ./-]*\([0-9]{1,5}\))?(?:[ ./-]{0,3}[0-9]){4,13}`, // with its country
		`(?:86[ ./-]{0,2})?1[3-9][0-9](?:[ ,./-]{0,2}[0-9]{4}){2}`,                       // a mobile number of China
		`(?:86[ ./-]{0,2})?1[3-9][0-9](?:[ ,./-]{0,2}[0-9]{2}){4}`,
		`(?:86[ ./-]{0,2})?1[3-9][0-9][ ,./-]{0,2}[0-9]{3}[ ,./-]{0,2}[0-9]{5}`,
		`(?:86[ ./-]{0,2})?1[3-9][0-9]{2}[ ,./-]{0,2}[0-9]{3}[ ,./-]{0,2}[0-9]{4}`,
		`1[ ./-][3-9](?:[ ./-][0-9]){9}`,
		`\(?0[1-9][0-9]{1,2}\)?[ ./-]{0,3}[1-9](?:[ ./-]?[0-9]){6,7}`, // a landline of China, with its area
		`[48]00(?:[ .-]?[0-9]){7}`,                                    // a service number of China
		`[2-9][0-9]{2}[ .-][0-9]{3}[ .-][0-9]{4}`,                     // of North America
		`\([0-9]{2,5}\)[ -]{0,2}[0-9](?:[ -]?[0-9]){5,8}`,             // of elsewhere, with its area
		`\(?0[1-9][0-9]{0,4}\)?(?:[ ./-]{1,3}[0-9]{2,8}){1,5}`,
	}, "|"))
	machineMade = regexp.MustCompile(`(?i)` + strings.Join([]string{
		`[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}`,            // an id
		`[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}`,      // a trace context
		`(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9](?:T[0-9:.]+Z?)?`, // a date or a time
		`(?:19|20)[0-9]{2}[./][0-9]{1,2}[./][0-9]{1,2}`,
		`[0-9]{1,2}[./-][0-9]{1,2}[./-](?:19|20)[0-9]{2}`,
		`[0-9a-f]{16,}`, // a hash; see made
		`[0-9]+/[0-9]+`, // a position in the log; see made
	}, "|"))
	hidden = regexp.MustCompile(`(?s)^(?:.\*{4}|.{3}\*{4}.{4}|.\*{3}@.+)$`)
)

// leastDigits is how many a phone number has.
const leastDigits = 7

// maskedText hides phone numbers and mail addresses in a text, and leaves enough
// of each to tell two apart.
func maskedText(text string) string {
	if strings.ContainsAny(text, "@＠%") {
		text = replaced(text, func(plain string) [][]int { return mailAddress.FindAllStringIndex(plain, -1) }, maskedMail)
	}
	if digits(text) >= leastDigits {
		text = replaced(text, phoneNumbers, maskedNumber)
	}
	return text
}

// replaced replaces what find finds in the plain form of a text.
func replaced(text string, find func(plain string) [][]int, by func(string) string) string {
	runes := []rune(text)
	plain := make([]rune, len(runes))
	for i, r := range runes {
		plain[i] = plainRune(r)
	}
	in := string(plain)
	var out strings.Builder
	end := 0
	for _, at := range find(in) {
		from, to := utf8.RuneCountInString(in[:at[0]]), utf8.RuneCountInString(in[:at[1]])
		out.WriteString(string(runes[end:from]) + by(string(runes[from:to])))
		end = to
	}
	return out.String() + string(runes[end:])
}

// plainRune is the ASCII form of a wide letter, of any dash and of any blank, also
// of one that is not seen.
func plainRune(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case r <= unicode.MaxASCII:
		return r
	case r == '。':
		return '.'
	}
	if narrow := width.LookupRune(r).Narrow(); narrow != 0 && narrow <= unicode.MaxASCII {
		return narrow
	}
	switch {
	case unicode.Is(unicode.Pd, r), r == '−':
		return '-'
	case unicode.Is(unicode.Zs, r), unicode.Is(unicode.Cf, r):
		return ' '
	}
	return r
}

// phoneNumbers leaves numbers alone that are part of longer ones, and of what
// programs make.
func phoneNumbers(text string) (found [][]int) {
	made := made(text)
	for at := 0; ; {
		place := phoneNumber.FindStringIndex(text[at:])
		if place == nil {
			return found
		}
		from, to := at+place[0], whole(text, at+place[0], at+place[1])
		at = from + 1
		if to < 0 || from > 0 && digit(text[from-1]) ||
			slices.ContainsFunc(made, func(m []int) bool { return m[0] < to && from < m[1] }) {
			continue
		}
		found, at = append(found, []int{from, to}), to
	}
}

// whole is where a number that was found ends. If it runs into another one behind
// it, that is where groups part, or nowhere for one whose length is known. -1 if
// it is none.
func whole(text string, from, to int) int {
	if to < len(text) && digit(text[to]) {
		if !strings.HasPrefix(strings.TrimPrefix(text[from:], "("), "0") && text[from] != '+' {
			return -1
		}
		to = from + strings.LastIndexAny(text[from:to], " ./-")
	}
	if to <= from || digits(text[from:to]) < leastDigits {
		return -1
	}
	return to
}

// made are the places of what programs made.
func made(text string) [][]int {
	return slices.DeleteFunc(machineMade.FindAllStringIndex(text, -1), func(at []int) bool {
		found := text[at[0]:at[1]]
		commit, prepare, _ := strings.Cut(found, "/") // of a position they are the same
		return commit != prepare && strings.Trim(commit+prepare, "0123456789") == ""
	})
}

func digit(b byte) bool { return b >= '0' && b <= '9' }

func digits(text string) (n int) {
	for _, r := range text {
		if r = plainRune(r); r >= '0' && r <= '9' {
			n++
		}
	}
	return n
}

// maskedMail keeps the first letter and the host.
func maskedMail(address string) string {
	name, host, found := strings.Cut(strings.ReplaceAll(address, "＠", "@"), "@")
	if !found {
		name, host, _ = strings.Cut(address, "%40")
	}
	return string([]rune(name)[:1]) + "***@" + host
}

// maskedNumber keeps the first three and the last four characters.
func maskedNumber(number string) string {
	r := []rune(number)
	if len(r) < 10 {
		return string(r[:min(1, len(r))]) + "****"
	}
	return string(r[:3]) + "****" + string(r[len(r)-4:])
}

// maskedContact hides a way to reach somebody, whatever it looks like.
func maskedContact(value string) string {
	switch at := mailAddress.FindStringIndex(value); {
	case hidden.MatchString(value):
		return value
	case at != nil && at[0] == 0 && at[1] == len(value):
		return maskedMail(value)
	}
	return maskedNumber(value)
}
