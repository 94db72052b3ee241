package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// rawOutput is an answer that is JSON already.
type rawOutput struct {
	Status      int
	ContentType string `header:"Content-Type" hidden:"true"`
	ETag        string `header:"ETag" doc:"Revision of the record" example:"\"3\""`
	Body        []byte
}

type recordInput struct {
	ID      string `path:"id" format:"uuid" doc:"Id of the record" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	NoMatch string `header:"If-None-Match" maxLength:"255" doc:"ETag of the record as known; if it is still that, the answer is 304 without a body" example:"\"3\""`
	projections.PointFilter
	Revision string `query:"revision" pattern:"^(0|[1-9][0-9]{0,17})$" doc:"Instead of times: the record as it was when it had just come to this revision" example:"3"`
}

// point is as of when the record is asked for.
func (in *recordInput) point() projections.Point {
	at := in.Point()
	at.Revision = revisionIn(in.Revision)
	return at
}

// pastRecord reads a record as of a point.
type pastRecord func(ctx context.Context, id string, at projections.Point) ([]byte, error)

// record declares the query of one record by id, under noun/{id}. The stored
// document is the answer as it stands; D says what is in it. As of any other time
// than now the answer is then's.
func record[D any](noun, summary string, who rights, model projections.Model, get func(context.Context, string) ([]byte, error), then pastRecord, errs ...*domain.Error) route {
	errs = append(errs, projections.ErrNotThen, projections.ErrNoRevision, projections.ErrAsOfFuture, projections.ErrTwoPoints, domain.ErrUnavailable)
	return route{
		method: http.MethodGet, path: queryPath + noun + "/{id}", name: "get-" + strings.TrimSuffix(noun, "s"),
		tag: "queries", summary: summary, who: who, errs: errs, reads: []projections.Model{model},
		add: func(s *service, op huma.Operation, _ string) {
			documentRaw[D](s, &op)
			op.Responses["304"] = &huma.Response{Description: "The record is still what If-None-Match says"}
			register(s, op, func(ctx context.Context, in *recordInput) (*rawOutput, error) {
				var document []byte
				var err error
				if at := in.point(); at.Now() {
					document, err = get(ctx, in.ID)
				} else {
					document, err = then(ctx, in.ID, at)
				}
				if err != nil {
					return nil, err
				}
				return rawRecord(document, in.NoMatch)
			})
		},
	}
}

func rawRecord(document []byte, noMatch string) (*rawOutput, error) {
	revision, err := revisionOf(document)
	if err != nil {
		return nil, err
	}
	out := &rawOutput{Status: http.StatusOK, ContentType: "application/json", ETag: etag(revision), Body: document}
	if noMatch != "" && matches(noMatch, out.ETag) {
		out.Status, out.ContentType, out.Body = http.StatusNotModified, "", nil
	}
	return out, nil
}

// matches is the weak comparison of If-None-Match.
func matches(header, tag string) bool {
	for candidate := range strings.SplitSeq(header, ",") {
		candidate = strings.TrimPrefix(strings.TrimSpace(candidate), "W/")
		if candidate == tag || candidate == "*" {
			return true
		}
	}
	return false
}

// revisionOf reads the revision out of a document. Documents start with their
// projections.Head, so it is found without decoding the rest.
func revisionOf(document []byte) (uint64, error) {
	const idLength = len(`{"id":"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11",`)
	if len(document) > idLength {
		if rest, ok := bytes.CutPrefix(document[idLength:], []byte(`"revision":`)); ok {
			if end := bytes.IndexAny(rest, ",}"); end > 0 {
				if revision, err := strconv.ParseUint(string(rest[:end]), 10, 64); err == nil {
					return revision, nil
				}
			}
		}
	}
	var head projections.Head
	err := json.Unmarshal(document, &head)
	return head.Revision, err
}

// documentRaw says what is in an answer that is written as it stands.
func documentRaw[D any](s *service, op *huma.Operation) {
	schema := s.api.OpenAPI().Components.Schemas.Schema(reflect.TypeFor[D](), true, op.OperationID+"Answer")
	op.Responses["200"] = &huma.Response{Description: "OK", Content: map[string]*huma.MediaType{"application/json": {Schema: schema}}}
}
