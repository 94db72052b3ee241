package httpapi

import (
	"encoding/csv"
	"encoding/json"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/annals-crm/annals/projections"
)

// byteOrderMark tells spreadsheets that the file is UTF-8; without it some take
// Chinese for something else.
const byteOrderMark = "\ufeff"

// writeTable writes one row per change, and one per event that changed nothing.
// The event itself stands in the first of its rows.
func writeTable(w io.Writer, t exported) error {
	if _, err := io.WriteString(w, byteOrderMark); err != nil {
		return err
	}
	table := csv.NewWriter(w)
	table.UseCRLF = true // RFC 4180
	err := table.Write([]string{
		"position", "recorded_at", "occurred_at", "actor", "role", "kind", "record_id", "title", "type", "changed_stream", "field", "from", "to",
		"command", "causation_id", "step", "steps", "caused_by", "correlation_id", "policy_version", "stream", "revision", "event_id", "unreadable", "data",
	})
	for entry, failed := range t.entries {
		if err == nil {
			err = failed
		}
		if err != nil {
			return err
		}
		err = writeRows(table, entry)
	}
	table.Flush()
	if err == nil {
		err = table.Error()
	}
	return err
}

func writeRows(table *csv.Writer, e projections.HistoryEntry) error {
	changes := e.Changes
	if len(changes) == 0 {
		changes = []projections.Change{{}}
	}
	data := string(e.Data)
	for _, c := range changes {
		row := []string{
			e.Position.String(), e.RecordedAt.Format(time.RFC3339Nano), e.OccurredAt.Format(time.RFC3339Nano), e.Actor.ID, e.Actor.Role,
			e.Record.Kind, e.Record.ID, e.Record.Title, e.Type, c.Record, c.Field, valueText(c.From), valueText(c.To),
			e.Command, e.CausationID, strconv.Itoa(e.Step.Number), strconv.Itoa(e.Step.Of), e.CausedBy, e.CorrelationID,
			strconv.Itoa(e.PolicyVersion), e.Stream, strconv.FormatUint(e.Revision, 10), e.EventID, e.Unreadable, data,
		}
		for i := range row {
			row[i] = inert(row[i])
		}
		if err := table.Write(row); err != nil {
			return err
		}
		data = ""
	}
	return nil
}

// inert makes sure that a spreadsheet takes a cell for text and not for a
// formula: what a customer is called may be made to run on an auditor's machine.
func inert(cell string) string {
	trimmed := strings.TrimLeft(cell, " \u00a0\u3000")
	if trimmed == "" || !strings.ContainsAny(trimmed[:1], "=+-@\t\r\n|%") && !strings.ContainsAny(string([]rune(trimmed)[:1]), "＝＋－＠") {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil && cell[0] == '-' {
		return cell // a negative number
	}
	return "'" + cell
}

// valueText is a value of a document for people: text as it stands, else JSON.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "" // it came from JSON
	}
	return string(text)
}
