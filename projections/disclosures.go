package projections

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/disclosure"
)

// DisclosureModel holds one document per disclosure of personal data.
var DisclosureModel = Declare("disclosures", 1, (*Disclosure).facts,
	On(func(d *Disclosure, r domain.Recorded, e disclosure.Recorded) {
		d.Operation, d.Kind, d.Records, d.Format, d.Parameters = e.Operation, e.Kind, e.Records, e.Format, e.Parameters
		d.Actor, d.DisclosedAt = r.Meta.Actor, r.OccurredAt()
	}),
)

// Disclosure is an answer that held personal data, without what it held.
type Disclosure struct {
	Head
	DisclosedAt time.Time    `json:"disclosed_at" doc:"When it was shown"`
	Actor       domain.Actor `json:"actor" doc:"To whom, and in which role"`
	Operation   string       `json:"operation" doc:"What was asked" example:"get-customer"`
	Kind        string       `json:"kind" enum:"customers,deals,tickets,events" doc:"Kind of records shown; events are those of the change feed, or all of a backup"`
	Records     []string     `json:"records" doc:"Ids of the records shown; of a history the one it is of, of the change feed and a backup none" nullable:"false"`
	Format      string       `json:"format" doc:"json, or the format of an export" example:"csv"`
	Parameters  []string     `json:"parameters,omitempty" doc:"Names of the parameters that narrowed the question" example:"[\"stage\"]"`
}

const (
	disclosuresAll      = "all"
	disclosuresByActor  = "actor\x1f"
	disclosuresByRecord = "record\x1f"
)

func (d *Disclosure) facts(f *Facts) {
	if d.DisclosedAt.IsZero() {
		return
	}
	at := SortTime(d.DisclosedAt)
	f.Index(disclosuresAll, at)
	f.Index(disclosuresByActor+d.Actor.ID, at)
	for _, record := range d.Records {
		f.Index(disclosuresByRecord+record, at)
	}
}

// Disclosures answers who was shown what.
type Disclosures struct{ Views Views }

// DisclosureFilter asks for a page of disclosures. Fields are combined with "and".
type DisclosureFilter struct {
	Paging
	Actor  string `query:"actor" doc:"To whom" maxLength:"200" example:"ann"`
	Record string `query:"record" doc:"Id of a record that was shown" format:"uuid"`
}

// List returns a page of disclosures, newest first. It fails with ErrCursor.
func (q Disclosures) List(ctx context.Context, f DisclosureFilter) (List, error) {
	paging := f.Paging
	f.Paging = Paging{}
	l := listing{model: DisclosureModel, filter: f, index: disclosuresAll, newest: true}
	switch {
	case f.Record != "":
		l.index = disclosuresByRecord + f.Record
		if f.Actor != "" {
			l.fits = checked(func(d Disclosure) bool { return d.Actor.ID == f.Actor })
		}
	case f.Actor != "":
		l.index = disclosuresByActor + f.Actor
	}
	return list(ctx, q.Views, l, paging)
}
