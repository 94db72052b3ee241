package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi/openapitest"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/numberrange"
	"github.com/annals-crm/annals/domain/organisation"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// program is the whole API over a log in memory. Its read models are folded
// when asked for.
type program struct {
	*service
	log      *followed
	config   Config
	document func() (*openapitest.Document, error)
}

func startProgram(tb testing.TB) *program {
	tb.Helper()
	now := func() time.Time { return time.Date(2026, 1, 19, 2, 0, 0, 0, time.UTC) }
	quiet := slog.New(slog.DiscardHandler)
	log := &followed{Memory: &commandstest.Memory{}, grown: make(chan struct{})}
	pack, err := commands.NewLive(tb.Context(), log, log, policy.Aggregate, policy.StandardID, quiet)
	require.NoError(tb, err)
	tokens, err := commands.NewLive(tb.Context(), log, log, access.Aggregate, access.TokensID, quiet)
	require.NoError(tb, err)
	structure, err := commands.NewLive(tb.Context(), log, log, organisation.Aggregate, organisation.ID, quiet)
	require.NoError(tb, err)
	loop, err := commands.NewLoop(commands.LoopConfig{Store: log, Policy: pack, States: 1000, Now: now, Logger: quiet})
	require.NoError(tb, err)
	views := &folded{tb: tb, log: log}
	config := Config{
		Commands: &Commands{
			Customers: commands.Customers{
				Loop: loop, Numbers: commands.NewNumbers(loop, numberrange.Customers),
				Reservations: commands.NewReservations(loop, make([]byte, 32)),
			},
			Deals: commands.Deals{Loop: loop}, Tickets: commands.Tickets{Loop: loop},
			Organisation: commands.NewOrganisation(loop, structure),
			Policies:     commands.NewPolicies(loop, pack), Tokens: commands.NewTokens(loop, tokens, []string{"move-deal"}),
			Parking: keeper{}, Rebuilding: keeper{},
			Analyses: commands.Analyses{Loop: loop, Check: projections.CheckAnalysis, Standing: keeper{}.Standing},
			Webhooks: webhookCommands(loop, log), WebhookTests: webhookDesk{},
		},
		Queries: &Queries{
			Analyses: keeper{}, Organisation: structure, Disclosures: commands.Disclosures{Loop: loop},
			Views: views, Log: log, Policy: pack, Tokens: tokens, Now: now, Builds: keeper{}, Decisions: keeper{},
			Feed: &Feed{Log: log, Sight: projections.FactsWithin(views), Types: feedTypes()}, Webhooks: webhookDesk{},
			ReadModels: func(context.Context) ([]ReadModel, error) {
				return []ReadModel{{Name: "deals", Parked: []projections.Parked{}}}, nil
			},
		},
		Auth: byRole{}, Logger: quiet, Organisation: staff{},
	}
	s, ok := New(config).(*service)
	require.True(tb, ok)
	return &program{s, log, config, sync.OnceValues(func() (*openapitest.Document, error) {
		text, err := s.api.OpenAPI().MarshalJSON()
		require.NoError(tb, err)
		return openapitest.Load(text)
	})}
}

// haveExamples records the customer, deal and ticket that examples refer to, so
// that requests are not refused for want of them.
func (p *program) haveExamples(t *testing.T) {
	t.Helper()
	const company = "0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"
	for stream, e := range map[string]domain.Event{
		customer.Aggregate.Stream(company): customer.Registered{CustomerID: company, Kind: customer.Organisation, Details: customer.Details{Name: "Ningbo Precision Ltd"}, Stage: "potential"},
		deal.Aggregate.Stream(jobID):       deal.Opened{DealID: jobID, CustomerID: company, Title: "200 workstations", Amount: domain.Money{Currency: "CNY"}, Stage: policy.Lead},
		ticket.Aggregate.Stream(jobID):     ticket.Opened{TicketID: jobID, CustomerID: company, Subject: "Fan makes noise"},
		webhook.Aggregate.Stream(jobID):    webhook.Created{WebhookID: jobID, Settings: webhook.Settings{URL: "https://hooks.example.com/annals"}, Secret: "sealed"},
		analysis.Aggregate.Stream(jobID):   analysis.Started{AnalysisID: jobID, Name: "rates", Question: analysis.Question{Metrics: []string{"win_rate"}, Period: "month"}, Shadow: true},
	} {
		_, err := p.log.Append(t.Context(), stream, commands.NoStream, []domain.NewEvent{{ID: uuid.NewString(), Event: e, Meta: domain.Meta{OccurredAt: time.Date(2026, 1, 18, 2, 0, 0, 0, time.UTC)}}})
		require.NoError(t, err)
	}
	p.haveOrganisation(t)
}

