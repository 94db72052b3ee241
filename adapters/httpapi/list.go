package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// listed documents projections.List with documents D.
type listed[D any] struct {
	Items []D    `json:"items" doc:"The records of this page" nullable:"false"`
	Total int64  `json:"total" doc:"Records in the whole list; -1 if only reading them all would tell" example:"137"`
	Next  string `json:"next,omitempty" doc:"Cursor of the next page; none on the last. With a filter of several fields a page may be short and yet not be the last" example:"MjAyNC0wNS0zMQ"`
}

type listOutput struct {
	ContentType string `header:"Content-Type" hidden:"true"`
	Link        string `header:"Link" doc:"Where the next page is" example:"</v1/queries/deals?cursor=MjAyNC0wNS0zMQ>; rel=\"next\""`
	Body        []byte
}

// list declares the query of a list. F holds the filters, limit and cursor as
// query parameters. Stored documents become the items as they stand; D says
// what is in one.
func list[D, F any](path, name, summary string, who rights, model projections.Model, find func(context.Context, F) (projections.List, error), errs ...*domain.Error) route {
	return route{
		method: http.MethodGet, path: queryPath + path, name: name, tag: "queries", summary: summary,
		who: who, errs: append(errs, projections.ErrCursor), reads: []projections.Model{model},
		add: func(s *service, op huma.Operation, _ string) {
			documentRaw[listed[D]](s, &op)
			register(s, op, func(ctx context.Context, in *F) (*listOutput, error) {
				l, err := find(ctx, *in)
				if err != nil {
					return nil, err
				}
				callOf(ctx).shows(l.Items)
				size := 64 + len(l.Next)
				for _, item := range l.Items {
					size += len(item) + 1
				}
				return &listOutput{
					ContentType: "application/json", Body: l.Append(make([]byte, 0, size)),
					Link: nextLink(callOf(ctx).request.URL, l.Next),
				}, nil
			})
		},
	}
}

// nextLink is the same request with the cursor of the next page.
func nextLink(u *url.URL, next string) string {
	if next == "" {
		return ""
	}
	var b strings.Builder
	b.WriteString("<" + u.EscapedPath() + "?")
	for part := range strings.SplitSeq(u.RawQuery, "&") {
		if part != "" && !strings.HasPrefix(part, "cursor=") && !strings.HasPrefix(part, minPosition+"=") {
			b.WriteString(part + "&")
		}
	}
	b.WriteString("cursor=" + url.QueryEscape(next) + `>; rel="next"`)
	return b.String()
}
