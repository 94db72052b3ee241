package projections

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
)

// HistoryFilter asks for the events of a history. Fields are combined with "and".
type HistoryFilter struct {
	Paging
	PointFilter
	OccurredFrom  time.Time `query:"occurred_from" doc:"Happened at this time or later" example:"2024-05-01T00:00:00Z"`
	OccurredTo    time.Time `query:"occurred_to" doc:"Happened before this time" example:"2034-06-01T00:00:00Z"`
	RecordedFrom  time.Time `query:"recorded_from" doc:"Written down at this time or later" example:"2024-05-01T00:00:00Z"`
	RecordedTo    time.Time `query:"recorded_to" doc:"Written down before this time" example:"2034-06-01T00:00:00Z"`
	Actor         string    `query:"actor" doc:"Who did it" maxLength:"200" example:"ann"`
	Role          string    `query:"role" doc:"In which role" maxLength:"50" example:"sales"`
	Type          string    `query:"type" doc:"Type of event, or the start of it up to a dot: deal.stage_moved.v1, deal.stage_moved, deal" maxLength:"200" example:"deal.stage_moved"`
	Command       string    `query:"command" doc:"Name of the command that recorded it" maxLength:"100" example:"move-deal"`
	Stream        string    `query:"stream" doc:"Stream of one of the records" maxLength:"200" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	CorrelationID string    `query:"correlation_id" doc:"Everything one cause led to" maxLength:"200" example:"campaign-2024-05"`
	CausationID   string    `query:"causation_id" doc:"Everything one command recorded" maxLength:"200" example:"0190b3f2-58a3-7d1e-9c52-6b1a6f0b8f10"`
	Order         string    `query:"order" enum:"newest,oldest" default:"newest" doc:"Which comes first, in the order of the log"`
}

// PointFilter says as of when a query about the past is to be answered.
type PointFilter struct {
	AsOf    time.Time `query:"as_of" doc:"What had happened by then (business time); all if left out" example:"2026-03-31T15:59:59Z"`
	KnownAt time.Time `query:"known_at" doc:"What was known by then (recorded time); all if left out" example:"2026-03-31T15:59:59Z"`
}

// Point is f as a Point.
func (f PointFilter) Point() Point { return Point{AsOf: f.AsOf, KnownAt: f.KnownAt} }

// Told is a page of a history.
type Told struct {
	Record Record         `json:"record" doc:"Whose history it is"`
	Items  []HistoryEntry `json:"items" doc:"Events of this page" nullable:"false"`
	Total  int            `json:"total" doc:"Events that fit the filter" example:"17"`
	Next   string         `json:"next,omitempty" doc:"Cursor of the next page; none on the last" example:"MjAyNC0wNS0zMQ"`
}

// Record names a record.
type Record struct {
	Kind  string `json:"kind" enum:"customers,deals,tickets,organisation" doc:"Kind of record"`
	ID    string `json:"id" doc:"Id of the record" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Title string `json:"title,omitempty" doc:"What it was called then" example:"40 pumps"`
}