// haveOrganisation records what examples of the organisation refer to.
func (p *program) haveOrganisation(t *testing.T) {
	t.Helper()
	at := time.Date(2024, 1, 1, 2, 0, 0, 0, time.UTC)
	above, position, higher := "0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55", "1c1f4e6e-70a9-5f4e-8a43-7d0e2f6c1a77", "1c1f4e6e-70a9-5f4e-8a43-7d0e2f6c1a66"
	p.log.Given(
		t, organisation.Aggregate.Stream(organisation.ID),
		organisation.DepartmentOpened{DepartmentID: above, Name: "Sales", OpenedAt: at},
		organisation.DepartmentOpened{DepartmentID: jobID, Name: "East", ParentID: above, OpenedAt: at},
		organisation.PositionOpened{PositionID: higher, DepartmentID: above, Title: "Head of Sales", OpenedAt: at},
		organisation.PositionOpened{PositionID: position, DepartmentID: jobID, Title: "Seller", OpenedAt: at},
		organisation.MemberJoined{MemberID: "ann", Name: "Ann", DepartmentID: above, PositionID: higher, JoinedAt: at},
		organisation.MemberJoined{MemberID: "bob", Name: "Bob", DepartmentID: jobID, PositionID: position, JoinedAt: at},
		organisation.SubstituteNamed{SubstitutionID: above, MemberID: "ann", SubstituteID: "bob", From: at, NamedAt: at},
		organisation.ProjectRoleAssigned{Role: organisation.Lead, MemberID: "ann", AssignedAt: at},
	)
}

// followed is a log that tells its followers when it grows.
type followed struct {
	*commandstest.Memory
	mu    sync.Mutex
	grown chan struct{}
}

func (f *followed) Append(ctx context.Context, stream string, expected int64, events []domain.NewEvent) (commands.Appended, error) {
	done, err := f.Memory.Append(ctx, stream, expected, events)
	f.tell()
	return done, err
}

func (f *followed) Given(t *testing.T, stream string, events ...domain.Event) {
	t.Helper()
	f.Memory.Given(t, stream, events...)
	f.tell()
}

func (f *followed) tell() {
	f.mu.Lock()
	defer f.mu.Unlock()
	close(f.grown)
	f.grown = make(chan struct{})
}

func (f *followed) Follow(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		for ctx.Err() == nil {
			f.mu.Lock()
			grown := f.grown
			f.mu.Unlock()
			for rec, err := range f.Read(ctx, stream, from) {
				if !yield(rec, err) {
					return
				}
				from = rec.Revision + 1
			}
			select {
			case <-grown:
			case <-ctx.Done():
			}
		}
	}
}

// folded folds the whole log again whenever it has grown.
type folded struct {
	tb     testing.TB
	log    *followed
	events int
	latest projections.Views
}

func (f *folded) views() projections.Views {
	t, ok := f.tb.(*testing.T)
	require.True(f.tb, ok)
	if log := f.log.Log(); f.latest == nil || len(log) != f.events {
		f.events, f.latest = len(log), projectionstest.Given(t, projections.All, log...)
	}
	return f.latest
}

func (f *folded) Document(ctx context.Context, m projections.Model, id string) ([]byte, error) {
	return f.views().Document(ctx, m, id)
}

func (f *folded) Scan(ctx context.Context, m projections.Model, s projections.Scan) (projections.Scanned, error) {
	return f.views().Scan(ctx, m, s)
}

func (f *folded) Figures(ctx context.Context, m projections.Model, a projections.Ask) (projections.Figures, error) {
	return f.views().Figures(ctx, m, a)
}

func (f *folded) Wait(ctx context.Context, m projections.Model, p domain.Position) error {
	return f.views().Wait(ctx, m, p)
}

func (p *program) do(tb testing.TB, method, target, body string, headers ...string) *httptest.ResponseRecorder {
	tb.Helper()
	return p.doAs(tb, method, target, "admin", body, headers...)
}

