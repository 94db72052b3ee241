package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/rivo/uniseg"

	"github.com/annals-crm/annals/projections"
)

// historyPrinter prints events as they come in: a head line per command, and
// under it what each event changed.
type historyPrinter struct {
	w       io.Writer
	color   bool
	most    int // events; 0: all
	printed int
	command string // printed last
	err     error
}

// Colours of a terminal.
const (
	bold  = "1"
	faint = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

// print reads JSON Lines.
func (p *historyPrinter) print(lines io.Reader) error {
	d := json.NewDecoder(lines)
	d.UseNumber() // amounts are integers beyond what a float holds
	for p.most == 0 || p.printed < p.most {
		var e projections.HistoryEntry
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("read the history: %w", err)
		}
		p.entry(e)
	}
	p.line("", "")
	p.line("", p.paint(faint, fmt.Sprintf("%d events", p.printed)))
	return p.err
}

func (p *historyPrinter) entry(e projections.HistoryEntry) {
	command := e.CausationID
	if command == "" {
		command = e.EventID
	}
	if command != p.command {
		p.head(e)
		p.command = command
	}
	p.printed++
	title := strings.TrimSuffix(e.Record.Kind, "s") + " " + e.Record.Title
	p.line("  ", p.paint(cyan, e.Type)+"  "+clean(title)+"  "+p.paint(faint, fmt.Sprintf("%d of %d, %s", e.Step.Number, e.Step.Of, short(e.Stream, e.Revision))))
	if e.Unreadable != "" {
		p.line("    ", p.paint(red, "not part of the record: "+clean(e.Unreadable)))
	}
	width := 0
	names := make([]string, len(e.Changes))
	for i, c := range e.Changes {
		names[i] = clean(c.Field)
		if c.Record != e.Stream {
			names[i] = clean(strings.SplitN(c.Record, "-", 2)[0]) + ": " + names[i]
		}
		width = max(width, uniseg.StringWidth(names[i]))
	}
	for i, c := range e.Changes {
		pad := strings.Repeat(" ", width-uniseg.StringWidth(names[i]))
		from := ""
		if c.From != nil {
			from = p.paint(red, valueShown(c.From)) + " "
		}
		p.line("    ", names[i]+pad+"  "+from+"→ "+p.paint(green, valueShown(c.To)))
	}
}

// head is the line of a command: when, what, who, and what it comes from.
func (p *historyPrinter) head(e projections.HistoryEntry) {
	const layout = "2006-01-02 15:04:05.000Z"
	if p.printed > 0 {
		p.line("", "")
	}
	what := e.Command
	if what == "" {
		what = "recorded"
	}
	line := p.paint(bold, e.OccurredAt.UTC().Format(layout)+"  "+clean(what)) + "  " + clean(e.Actor.ID) + " (" + clean(e.Actor.Role) + ")"
	if late := e.RecordedAt.Sub(e.OccurredAt); late >= time.Minute {
		line += p.paint(faint, "  recorded "+e.RecordedAt.UTC().Format(layout))
	}
	p.line("", line)
	from := "command " + e.CausationID
	if e.CausedBy != "" {
		from += ", followed from " + e.CausedBy
	}
	if e.CorrelationID != e.CausationID {
		from += ", correlation " + e.CorrelationID
	}
	if e.PolicyVersion > 0 {
		from += fmt.Sprintf(", policy version %d", e.PolicyVersion)
	}
	p.line("  ", p.paint(faint, clean(from)))
}

func (p *historyPrinter) line(indent, text string) {
	if p.err == nil {
		_, p.err = io.WriteString(p.w, strings.TrimRight(indent+text, " ")+"\n")
	}
}

func (p *historyPrinter) paint(code, text string) string {
	if !p.color || text == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// short names an event by the beginning of its stream's id and its revision.
func short(stream string, revision uint64) string {
	kind, id, _ := strings.Cut(stream, "-")
	if len(id) > 8 {
		id = id[:8] + "…"
	}
	return fmt.Sprintf("%s-%s@%d", clean(kind), clean(id), revision)
}

// valueShown is a value in one line.
func valueShown(v any) string {
	if text, ok := v.(string); ok {
		return clean(text)
	}
	if v == nil {
		return "nothing"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "?" // it came from JSON
	}
	return clean(string(text))
}

// clean keeps what a record holds from steering the terminal.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t', r == '\r':
			return ' '
		case unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, text)
}