// HistoryEntry is one event as a history tells it.
type HistoryEntry struct {
	EventID       string          `json:"event_id" doc:"Id of the event" format:"uuid"`
	Type          string          `json:"type" doc:"What happened" example:"deal.stage_moved.v1"`
	Record        Record          `json:"record" doc:"The record it happened to"`
	OccurredAt    time.Time       `json:"occurred_at" doc:"When it happened (business time)"`
	RecordedAt    time.Time       `json:"recorded_at" doc:"When it was written down"`
	Actor         domain.Actor    `json:"actor" doc:"Who did it, and in which role"`
	Command       string          `json:"command,omitempty" doc:"Name of the command that recorded it" example:"move-deal"`
	CausationID   string          `json:"causation_id,omitempty" doc:"Id of that command" example:"0190b3f2-58a3-7d1e-9c52-6b1a6f0b8f10"`
	CorrelationID string          `json:"correlation_id,omitempty" doc:"Ties everything one cause led to" example:"campaign-2024-05"`
	Step          Step            `json:"step" doc:"Its place among the events of that command"`
	CausedBy      string          `json:"caused_by,omitempty" doc:"Id of the command this one followed from, if that is part of the history"`
	LedTo         []string        `json:"led_to,omitempty" doc:"Ids of the commands that followed from this one"`
	PolicyVersion int             `json:"policy_version,omitempty" doc:"Version of the process pack it was decided by" example:"1"`
	Changes       []Change        `json:"changes" doc:"What it changed, from what to what" nullable:"false"`
	Data          json.RawMessage `json:"data,omitempty" doc:"The event as recorded"`
	Unreadable    string          `json:"unreadable,omitempty" doc:"Why the event, or an earlier one of its stream, could not be folded"`
	Stream        string          `json:"stream" doc:"Stream that holds it" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Revision      uint64          `json:"revision" doc:"Its place in the stream" example:"3"`
	Position      domain.Position `json:"position" doc:"Its place in the log" example:"8312/8312"`
	TraceParent   string          `json:"traceparent,omitempty" doc:"W3C trace context of the request" example:"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"`
}

// Step counts the events of one command, as far as they are part of the history.
type Step struct {
	Number int `json:"number" doc:"1 for the first" example:"1"`
	Of     int `json:"of" doc:"How many there are" example:"2"`
}

// Tell answers a page of the history of a record. It fails with the kind's
// Missing, ErrNotThen, ErrAsOfFuture, ErrInterval or ErrCursor.
func (h History) Tell(ctx context.Context, kind *Kind, id string, f HistoryFilter) (Told, error) {
	s, fitting, err := h.fitting(ctx, kind, id, f)
	if err != nil {
		return Told{}, err
	}
	told := Told{Total: len(fitting), Items: []HistoryEntry{}}
	page, next, err := f.page(kind, id, s, fitting)
	if err != nil {
		return Told{}, err
	}
	told.Next = next
	for entry, err := range s.tell(page) {
		if err != nil {
			return Told{}, err
		}
		told.Items = append(told.Items, entry)
	}
	if told.Record, err = s.record(); err != nil {
		return Told{}, err
	}
	if f.Order != oldestFirst {
		slices.Reverse(told.Items)
	}
	return told, nil
}

// All yields every event that fits the filter; limit and cursor do not count.
// Errors are those of Tell, and come before the first event or not at all.
func (h History) All(ctx context.Context, kind *Kind, id string, f HistoryFilter) (Record, iter.Seq2[HistoryEntry, error], error) {
	s, fitting, err := h.fitting(ctx, kind, id, f)
	if err != nil {
		return Record{}, nil, err
	}
	record, err := s.record()
	if err != nil {
		return Record{}, nil, err
	}
	if f.Order == oldestFirst {
		return record, s.tell(fitting), nil
	}
	return record, newestFirst(s.tell(fitting)), nil
}

// newestFirst turns a story round: what an event changed is known only by going
// forward.
func newestFirst(entries iter.Seq2[HistoryEntry, error]) iter.Seq2[HistoryEntry, error] {
	return func(yield func(HistoryEntry, error) bool) {
		var all []HistoryEntry
		for entry, err := range entries {
			if err != nil {
				yield(HistoryEntry{}, err)
				return
			}
			all = append(all, entry)
		}
		for _, entry := range slices.Backward(all) {
			if !yield(entry, nil) {
				return
			}
		}
	}
}

func (h History) fitting(ctx context.Context, kind *Kind, id string, f HistoryFilter) (*story, []int, error) {
	if late(f.OccurredFrom, f.OccurredTo) {
		return nil, nil, ErrInterval.In("occurred_to")
	}
	if late(f.RecordedFrom, f.RecordedTo) {
		return nil, nil, ErrInterval.In("recorded_to")
	}
	s, err := h.story(ctx, kind, id, f.Point())
	if err != nil {
		return nil, nil, err
	}
	fitting := make([]int, 0, len(s.events))
	for i, r := range s.events {
		if f.fits(r) {
			fitting = append(fitting, i)
		}
	}
	return s, fitting, nil
}

func late(from, to time.Time) bool { return !to.IsZero() && to.Before(from) }

func (f *HistoryFilter) fits(r *domain.Recorded) bool {
	return during(r.OccurredAt(), f.OccurredFrom, f.OccurredTo) && during(r.RecordedAt, f.RecordedFrom, f.RecordedTo) &&
		asked(f.Actor, r.Meta.Actor.ID) && asked(f.Role, r.Meta.Actor.Role) && ofType(f.Type, r.Event.EventType()) &&
		asked(f.Command, r.Meta.Command) && asked(f.Stream, r.Stream) &&
		asked(f.CorrelationID, r.Meta.CorrelationID) && asked(f.CausationID, r.Meta.CausationID)
}

// during tells whether an instant lies in a half-open interval.
func during(t, from, to time.Time) bool {
	t = domain.Instant(t)
	return !t.Before(from) && (to.IsZero() || t.Before(to))
}

func ofType(want, name string) bool {
	rest, ok := strings.CutPrefix(name, want)
	return ok && (want == "" || rest == "" || rest[0] == '.')
}
