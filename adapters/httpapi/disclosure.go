package httpapi

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/google/uuid"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/disclosure"
	"github.com/annals-crm/annals/projections"
)

// Disclosures puts on record who was shown personal data.
type Disclosures interface {
	Record(ctx context.Context, env commands.Envelope, what disclosure.Recorded) error
}

// shown is the records of a kind that an answer tells about.
type shown struct {
	records []string
	format  string // of an export; json if empty
}

// personal declares that answers hold personal data, of records of a kind.
func (r route) personal(kind string) route {
	r.shows = kind
	return r
}

// audits says whether whoever calls has every read put on record: who holds the
// role of an auditor does, whichever of their roles let them in.
func (c *call) audits() bool { return slices.Contains(c.caller.Roles, access.Auditor) }

// shows notes which records documents of an answer are of.
func (c *call) shows(documents []json.RawMessage) {
	if c.audits() {
		c.shown.records = append(c.shown.records, idsOf(documents)...)
	}
}

// disclose puts an answer on record before it is sent, if an auditor asked or it
// is an export. What cannot be put on record is not shown.
func (s *service) disclose(ctx context.Context, kind string) error {
	c := callOf(ctx)
	if kind == "" || s.disclosures == nil || !c.audits() && c.shown.format == "" {
		return nil
	}
	what := disclosure.Recorded{
		Operation: c.operation, Kind: kind, Records: append([]string{}, c.shown.records...), Format: orDefault(c.shown.format, "json"),
	}
	for name := range c.request.URL.Query() {
		what.Parameters = append(what.Parameters, name)
	}
	slices.Sort(what.Parameters)
	return s.disclosures.Record(ctx, commands.Envelope{
		Command: c.operation, CommandID: uuid.New(), Fresh: true, Actor: domain.Actor{ID: c.caller.ID, Role: c.role},
		TraceParent: traceParent(c.request.Header.Get("traceparent")),
	}, what)
}

// idsOf are the ids of documents.
func idsOf(documents []json.RawMessage) []string {
	ids := make([]string, 0, len(documents))
	for _, item := range documents {
		var head projections.Head
		if json.Unmarshal(item, &head) == nil { // it was written by us
			ids = append(ids, head.ID)
		}
	}
	return ids
}
