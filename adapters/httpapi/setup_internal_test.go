package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/projections"
)

// The commands and documents below stand for all: what is tested with them is
// what every operation has in common.
type openJob struct {
	commands.At
	Title  string       `json:"title" doc:"What it is" minLength:"1" maxLength:"20" example:"fix the gate"`
	Kind   string       `json:"kind,omitempty" doc:"Kind" enum:"small,large" example:"small"`
	Amount domain.Money `json:"amount,omitempty" doc:"Value" example:"{\"minor\":100,\"currency\":\"CNY\"}"`
	Tags   []string     `json:"tags,omitempty" doc:"Tags" maxItems:"3" example:"[\"a\"]"`
}

type moveJob struct {
	commands.At
	JobID string `json:"job_id" doc:"Id" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Stage string `json:"stage" doc:"Stage" minLength:"1" maxLength:"20" example:"done"`
	Count int64  `json:"count,omitempty" doc:"Count" minimum:"0" maximum:"1000" example:"3"`
}

type job struct {
	projections.Head
	Title string `json:"title" doc:"What it is" example:"fix the gate"`
}

type jobFilter struct {
	Owner  string    `query:"owner" doc:"Whose" maxLength:"50" example:"ann"`
	Before time.Time `query:"before" doc:"Opened before"`
	Limit  int       `query:"limit" doc:"How many" minimum:"1" maximum:"200" default:"50"`
	Cursor string    `query:"cursor" doc:"Where to go on" maxLength:"500"`
}

type jobFigures struct {
	Position domain.Position  `json:"position" doc:"Log position" example:"8312/8312"`
	Open     map[string]int64 `json:"open" doc:"Open jobs by kind"`
	Ratio    *float64         `json:"ratio" doc:"Done of all; null without any" example:"0.5"`
}

var (
	errJobDone   = &domain.Error{Kind: domain.Refused, Code: "job_done", Message: "the job is done"}
	errJobAbsent = &domain.Error{Kind: domain.Missing, Code: "job_not_found", Message: "no job has this id"}
)

const jobID = "5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"

// fixture is an API of toy operations, and what its handlers were called with.
type fixture struct {
	*service
	env     commands.Envelope
	opened  openJob
	moved   moveJob
	filter  jobFilter
	answer  commands.Result
	err     error
	list    projections.List
	figures jobFigures
	views   *fakeViews
	log     *bytes.Buffer
	missing []string
	end     domain.Position
}

func (f *fixture) result() (commands.Result, error) { return f.answer, f.err }

// start serves the toy operations; tokens are names of roles.
func start(tb testing.TB, limits Limits) *fixture {
	tb.Helper()
	f := &fixture{
		views: &fakeViews{documents: map[string][]byte{}}, log: &bytes.Buffer{},
		answer: commands.Result{ID: jobID, Stream: "job-" + jobID, Revision: 3, Position: domain.Position{Commit: 8, Prepare: 8}, Events: []string{"job.moved.v1"}},
	}
	f.service = newService(Config{
		Auth: byRole{}, Logger: slog.New(slog.NewTextHandler(f.log, nil)), Limits: limits,
		Ready: func(context.Context) []string { return f.missing },
		End:   func(context.Context) (domain.Position, error) { return f.end, f.err },
	}, f.views)
	f.mount([]route{
		command("open-job", "Open a job", roles(access.Sales),
			func(_ context.Context, env commands.Envelope, c openJob) (commands.Result, error) {
				f.env, f.opened = env, c
				return f.result()
			}).creating("jobs"),
		command("move-job", "Move a job", roles(access.Sales, access.Service),
			func(ctx context.Context, env commands.Envelope, c moveJob) (commands.Result, error) {
				f.env, f.moved = env, c
				switch c.Stage {
				case "panic":
					panic("the gate fell")
				case "hang":
					<-ctx.Done()
					return commands.Result{}, ctx.Err()
				}
				return f.result()
			}, errJobDone, errJobAbsent),
		record[job]("jobs", "Read a job", everyone(), projections.Model{Name: "jobs"},
			func(ctx context.Context, id string) ([]byte, error) {
				document, err := f.views.Document(ctx, projections.Model{}, id)
				if document == nil && err == nil {
					err = errJobAbsent
				}
				return document, err
			}, func(context.Context, string, projections.Point) ([]byte, error) { return nil, projections.ErrNotThen }, errJobAbsent),
		list[job]("jobs", "list-jobs", "List jobs", everyone(), projections.Model{Name: "jobs"},
			func(_ context.Context, in jobFilter) (projections.List, error) {
				f.filter = in
				return f.list, f.err
			}),
		figures("dashboards/jobs", "jobs-dashboard", "Figures of jobs", roles(access.Analyst),
			func(context.Context, struct{}) (jobFigures, error) { return f.figures, f.err }, projections.Model{Name: "jobs"}),
	})
	f.mountPages()
	return f
}

// byRole takes the name of a role, or several with a comma, as a token. Behind a
// colon may stand whose it is, instead of ann's, and scopes after a blank.
type byRole struct{}

func (byRole) Caller(_ context.Context, secret string) (Caller, error) {
	var held, scopes []string
	secret, narrowed, ok := strings.Cut(secret, " ")
	if ok {
		scopes = strings.Split(narrowed, ",")
	}
	secret, name, named := strings.Cut(secret, ":")
	if !named {
		name = "ann"
	}
	for role := range strings.SplitSeq(secret, ",") {
		for _, known := range access.Roles {
			if role == known {
				held = append(held, role)
			}
		}
	}
	if held == nil {
		return Caller{}, ErrUnauthenticated
	}
	return Caller{ID: name, Kind: access.Person, Roles: held, Scopes: scopes}, nil
}

// fakeViews answers from a map and notes what was waited for.
type fakeViews struct {
	projections.Views
	documents map[string][]byte
	waited    []domain.Position
	err       error
}

func (v *fakeViews) Document(_ context.Context, _ projections.Model, id string) ([]byte, error) {
	return v.documents[id], v.err
}

func (v *fakeViews) Wait(_ context.Context, _ projections.Model, p domain.Position) error {
	v.waited = append(v.waited, p)
	return v.err
}

// request builds a request with headers given as "Name: value".
func request(tb testing.TB, method, target, token, body string, headers ...string) *http.Request {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), method, target, strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return r
}

func (f *fixture) do(tb testing.TB, method, target, token, body string, headers ...string) *httptest.ResponseRecorder {
	tb.Helper()
	w := httptest.NewRecorder()
	f.ServeHTTP(w, request(tb, method, target, token, body, headers...))
	return w
}

// problemIn decodes a problem and checks what all have in common.
func problemIn(tb testing.TB, w *httptest.ResponseRecorder) Problem {
	tb.Helper()
	require.Equal(tb, problemJSON, w.Header().Get("Content-Type"), w.Body.String())
	var p Problem
	require.NoError(tb, json.Unmarshal(w.Body.Bytes(), &p))
	require.Equal(tb, w.Code, p.Status)
	require.NotEmpty(tb, p.Code)
	require.NotEmpty(tb, p.Detail)
	require.Equal(tb, "urn:annals:problem:"+p.Code, p.Type)
	if p.Instance != "" {
		_, err := uuid.Parse(strings.TrimPrefix(p.Instance, "urn:uuid:"))
		require.NoError(tb, err)
	}
	return p
}
