package httpapi

import (
	"encoding/json"
	"regexp"
	"slices"
)

// MaskedJSON is JSON, of one value or several, with phone numbers and mail
// addresses hidden in its texts. Contacts are hidden whatever they look like.
// Everything else stays as it is, byte by byte.
func MaskedJSON(text []byte) []byte {
	found := textsIn(text)
	out, end := make([]byte, 0, len(text)), 0
	for _, t := range found.texts {
		var value string
		if json.Unmarshal(text[t.from:t.to], &value) != nil {
			continue
		}
		masked := maskedCell(value, found.contact(t))
		if masked == value {
			continue
		}
		encoded, err := json.Marshal(masked)
		if err != nil {
			continue // a string always has a form
		}
		out = append(append(out, text[end:t.from]...), encoded...)
		end = t.to
	}
	return append(out, text[end:]...)
}

// maskedCell is a text of its own, which may hold JSON.
func maskedCell(value string, contact bool) string {
	switch {
	case value != "" && (value[0] == '{' || value[0] == '[') && json.Valid([]byte(value)):
		return string(MaskedJSON([]byte(value)))
	case contact:
		return maskedContact(value)
	}
	return maskedText(value)
}

// jsonText is a string in JSON that is no name of a field.
type jsonText struct {
	from, to int    // its quotes included
	name     string // of the field, or of the one that its list is in
	object   int    // it stands in
}

// jsonTexts are those of a text, and what there is to know of their objects.
type jsonTexts struct {
	texts  []jsonText
	kinds  map[int]string // the fields "kind"
	fields map[int]string // the fields "field"
}

// contactField is how a change names the value of a contact.
var contactField = regexp.MustCompile(`^contacts\[.*\]\.value$`)

// contact tells whether a text is a contact's value, or what one was changed from
// or to.
func (found *jsonTexts) contact(t jsonText) bool {
	if t.name == "value" && slices.Contains([]string{"email", "mobile", "phone", "wechat"}, found.kinds[t.object]) {
		return true
	}
	return slices.Contains([]string{"from", "to", "value"}, t.name) && contactField.MatchString(found.fields[t.object])
}

// level is an object or a list that is open.
type level struct {
	object int
	name   string // of the field whose value comes next
}

// textsIn finds the strings in JSON that is known to be valid.
func textsIn(text []byte) *jsonTexts {
	found := &jsonTexts{kinds: map[int]string{}, fields: map[int]string{}}
	open, objects := []level{{}}, 0
	for i := 0; i < len(text); i++ {
		top := &open[len(open)-1]
		switch text[i] {
		case '{':
			objects++
			open = append(open, level{object: objects})
		case '[':
			open = append(open, *top)
		case '}', ']':
			if len(open) > 1 {
				open = open[:len(open)-1]
			}
		case '"':
			end := closing(text, i)
			if named(text, end) {
				_ = json.Unmarshal(text[i:end], &top.name) // what is no string names nothing
			} else {
				found.add(text, jsonText{i, end, top.name, top.object})
			}
			i = end - 1
		}
	}
	return found
}

func (found *jsonTexts) add(text []byte, t jsonText) {
	found.texts = append(found.texts, t)
	switch t.name {
	case "kind":
		found.kinds[t.object] = string(text[t.from+1 : t.to-1])
	case "field":
		found.fields[t.object] = string(text[t.from+1 : t.to-1])
	}
}

// closing is where a string that begins with a quote is over.
func closing(text []byte, quote int) int {
	for i := quote + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(text)
}

// named tells whether the string that ended is the name of a field.
func named(text []byte, end int) bool {
	for ; end < len(text); end++ {
		switch text[end] {
		case ' ', '\t', '\r', '\n':
		default:
			return text[end] == ':'
		}
	}
	return false
}
