package httpapi

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/annals-crm/annals/domain"
)

// scanner looks through the text of a JSON value for what a decoder would
// silently mend or overlook: broken UTF-8 and lone surrogates (replaced), NUL
// and other control characters, fields given twice (the last one wins, in any
// spelling of upper and lower case), and endless nesting. Whether the text is
// JSON at all is left to the decoder.
type scanner struct {
	text  []byte
	at    int
	depth int // allowed
	open  []object
}

// object is an open object or array; names is nil in arrays.
type object struct {
	names map[string]struct{}
	inKey bool
}

func scan(text []byte, depth int) error {
	if !utf8.Valid(text) {
		return errUTF8
	}
	s := scanner{text: text, depth: depth}
	for s.at < len(s.text) {
		if err := s.step(); err != nil {
			return err
		}
	}
	return nil
}

func (s *scanner) step() error {
	b := s.text[s.at]
	s.at++
	switch b {
	case '{', '[':
		if len(s.open) == s.depth {
			return errNested.Because("the JSON is nested more than %d deep", s.depth)
		}
		o := object{}
		if b == '{' {
			o = object{names: map[string]struct{}{}, inKey: true}
		}
		s.open = append(s.open, o)
	case '}', ']':
		s.open = s.open[:max(len(s.open)-1, 0)]
	case ':', ',':
		if n := len(s.open); n > 0 {
			s.open[n-1].inKey = b == ','
		}
	case '"':
		return s.quoted()
	}
	return nil
}

// quoted passes over a string, up to its closing quote.
func (s *scanner) quoted() error {
	start, escaped := s.at, false
	for s.at < len(s.text) {
		b := s.text[s.at]
		s.at++
		switch {
		case b == '"':
			return s.named(s.text[start:s.at-1], escaped)
		case b == 0x7f, b == 0xc2 && s.at < len(s.text) && s.text[s.at] < 0xa0: // DEL, C1
			return errControl
		case b == '\\':
			escaped = true
			if err := s.escape(); err != nil {
				return err
			}
		}
	}
	return nil
}

// escape passes over what follows a backslash.
func (s *scanner) escape() error {
	if s.at == len(s.text) {
		return nil
	}
	b := s.text[s.at]
	s.at++
	switch b {
	case 'b', 'f':
		return errControl
	case 'u':
	default:
		return nil
	}
	r, ok := s.hex()
	switch {
	case !ok:
		return nil // the decoder will say so
	case r < 0x20 && r != '\t' && r != '\n' && r != '\r', r >= 0x7f && r < 0xa0:
		return errControl
	case !utf16.IsSurrogate(r):
		return nil
	}
	if s.at+1 < len(s.text) && s.text[s.at] == '\\' && s.text[s.at+1] == 'u' {
		s.at += 2
		if low, ok := s.hex(); ok && utf16.DecodeRune(r, low) != utf8.RuneError {
			return nil
		}
	}
	return errUTF8.Because("a \\u escape is half of a surrogate pair")
}

func (s *scanner) hex() (rune, bool) {
	if s.at+4 > len(s.text) {
		return 0, false
	}
	v, err := strconv.ParseUint(string(s.text[s.at:s.at+4]), 16, 16)
	if err != nil {
		return 0, false
	}
	s.at += 4
	return rune(v), true
}

// named notes a string that is the name of a field.
func (s *scanner) named(text []byte, escaped bool) error {
	if len(s.open) == 0 {
		return nil
	}
	o := s.open[len(s.open)-1]
	if o.names == nil || !o.inKey {
		return nil
	}
	name := string(text)
	if escaped {
		if plain, err := strconv.Unquote(`"` + name + `"`); err == nil {
			name = plain
		}
	}
	folded := strings.ToLower(strings.ToUpper(name))
	if _, twice := o.names[folded]; twice {
		return errTwice.Because("the field %q is given twice", name)
	}
	o.names[folded] = struct{}{}
	return nil
}

// checkText refuses text in headers, paths and query strings that no record holds.
func checkText(text string) *domain.Error {
	if !utf8.ValidString(text) {
		return errUTF8
	}
	for _, r := range text {
		if r < 0x20 || r >= 0x7f && r < 0xa0 {
			return errControl.Because("control characters are not accepted here")
		}
	}
	return nil
}
