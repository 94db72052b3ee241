package openapitest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// wrong is a value that a schema does not allow, or just so.
func (m *Maker) wrong(schema map[string]any, example any) any {
	choices := []any{m.strange(), m.strange()}
	if n, err := strconv.Atoi(text(schema["maxLength"])); err == nil && n < 20_000 {
		choices = append(choices, strings.Repeat("x", n), strings.Repeat("x", n+1), strings.Repeat("界", n))
	}
	for _, bound := range []string{"minimum", "maximum"} {
		if n, err := strconv.ParseInt(text(schema[bound]), 10, 64); err == nil {
			choices = append(choices, n-1, n, n+1)
		}
	}
	switch schema["format"] {
	case "date-time", "date":
		choices = append(choices, dates...)
	case "uuid":
		choices = append(choices, ids...)
	}
	if enum := list(schema["enum"]); len(enum) > 0 {
		choices = append(choices, enum[m.random.IntN(len(enum))], "none of them")
	}
	if text, ok := example.(string); ok && text != "" {
		choices = append(choices, strings.ToUpper(text), text+" ", text+"\u0000", text[1:], text+text)
	}
	return choices[m.random.IntN(len(choices))]
}

var (
	dates = []any{
		"0000-01-01", "0001-01-01T00:00:00Z", "1899-12-31T23:59:59Z", "2024-02-30", "2024-02-29T24:00:00Z", "2016-12-31T23:59:60Z",
		"9999-12-31T23:59:59.999999999Z", "10000-01-01T00:00:00Z", "2024-05-31T09:30:00+23:59", "2024-05-31 09:30", "2024-W22-5", "-0044-03-15",
	}
	ids = []any{
		"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "5F0C8A52-6A1E-5D0C-9F6A-0F6F5D3A1B11",
		"{5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11}", "5f0c8a526a1e5d0c9f6a0f6f5d3a1b11", "urn:uuid:5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11", "../deals", "..",
	}
)

// strange is a value that does not fit most places.
func (m *Maker) strange() any {
	choices := []any{
		nil, true, false, "", " ", 0, -1, 1.5,
		[]any{},
		map[string]any{},
		[]any{nil},
		map[string]any{"": nil},
		json.RawMessage("1e400"), json.RawMessage("-0"), json.RawMessage("9223372036854775807"), json.RawMessage("9223372036854775808"),
		json.RawMessage("99999999999999999999999999"), json.RawMessage("0.1e-400"),
		"null", "0", "-1", "NaN", "true", "=1+1", "<script>", "' OR ''='", "%", "\\", "\t\n", "a\u0000b", "\u202e", "👩‍👩‍👧‍👦", "e\u0301", "ｎｉｎｇ", "\ufeff", "\u2028", "\U000e0001",
		strings.Repeat("[", 100), strings.Repeat("long ", 3000), json.RawMessage(strings.Repeat("[", 40) + strings.Repeat("]", 40)),
	}
	return choices[m.random.IntN(len(choices))]
}

// mangled is a text that is no longer the JSON it was.
func (m *Maker) mangled(body string) string {
	switch m.random.IntN(8) {
	case 0:
		return body[:m.random.IntN(len(body)+1)]
	case 1:
		return body + body
	case 2:
		return strings.Replace(body, "{", `{"a":1,"A":2,`, 1)
	case 3:
		return strings.Replace(body, `":"`, `":"\ud800`, 1)
	case 4:
		return strings.Replace(body, `":"`, "\":\"\xff\xfe", 1)
	case 5:
		return strings.Repeat(`{"a":`, 200) + body + strings.Repeat("}", 200)
	case 6:
		return ""
	}
	return "\ufeff" + body
}

func sorted(o map[string]any) []string { return slices.Sorted(maps.Keys(o)) }
