package httpapi

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/projections"
)

// Feed is where the change feed comes from.
type Feed struct {
	Log   FeedLog
	Sight feed.Sight    // what a caller may see of each fact, such as projections.FactsWithin
	Types []string      // wire types that the program knows
	Beat  time.Duration // how often a silent stream shows that it lives; 15 s if zero
}

// FeedLog is the log as the feed reads it.
type FeedLog interface {
	// Facts delivers the log behind a position and then goes on with what comes,
	// leaving out all types but those with one of the prefixes. Every event is a
	// domain.AsStored. It ends when ctx does or the log is closed.
	Facts(ctx context.Context, after domain.Position, prefixes []string) <-chan domain.Page
	// Holds tells whether an event stands at exactly this position.
	Holds(ctx context.Context, at domain.Position) (bool, error)
	LastPosition(ctx context.Context) (domain.Position, error)
}

var (
	errNoSuchPlace    = &domain.Error{Kind: domain.Invalid, Code: "no_event_at_position", Message: "no event stands at this position; resume from the position of an event, from start or from end", Field: "from"}
	errTooManyStreams = &domain.Error{Kind: domain.Unavailable, Code: "too_many_streams", Message: "as many streams of the change feed are open as this process serves; connect again a little later, or read pages"}
)

// feedInput asks for facts of the change feed.
type feedInput struct {
	From     string   `query:"from" maxLength:"50" doc:"Where to begin: start, end, or behind the position of an event, as events and answers to commands have it; start if left out" example:"8312/8312"`
	LastID   string   `header:"Last-Event-ID" maxLength:"50" doc:"Of a stream: id of the last event received. It goes before from, so a client that connects again goes on where it was" example:"8312/8312"`
	Cursor   string   `query:"cursor" maxLength:"100" doc:"Of pages: next of the page before. It goes before from"`
	Limit    int      `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"Of pages: most events to return"`
	Types    []string `query:"types" doc:"Only these types, separated by commas: deal.won.v1, deal.won in all its versions, or deal. for all about deals" example:"deal."`
	Stream   string   `query:"stream" maxLength:"200" doc:"Only what happened to this record" example:"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Category string   `query:"category" maxLength:"50" doc:"Only what happened to records of this category" example:"deal"`
	Actor    string   `query:"actor" maxLength:"200" doc:"Only what this actor did" example:"ann"`
}

func (in *feedInput) filter() feed.Filter {
	return feed.Filter{Types: in.Types, Stream: in.Stream, Category: in.Category, Actor: in.Actor}
}

// FeedPage is a page of the change feed.
type FeedPage struct {
	Items    []feed.Fact `json:"items" doc:"In the order of the log" nullable:"false"`
	Next     string      `json:"next" doc:"Cursor of what comes behind this page, also if there is nothing yet" example:"ODMxMi84MzEy"`
	CaughtUp bool        `json:"caught_up" doc:"Whether the log had nothing further. A page may be short and yet not be the last" example:"true"`
}

const eventStream = "text/event-stream"

// events declares the change feed: a stream of Server-Sent Events, or pages.
func (q *Queries) events() route {
	return route{
		method: http.MethodGet, path: queryPath + "events", name: "change-feed", tag: "queries",
		summary: "Follow what is recorded, from any position: as Server-Sent Events if Accept asks for text/event-stream, else in pages",
		who:     readers(), shows: "events",
		errs: []*domain.Error{feed.ErrType, errNoSuchPlace, errTooManyStreams, projections.ErrCursor, domain.ErrUnavailable},
		add: func(s *service, op huma.Operation, _ string) {
			documentRaw[FeedPage](s, &op)
			op.Responses["200"].Headers = map[string]*huma.Header{
				"Link": textHeader("Of pages: where the next page is", `</v1/queries/events?cursor=ODMxMi84MzEy>; rel="next"`),
				"Vary": textHeader("Accept, by which the form is chosen", "Accept"),
			}
			op.Responses["200"].Content[eventStream] = &huma.MediaType{
				Schema:  &huma.Schema{Type: huma.TypeString},
				Example: "id: 8312/8312\nevent: deal.stage_moved.v1\ndata: {\"id\":\"7c0e5a52-1c1e-5d0c-9f6a-0f6f5d3a1b22\",…}\n\n",
			}
			register(s, op, func(ctx context.Context, in *feedInput) (*huma.StreamResponse, error) {
				if err := in.filter().Check(q.Feed.Types); err != nil {
					return nil, err
				}
				after, err := q.Feed.begin(ctx, in)
				if err != nil {
					return nil, err
				}
				if strings.Contains(callOf(ctx).request.Header.Get("Accept"), eventStream) {
					return q.Feed.stream(ctx, s, in.filter(), after)
				}
				return q.Feed.page(ctx, in, after)
			})
		},
	}
}

// begin is the position that the answer comes behind. It fails with
// errNoSuchPlace for one where nothing stands.
func (f *Feed) begin(ctx context.Context, in *feedInput) (domain.Position, error) {
	end, err := f.Log.LastPosition(ctx)
	if err != nil {
		return end, err
	}
	text, field := in.From, "from"
	switch {
	case in.LastID != "":
		text, field = in.LastID, "Last-Event-ID"
	case in.Cursor != "":
		at, err := fromCursor(in.Cursor)
		if err == nil && at.Compare(end) > 0 {
			err = projections.ErrCursor.Because("the cursor lies behind the end of the log, so it is of another log")
		}
		return at, err
	}
	return place(ctx, f.Log, text, field, end)
}

// Place is the position that a text means: start, end or that of an event. It
// fails with domain.ErrBadPosition, or for one where nothing stands.
func Place(ctx context.Context, log FeedLog, text string) (domain.Position, error) {
	end, err := log.LastPosition(ctx)
	if err != nil {
		return end, err
	}
	return place(ctx, log, text, "from", end)
}

func place(ctx context.Context, log FeedLog, text, field string, end domain.Position) (domain.Position, error) {
	switch text {
	case "", "start":
		return domain.StartOfLog, nil
	case "end":
		return end, nil
	}
	at, err := domain.ParsePosition(text)
	if err != nil {
		return at, domain.ErrBadPosition.Because("%q is not a log position such as 8312/8312, nor start, nor end", text).In(field)
	}
	if at == domain.StartOfLog {
		return at, nil
	}
	if at.Compare(end) > 0 {
		return at, errNoSuchPlace.Because("the log ends at %s, so no event stands at %s", end, text).In(field)
	}
	held, err := log.Holds(ctx, at)
	if err == nil && !held {
		err = errNoSuchPlace.Because("no event stands at %s; resume from the position of an event, from start or from end", text).In(field)
	}
	return at, err
}

func fromCursor(cursor string) (domain.Position, error) {
	text, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return domain.Position{}, projections.ErrCursor
	}
	at, err := domain.ParsePosition(string(text))
	if err != nil {
		return domain.Position{}, projections.ErrCursor
	}
	return at, nil
}

func cursorOf(at domain.Position) string {
	return base64.RawURLEncoding.EncodeToString([]byte(at.String()))
}

// facts are what a reader gets to see of a page, in order.
func (f *Feed) facts(ctx context.Context, page []domain.Recorded, filter feed.Filter, reader feed.Reader, yield func(feed.Fact) (more bool, err error)) error {
	for _, r := range page {
		fact, ok := feed.Of(r)
		if !ok || !filter.Fits(fact) {
			continue
		}
		seen, ok, err := f.Sight(ctx, reader, fact)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if more, err := yield(seen); err != nil || !more {
			return err
		}
	}
	return nil
}

func readerOf(c *call) feed.Reader { return feed.Reader{ID: c.caller.ID, Roles: c.caller.Roles} }
