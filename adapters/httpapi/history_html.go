package httpapi

import (
	_ "embed" // the template
	"encoding/json"
	"html/template"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

//go:embed history.html
var reportText string

// reportTime is how instants are shown to people; UTC, so reports compare.
const reportTime = "2006-01-02 15:04:05.000 MST"

// report is what the template shows.
type report struct {
	Record  projections.Record
	Asked   []asked
	entries iter.Seq2[projections.HistoryEntry, error]
	counted int
	err     error

	Language string
}

// asked is a line of what was asked for.
type asked struct{ Name, Value string }

// reportGroup is the events that one command recorded, one after the other.
type reportGroup struct {
	ID, Command, Correlation, CausedBy string
	LedTo                              []string
	Actor                              domain.Actor
	OccurredAt, RecordedAt             string
	Policy                             int
	Events                             []projections.HistoryEntry
}

// writeReport writes a page that needs nothing else: no script, no file beside
// it, and whatever a record holds is shown as text.
func writeReport(w io.Writer, t exported) error {
	page, err := template.New("history").Funcs(template.FuncMap{
		"text": valueText, "data": indented,
		"say": func(format string, args ...any) string { return t.language.Text(domain.Say(format, args...)) },
	}).Parse(reportText)
	if err != nil {
		return err
	}
	r := &report{Record: t.record, Asked: whatWasAsked(t.filter), entries: t.entries, Language: t.language.Tag}
	if err := page.Execute(w, r); err != nil {
		return err
	}
	return r.err
}

// Groups yields the events of one command together.
func (r *report) Groups() iter.Seq[reportGroup] {
	return func(yield func(reportGroup) bool) {
		var g reportGroup
		for entry, err := range r.entries {
			if err != nil {
				r.err = err
				return
			}
			id := entry.CausationID
			if id == "" {
				id = entry.EventID
			}
			if g.ID != id && len(g.Events) > 0 {
				if !yield(g) {
					return
				}
				g = reportGroup{}
			}
			if len(g.Events) == 0 {
				g = reportGroup{
					ID: id, Command: entry.Command, Correlation: entry.CorrelationID, CausedBy: entry.CausedBy, LedTo: entry.LedTo,
					Actor: entry.Actor, OccurredAt: shownTime(entry.OccurredAt), RecordedAt: shownTime(entry.RecordedAt), Policy: entry.PolicyVersion,
				}
				if g.Correlation == id {
					g.Correlation = "" // says nothing further
				}
			}
			g.Events = append(g.Events, entry)
			r.counted++
		}
		if len(g.Events) > 0 {
			yield(g)
		}
	}
}

// Counted is how many events were shown.
func (r *report) Counted() int { return r.counted }

func shownTime(t time.Time) string { return t.UTC().Format(reportTime) }

// whatWasAsked lists the filter, so that a printed report says what it leaves out.
func whatWasAsked(f projections.HistoryFilter) []asked {
	var all []asked
	for _, t := range []struct {
		name  string
		value time.Time
	}{
		{"what had happened by", f.AsOf},
		{"what was known by", f.KnownAt},
		{"happened from", f.OccurredFrom},
		{"happened before", f.OccurredTo},
		{"recorded from", f.RecordedFrom},
		{"recorded before", f.RecordedTo},
	} {
		if !t.value.IsZero() {
			all = append(all, asked{t.name, shownTime(t.value)})
		}
	}
	for _, t := range []asked{
		{"actor", f.Actor},
		{"role", f.Role},
		{"type", f.Type},
		{"command", f.Command},
		{"stream", f.Stream},
		{"correlation", f.CorrelationID},
		{"command id", f.CausationID},
	} {
		if t.Value != "" {
			all = append(all, t)
		}
	}
	return all
}

func indented(data json.RawMessage) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // the template escapes
	e.SetIndent("", "  ")
	if e.Encode(data) != nil {
		return string(data)
	}
	return b.String()
}
