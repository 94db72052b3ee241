package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"iter"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/adapters/httpapi/messages"
	"github.com/annals-crm/annals/projections"
)

// exported is what an export writes down.
type exported struct {
	record  projections.Record
	filter  projections.HistoryFilter
	entries iter.Seq2[projections.HistoryEntry, error]

	language messages.Language // of labels for people
}

// export is one form a whole history can be had in.
type export struct {
	media   string
	name    string // of files
	write   func(io.Writer, exported) error
	example string
}

// exports lists the forms by their name in format.
func exports() map[string]export {
	return map[string]export{
		"jsonl": {"application/jsonl", "jsonl", writeLines, "{\"event_id\":\"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11\",…}\n"},
		"csv":   {"text/csv", "csv", writeTable, "position,recorded_at,occurred_at,…\n8312/8312,2024-05-31T09:30:00Z,2024-05-31T09:30:00Z,…\n"},
		"html":  {"text/html", "html", writeReport, "<!doctype html>…"},
	}
}

// preferred is the form that an Accept header names first; json if none.
func preferred(accept string) string {
	for media := range strings.SplitSeq(accept, ",") {
		media, _, _ = strings.Cut(media, ";")
		switch strings.ToLower(strings.TrimSpace(media)) {
		case "text/html", "application/xhtml+xml":
			return "html"
		case "text/csv":
			return "csv"
		case "application/jsonl", "application/x-ndjson", "application/x-jsonlines":
			return "jsonl"
		case "application/json", "application/*", "*/*":
			return "json"
		}
	}
	return "json"
}

// toldPage answers one page of JSON.
func toldPage(c *call, t projections.Told) (*huma.StreamResponse, error) {
	text, err := json.Marshal(t)
	if err != nil {
		return nil, err
	}
	link := nextLink(c.request.URL, t.Next)
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", "application/json")
		hc.AppendHeader("Vary", "Accept")
		if link != "" {
			hc.SetHeader("Link", link)
		}
		_, _ = hc.BodyWriter().Write(text) // a caller who is gone needs no answer
	}}, nil
}

// export writes every event that fits the filter. What fails before the first
// is answered as a problem; later the connection is cut, so that a part cannot
// be taken for the whole.
func (p past) export(ctx context.Context, e export, in *historyInput) (*huma.StreamResponse, error) {
	if in.Cursor != "" {
		return nil, projections.ErrCursor.Because("an export is all of it, and has no pages")
	}
	record, entries, err := p.All(ctx, p.kind, in.ID, in.HistoryFilter)
	if err != nil {
		return nil, err
	}
	language := callOf(ctx).language()
	return &huma.StreamResponse{Body: func(hc huma.Context) {
		hc.SetHeader("Content-Type", e.media+"; charset=utf-8")
		hc.AppendHeader("Vary", "Accept")
		if e.name == "html" {
			hc.SetHeader("Content-Language", language.Tag)
			securePage(callOf(hc.Context()).Header(), reportPolicy)
		} else {
			hc.SetHeader("Content-Disposition", `attachment; filename="`+singular(p.kind)+"-"+in.ID+"-history."+e.name+`"`)
		}
		w := bufio.NewWriterSize(hc.BodyWriter(), 64<<10)
		err := e.write(w, exported{record, in.HistoryFilter, entries, language})
		if err == nil {
			err = w.Flush()
		}
		if err != nil {
			panic(http.ErrAbortHandler)
		}
	}}, nil
}

// writeLines writes one JSON object per line and event.
func writeLines(w io.Writer, t exported) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for entry, err := range t.entries {
		if err != nil {
			return err
		}
		if err := lines.Encode(entry); err != nil {
			return err
		}
	}
	return nil
}
