package projections

import (
	"context"
	"errors"

	"github.com/annals-crm/annals/domain"
)

// Difference is how a record differs between two points.
type Difference struct {
	Record  Record         `json:"record" doc:"The record, as it is called at the second point"`
	From    Moment         `json:"from" doc:"What it was held to be at the first point"`
	To      Moment         `json:"to" doc:"What it was held to be at the second point"`
	Changes []Change       `json:"changes" doc:"Fields that differ, from what to what" nullable:"false"`
	Events  []HistoryEntry `json:"events" doc:"Events that count at the second point only, oldest first; at most 200" nullable:"false"`
	Total   int            `json:"total" doc:"How many of those there are" example:"3"`
	Undone  int            `json:"undone" doc:"Events that count at the first point only; 0 unless the second is earlier" example:"0"`
}

// Moment is a record at a point.
type Moment struct {
	Existed  bool            `json:"existed" doc:"Whether anything of it had happened, and was known"`
	Revision uint64          `json:"revision" doc:"Revision it had come to" example:"3"`
	Events   int             `json:"events" doc:"Events of its history up to then" example:"7"`
	Position domain.Position `json:"position" doc:"Log position of the last of them" example:"8312/8312"`
}

// mostBetween bounds the events a difference shows; the history has all.
const mostBetween = 200

// Diff answers how a record differs between two points. A point at which it did
// not exist yet counts as nothing. Errors are those of Tell.
func (h History) Diff(ctx context.Context, kind *Kind, id string, from, to Point) (Difference, error) {
	before, first, err := h.moment(ctx, kind, id, from)
	if err != nil {
		return Difference{}, err
	}
	after, second, err := h.moment(ctx, kind, id, to)
	if err != nil {
		return Difference{}, err
	}
	d := Difference{From: first, To: second, Changes: []Change{}, Events: []HistoryEntry{}}
	if d.Record, err = after.record(); err != nil {
		return Difference{}, err
	}
	was, err := before.fields()
	if err != nil {
		return Difference{}, err
	}
	is, err := after.fields()
	if err != nil {
		return Difference{}, err
	}
	d.Changes = append(d.Changes, compared(kind.stream(id), was, is)...)
	added := after.without(before)
	d.Total, d.Undone = len(added), len(before.without(after))
	for entry, err := range after.tell(added[:min(len(added), mostBetween)]) {
		if err != nil {
			return Difference{}, err
		}
		d.Events = append(d.Events, entry)
	}
	return d, nil
}

// moment is a story up to a point, empty if there was none yet.
func (h History) moment(ctx context.Context, kind *Kind, id string, at Point) (*story, Moment, error) {
	s, err := h.story(ctx, kind, id, at)
	if errors.Is(err, ErrNotThen) {
		own := kind.stream(id)
		return &story{kind: kind, id: id, records: map[string]member{own: {kind: kind, id: id}}}, Moment{}, nil
	}
	if err != nil {
		return nil, Moment{}, err
	}
	m := Moment{Existed: true, Events: len(s.events), Position: s.events[len(s.events)-1].Position}
	for _, r := range s.events {
		if r.Stream == kind.stream(id) {
			m.Revision = r.Revision
		}
	}
	return s, m, nil
}

func (s *story) fields() (map[string]any, error) {
	document, err := s.document()
	if err != nil {
		return nil, err
	}
	return parsed(document)
}

// without lists the places of events that other does not have. Both are in the
// order of the log.
func (s *story) without(other *story) []int {
	var places []int
	rest := other.events
	for i, r := range s.events {
		for len(rest) > 0 && rest[0].Position.Compare(r.Position) < 0 {
			rest = rest[1:]
		}
		if len(rest) == 0 || rest[0].Position != r.Position {
			places = append(places, i)
		}
	}
	return places
}