func (p *program) doAs(tb testing.TB, method, target, token, body string, headers ...string) *httptest.ResponseRecorder {
	tb.Helper()
	w := httptest.NewRecorder()
	r := request(tb, method, target, token, body, headers...)
	p.ServeHTTP(w, r)
	if document, err := p.document(); assert.NoError(tb, err) && strings.HasPrefix(r.URL.Path, "/v1/") {
		assert.NoError(tb, document.Check(document.Find(method, r.URL), w.Code, w.Header(), w.Body.Bytes()))
	}
	return w
}

func TestTheWholeAPIIsDocumented(t *testing.T) {
	p := startProgram(t)
	checkDocumented(t, p.service)
	for path, want := range map[string]string{"/openapi.json": `"3.1.0"`, "/openapi.yaml": "3.1.0"} {
		assert.Contains(t, p.do(t, http.MethodGet, path, "").Body.String(), want)
	}
}

// Every example of the reference can be tried: whatever comes of it, it is not
// that the request was malformed.
func TestExamplesAreGoodRequests(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	for _, op := range operations(p.service) {
		body := ""
		if op.RequestBody != nil {
			text, err := json.Marshal(op.RequestBody.Content["application/json"].Example)
			require.NoError(t, err)
			body = string(text)
		}
		w := p.do(t, op.Method, exampleOf(op), body)
		assert.Less(t, w.Code, 500, "%s: %s", op.OperationID, w.Body)
		if w.Code >= 400 {
			problem := problemIn(t, w)
			assert.Contains(t, op.Extensions["x-error-codes"], problem.Code, op.OperationID)
			assert.NotContains(t, []string{errInvalid.Code, errBadJSON.Code, "invalid_input"}, problem.Code, "%s: %s", op.OperationID, w.Body)
		}
	}
}

// exampleOf is the address of an operation with the examples of the parameters
// it cannot do without.
func exampleOf(op *huma.Operation) string {
	path, query := strings.Replace(op.Path, "{id}", jobID, 1), url.Values{}
	for _, param := range op.Parameters {
		if !param.Required || param.Schema == nil || len(param.Schema.Examples) == 0 {
			continue
		}
		example := fmt.Sprint(param.Schema.Examples[0])
		if param.In == "path" {
			path = strings.Replace(path, "{"+param.Name+"}", example, 1)
		} else {
			query.Set(param.Name, example)
		}
	}
	return path + "?" + query.Encode()
}

func TestWriteThenRead(t *testing.T) {
	p := startProgram(t)
	w := p.do(t, http.MethodPost, "/v1/commands/open-deal", `{"title":"200 workstations","owner":"ann","amount":{"minor":100,"currency":"CNY"}}`, "Idempotency-Key: k")
	require.Equal(t, http.StatusCreated, w.Code, w.Body.String())
	first := w.Body.String()
	var done commands.Result
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &done))
	assert.Equal(t, "/v1/queries/deals/"+done.ID, w.Header().Get("Location"))

	again := p.do(t, http.MethodPost, "/v1/commands/open-deal", `{"title":"200 workstations","owner":"ann","amount":{"minor":100,"currency":"CNY"}}`, "Idempotency-Key: k")
	assert.Equal(t, first, again.Body.String(), "a repeat gets the first answer")
	other := p.do(t, http.MethodPost, "/v1/commands/open-deal", `{"title":"300 workstations"}`, "Idempotency-Key: k")
	assert.Equal(t, "idempotency_key_reused", problemIn(t, other).Code)

	read := p.do(t, http.MethodGet, w.Header().Get("Location")+"?min_position="+done.Position.String(), "")
	require.Equal(t, http.StatusOK, read.Code, read.Body.String())
	assert.Equal(t, w.Header().Get("ETag"), read.Header().Get("ETag"))
	assert.Contains(t, read.Body.String(), `"title":"200 workstations"`)
	assert.Equal(t, "admin", p.log.Log()[len(p.log.Log())-1].Meta.Actor.Role)

	quote := `{"deal_id":"` + done.ID + `","amount":{"minor":100,"currency":"CNY"}}`
	quoted := p.do(t, http.MethodPost, "/v1/commands/send-quote", quote, "If-Match: "+read.Header().Get("ETag"))
	require.Equal(t, http.StatusOK, quoted.Code, quoted.Body.String())
	conflict := p.do(t, http.MethodPost, "/v1/commands/send-quote", quote, "If-Match: "+read.Header().Get("ETag"))
	assert.Equal(t, http.StatusConflict, conflict.Code)
	assert.Contains(t, conflict.Body.String(), `"type":"deal.quote_sent.v1"`)

	list := p.do(t, http.MethodGet, "/v1/queries/deals?stage=quote&owner=ann", "")
	assert.Contains(t, list.Body.String(), `"total":1`)
	board := p.do(t, http.MethodGet, "/v1/queries/pipeline", "")
	assert.Contains(t, board.Body.String(), done.ID)
	assert.NotEmpty(t, board.Header().Get("X-Position"))
	p.do(t, http.MethodPost, "/v1/commands/win-deal", `{"deal_id":"`+done.ID+`"}`)
	sales := p.do(t, http.MethodGet, "/v1/queries/dashboards/sales?by=owner", "")
	assert.Contains(t, sales.Body.String(), `"win_rate":1`)
}

