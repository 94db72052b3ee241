package httpapi

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// past answers queries about the past of records of one kind.
type past struct {
	projections.History
	kind *projections.Kind
	who  rights // who may read a record may read its history
}

// singular is how one record of a kind is called: "deal" of deals.
func singular(kind *projections.Kind) string { return strings.TrimSuffix(kind.Name, "s") }

func (p past) path() string { return p.kind.Name + "/{id}" }

// refusals are those of every query about the past.
func (p past) refusals(more ...*domain.Error) []*domain.Error {
	return append(more, p.kind.Missing, projections.ErrNotThen, projections.ErrAsOfFuture, domain.ErrUnavailable)
}

// reads are the models to wait for: what belongs to a record is found in them.
func (p past) reads() []projections.Model {
	models := []projections.Model{p.kind.Model}
	for _, held := range p.kind.Holds {
		models = append(models, held.Kind.Model)
	}
	return models
}

// then is the record as of a point.
func (p past) then(ctx context.Context, id string, at projections.Point) ([]byte, error) {
	return p.Document(ctx, p.kind, id, at)
}

type historyInput struct {
	ID string `path:"id" format:"uuid" doc:"Id of the record" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	projections.HistoryFilter
	Format string `query:"format" enum:"json,jsonl,csv,html" doc:"json is a page, the others are all events that fit the filter: JSON Lines, a table for spreadsheets, a report to read and print. If left out, what Accept prefers"`
}

// history declares the story of a record and of all that belongs to it, as a
// page of JSON or as an export.
func (p past) history() route {
	return route{
		method: http.MethodGet, path: queryPath + p.path() + "/history", name: singular(p.kind) + "-history", tag: "queries",
		summary: "Read what happened to a " + singular(p.kind) + " and all that belongs to it, or export it", who: p.who, shows: p.kind.Name,
		errs: p.refusals(projections.ErrInterval, projections.ErrCursor), reads: p.reads(),
		add: func(s *service, op huma.Operation, _ string) {
			documentHistory(s, &op, p.kind.Name+`/`+exampleID)
			register(s, op, p.tellOrExport)
		},
	}
}

// documentHistory says in which forms a history can be had.
func documentHistory(s *service, op *huma.Operation, path string) {
	documentRaw[projections.Told](s, op)
	op.Responses["200"].Headers = map[string]*huma.Header{
		"Link": textHeader("Where the next page is", `</v1/queries/`+path+`/history?cursor=MTc>; rel="next"`),
		"Vary": textHeader("Accept, by which the form is chosen", "Accept"),

		"Content-Language": textHeader("Language of the labels of a report for people", "en"),
	}
	for _, e := range exports() {
		op.Responses["200"].Content[e.media] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}, Example: e.example}
	}
}

func (p past) tellOrExport(ctx context.Context, in *historyInput) (*huma.StreamResponse, error) {
	format := in.Format
	if format == "" {
		format = preferred(callOf(ctx).request.Header.Get("Accept"))
	}
	if e, ok := exports()[format]; ok {
		callOf(ctx).shown.format = format
		return p.export(ctx, e, in)
	}
	told, err := p.Tell(ctx, p.kind, in.ID, in.HistoryFilter)
	if err != nil {
		return nil, err
	}
	return toldPage(callOf(ctx), told)
}

// difference declares how a record differs between two points.
func (p past) difference() route {
	ask := func(ctx context.Context, in differenceInput) (projections.Difference, error) {
		from := projections.Point{AsOf: in.FromAsOf, KnownAt: in.FromKnownAt, Revision: revisionIn(in.FromRevision)}
		to := projections.Point{AsOf: in.ToAsOf, KnownAt: in.ToKnownAt, Revision: revisionIn(in.ToRevision)}
		return p.Diff(ctx, p.kind, in.ID, from, to)
	}
	r := figures(p.path()+"/diff", singular(p.kind)+"-diff", "Compare a "+singular(p.kind)+" at two points in time", p.who, ask, p.reads()...)
	r.errs = []*domain.Error{p.kind.Missing, projections.ErrNoRevision, projections.ErrAsOfFuture, projections.ErrTwoPoints, domain.ErrUnavailable}
	return r.personal(p.kind.Name)
}

type differenceInput struct {
	ID           string    `path:"id" format:"uuid" doc:"Id of the record" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	FromAsOf     time.Time `query:"from_as_of" doc:"First point: what had happened by then; now if left out" example:"2024-05-31T09:30:00Z"`
	FromKnownAt  time.Time `query:"from_known_at" doc:"First point: what was known by then; now if left out" example:"2024-05-31T09:30:00Z"`
	FromRevision string    `query:"from_revision" pattern:"^(0|[1-9][0-9]{0,17})$" doc:"First point, instead of times: when the record had come to this revision" example:"0"`
	ToAsOf       time.Time `query:"to_as_of" doc:"Second point: what had happened by then; now if left out" example:"2024-06-30T09:30:00Z"`
	ToKnownAt    time.Time `query:"to_known_at" doc:"Second point: what was known by then; now if left out" example:"2024-06-30T09:30:00Z"`
	ToRevision   string    `query:"to_revision" pattern:"^(0|[1-9][0-9]{0,17})$" doc:"Second point, instead of times: when the record had come to this revision" example:"3"`
}

// revisionIn is a revision whose form was checked; nil if left out.
func revisionIn(text string) *uint64 {
	revision, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return nil
	}
	return &revision
}

type whyInput struct {
	ID    string `path:"id" format:"uuid" doc:"Id of the record" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Field string `query:"field" maxLength:"200" doc:"Any field of the document or a part of one, such as stage, owner, amount.minor, due_at, clocks[resolution].due_at; also breach of tickets and tier of customers" example:"owner"`
	projections.PointFilter
}

// why declares the explanation of a field: the events, the rule and its inputs.
func (p past) why() route {
	ask := func(ctx context.Context, in whyInput) (projections.Explanation, error) {
		return p.Why(ctx, p.kind, in.ID, in.Field, in.Point())
	}
	r := figures(p.path()+"/why", singular(p.kind)+"-why", "Explain why a field of a "+singular(p.kind)+" is what it is", p.who, ask, p.reads()...)
	r.errs = p.refusals(projections.ErrNoField)
	return r.personal(p.kind.Name)
}

type heldInput struct {
	ID string `path:"id" format:"uuid" doc:"Id of the record" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	projections.HeldFilter
}

// held declares the list of records that belonged to a record at a time.
func held[D any](p past, kind *projections.Kind) route {
	return route{
		method: http.MethodGet, path: queryPath + p.path() + "/" + kind.Name, name: singular(p.kind) + "-" + kind.Name, tag: "queries",
		summary: "List the " + kind.Name + " of a " + singular(p.kind) + ", now or as of any time", who: p.who, shows: p.kind.Name,
		errs: p.refusals(projections.ErrCursor), reads: p.reads(),
		add: func(s *service, op huma.Operation, _ string) {
			documentRaw[listed[D]](s, &op)
			register(s, op, func(ctx context.Context, in *heldInput) (*listOutput, error) {
				l, err := p.Held(ctx, p.kind, in.ID, kind, in.HeldFilter)
				if err != nil {
					return nil, err
				}
				return &listOutput{
					ContentType: "application/json", Body: l.Append(nil), Link: nextLink(callOf(ctx).request.URL, l.Next),
				}, nil
			})
		},
	}
}
