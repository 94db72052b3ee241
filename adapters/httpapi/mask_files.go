package httpapi

import (
	"bytes"
	"encoding/csv"
	"mime"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// masked is an answer with phone numbers and mail addresses hidden, in the format
// that it is in. Others than of text hold none.
func masked(contentType string, body []byte) []byte {
	media, _, err := mime.ParseMediaType(contentType)
	switch {
	case err == nil && media == mediaCSV:
		return maskedCSV(body)
	case err == nil && media == "text/html":
		return maskedHTML(body)
	case strings.Contains(media, "json"):
		return MaskedJSON(body)
	case media == "" || strings.HasPrefix(media, "text/"):
		return []byte(maskedText(string(body)))
	}
	return body
}

// maskedCSV takes cells for what they are: texts, or JSON.
func maskedCSV(body []byte) []byte {
	rest, marked := bytes.CutPrefix(body, []byte(byteOrderMark))
	r := csv.NewReader(bytes.NewReader(rest))
	r.FieldsPerRecord = -1
	rows, err := r.ReadAll()
	if err != nil { // not by us
		return []byte(maskedText(string(body)))
	}
	var out bytes.Buffer
	if marked {
		out.WriteString(byteOrderMark)
	}
	w := csv.NewWriter(&out)
	w.UseCRLF = bytes.Contains(rest, []byte("\r\n"))
	field := -1
	if len(rows) > 0 {
		field = slices.Index(rows[0], "field")
	}
	for _, row := range rows {
		changed := field >= 0 && field < len(row) && contactField.MatchString(row[field])
		for i, cell := range row {
			row[i] = maskedCell(cell, changed && i < len(rows[0]) && slices.Contains([]string{"from", "to"}, rows[0][i]))
		}
		_ = w.Write(row) // a buffer takes everything
	}
	w.Flush()
	return out.Bytes()
}

// maskedHTML masks what is shown. In a table of changes the head of a row names
// the field.
func maskedHTML(body []byte) []byte {
	var out bytes.Buffer
	z := html.NewTokenizer(bytes.NewReader(body))
	var in string // the innermost part of the page that matters here
	var field string
	for {
		token := z.Next()
		raw := z.Raw()
		switch token { //nolint:exhaustive // the others hold no text
		case html.ErrorToken: // what is read from memory ends with io.EOF
			return out.Bytes()
		case html.TextToken:
			text := html.UnescapeString(string(raw))
			if in == "th" {
				field = strings.TrimSpace(text) // what is in front of it names another record
			}
			hidden := maskedCell(text, in == "td" && contactField.MatchString(field))
			if hidden != text && in != "style" {
				raw = []byte(html.EscapeString(hidden))
			}
			out.Write(raw)
		case html.StartTagToken, html.EndTagToken:
			out.Write(raw)
			name, _ := z.TagName()
			switch part := string(name); part {
			case "tr":
				field = ""
			case "th", "td", "style":
				if in = part; token == html.EndTagToken {
					in = ""
				}
			}
		default:
			out.Write(raw)
		}
	}
}