// The group a customer belongs to is an id or nothing, whichever command names it.
func TestParentIsAnIDOrNothing(t *testing.T) {
	p := startProgram(t)
	for _, parent := range []string{"head office", " ", strings.ToUpper(jobID)} {
		w := p.do(t, http.MethodPost, "/v1/commands/change-customer-details", `{"customer_id":"`+jobID+`","parent_id":"`+parent+`"}`)
		assert.Equal(t, errInvalid.Code, problemIn(t, w).Code, "%q: %s", parent, w.Body)
	}
	w := p.do(t, http.MethodPost, "/v1/commands/change-customer-details", `{"customer_id":"`+jobID+`","parent_id":""}`)
	assert.Equal(t, customer.ErrNotFound.Code, problemIn(t, w).Code, w.Body.String())
}

func TestPolicyAndTokens(t *testing.T) {
	p := startProgram(t)
	var answer PolicyAnswer
	require.NoError(t, json.Unmarshal(p.do(t, http.MethodGet, "/v1/queries/policies", "").Body.Bytes(), &answer))
	assert.Zero(t, answer.Number)
	answer.Pack.Customers = policy.Standard().Customers
	body, err := json.Marshal(map[string]any{"pack": answer.Pack})
	require.NoError(t, err)
	w := p.do(t, http.MethodPost, "/v1/commands/publish-policy", string(body))
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	require.NoError(t, json.Unmarshal(p.do(t, http.MethodGet, "/v1/queries/policies", "").Body.Bytes(), &answer))
	assert.Equal(t, 1, answer.Number)
	assert.Len(t, answer.Versions, 1)

	_, hash := commands.NewSecret()
	w = p.do(t, http.MethodPost, "/v1/commands/issue-token", `{"name":"ann","hash":"`+hash+`","roles":["sales"]}`)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var tokens TokenList
	text := p.do(t, http.MethodGet, "/v1/queries/tokens", "").Body
	assert.NotContains(t, text.String(), hash)
	require.NoError(t, json.Unmarshal(text.Bytes(), &tokens))
	require.Len(t, tokens.Items, 1)
	assert.True(t, tokens.Items[0].Active)
	p.do(t, http.MethodPost, "/v1/commands/revoke-token", `{"token_id":"`+tokens.Items[0].ID+`"}`)
	require.NoError(t, json.Unmarshal(p.do(t, http.MethodGet, "/v1/queries/tokens", "").Body.Bytes(), &tokens))
	assert.False(t, tokens.Items[0].Active)
}

// One side alone knows nothing of the other.
func TestOneSide(t *testing.T) {
	quiet := slog.New(slog.DiscardHandler)
	for _, tt := range []struct {
		config          Config
		commands, query int
	}{
		{Config{Commands: &Commands{}}, http.StatusBadRequest, http.StatusNotFound},
		{Config{Queries: &Queries{Policy: noPolicy{}, Now: time.Now}}, http.StatusNotFound, http.StatusOK},
	} {
		tt.config.Auth, tt.config.Logger = byRole{}, quiet
		h := New(tt.config)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request(t, http.MethodPost, "/v1/commands/open-deal", "admin", ""))
		assert.Equal(t, tt.commands, w.Code)
		w = httptest.NewRecorder()
		h.ServeHTTP(w, request(t, http.MethodGet, "/v1/queries/policies", "admin", ""))
		assert.Equal(t, tt.query, w.Code, w.Body.String())
	}
}

type noPolicy struct{}

func (noPolicy) State() policy.Policy { return policy.Policy{} }
