package httpapi

import (
	"bytes"
	"regexp"
	"strings"
)

// Phone numbers and mail addresses are masked in the text of an answer, whatever
// its format and wherever in it they stand: a note may hold one as well as a
// contact. Contacts of these kinds are masked also where they look like neither.
var (
	mailAddress = regexp.MustCompile(`[\p{L}\p{N}._%+'-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)+`)
	// A mobile number of China, any number with its country, or a landline with its area.
	phoneNumber  = regexp.MustCompile(`(?:\+|&#43;|\b00)[1-9][0-9]{0,2}[ ().\-]{0,2}(?:[0-9][ ().\-]{0,2}){5,13}[0-9]|1[3-9][0-9](?:[ \-]?[0-9]{4}){2}|\(?0[1-9][0-9]{1,2}\)?[ \-]?[1-9][0-9]{2,3}[ \-]?[0-9]{4}`)
	contactValue = regexp.MustCompile(quote + `kind` + quote + `: ?` + quote + `(?:email|mobile|phone|wechat)` + quote + `[^{}]*?` + quote + `value` + quote + `: ?` + quote + `(.*?)` + quote)
)

// quote is one in JSON, or in JSON that stands in CSV, HTML or JSON.
const quote = `(?:""|"|&#34;|\\")`

// Masked hides phone numbers and mail addresses in a text, and leaves enough of
// each to tell two apart.
func Masked(text []byte) []byte {
	text = maskedContacts(text)
	text = mailAddress.ReplaceAllFunc(text, func(found []byte) []byte {
		name, host, _ := strings.Cut(string(found), "@")
		first := []rune(name)[:1]
		return []byte(string(first) + "***@" + host)
	})
	return maskedPhones(text)
}

func maskedContacts(text []byte) []byte {
	var out []byte
	end := 0
	for _, at := range contactValue.FindAllSubmatchIndex(text, -1) {
		value := text[at[2]:at[3]]
		if bytes.IndexByte(value, '@') >= 0 {
			continue // a mail address
		}
		out = append(append(out, text[end:at[2]]...), maskedNumber(string(value))...)
		end = at[3]
	}
	return append(out, text[end:]...)
}

// maskedPhones leaves numbers alone that are part of something longer, such as an
// id, a time or a position in the log.
func maskedPhones(text []byte) []byte {
	var out []byte
	end := 0
	for _, at := range phoneNumber.FindAllIndex(text, -1) {
		if part(before(text, at[0])) || at[1] < len(text) && part(text[at[1]]) {
			continue
		}
		out = append(append(out, text[end:at[0]]...), maskedNumber(string(text[at[0]:at[1]]))...)
		end = at[1]
	}
	return append(out, text[end:]...)
}

// before is the byte in front of a place; a blank for the escape of one in JSON.
func before(text []byte, at int) byte {
	switch {
	case at == 0:
		return ' '
	case at > 1 && text[at-2] == '\\' && bytes.IndexByte([]byte("nrt"), text[at-1]) >= 0:
		return ' '
	}
	return text[at-1]
}

func part(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-' || b == '/' || b == '_' || b == '.'
}

// maskedNumber keeps the first three and the last four characters.
func maskedNumber(number string) string {
	r := []rune(number)
	if len(r) < 10 {
		return string(r[:min(1, len(r))]) + "****"
	}
	return string(r[:3]) + "****" + string(r[len(r)-4:])
}
