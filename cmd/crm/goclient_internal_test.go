package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/clients/annals"
)

// goClient is the generated client of a server whose every answer is held
// against its own document.
type goClient struct {
	*annals.ClientWithResponses
}

func newGoClient(t *testing.T) goClient {
	t.Helper()
	server := serveInProcess(t)
	client, err := annals.Connect(server.url, server.token, annals.WithHTTPClient(server))
	require.NoError(t, err)
	return goClient{client}
}

var yuan = annals.Money{Minor: 12_000_000, Currency: "CNY"}

func TestGoClientRegistersCustomers(t *testing.T) {
	c, ctx := newGoClient(t), t.Context()
	email := annals.Contact{Kind: annals.ContactKindEmail, Value: "li@ningbo.example"}
	registered, err := c.RegisterCustomerWithResponse(ctx, nil, annals.RegisterCustomer{Name: "Ningbo Precision Ltd", Owner: new("ann"), Contacts: &[]annals.Contact{email}})
	require.NoError(t, err)
	require.NotNil(t, registered.JSON201, "%s", registered.Body)
	id := uuid.MustParse(registered.JSON201.Id)
	assert.Equal(t, "/v1/queries/customers/"+id.String(), *registered.Headers201.Location)

	added, err := c.AddContactWithResponse(ctx, &annals.AddContactParams{IdempotencyKey: new("contact-1")},
		annals.AddContact{CustomerId: id, Kind: annals.AddContactKindMobile, Value: "13800138000"})
	require.NoError(t, err)
	require.NotNil(t, added.JSON200, "%s", added.Body)

	twice, err := c.RegisterCustomerWithResponse(ctx, nil, annals.RegisterCustomer{Name: "Ningbo Precision", Contacts: &[]annals.Contact{email}})
	require.NoError(t, err)
	require.NotNil(t, twice.ApplicationproblemJSONDefault)
	assert.Equal(t, http.StatusConflict, twice.StatusCode())
	require.EqualError(t, twice.ApplicationproblemJSONDefault, "duplicate_customer: "+twice.ApplicationproblemJSONDefault.Detail)

	read, err := c.GetCustomerWithResponse(ctx, id, &annals.GetCustomerParams{MinPosition: new(added.JSON200.Position)})
	require.NoError(t, err)
	require.NotNil(t, read.JSON200, "%s", read.Body)
	assert.Equal(t, "Ningbo Precision Ltd", read.JSON200.Name)
	require.NotNil(t, read.JSON200.Contacts)
	assert.Len(t, *read.JSON200.Contacts, 2)
}

func TestGoClientWinsADeal(t *testing.T) {
	c, ctx := newGoClient(t), t.Context()
	opened, err := c.OpenDealWithResponse(ctx, nil, annals.OpenDeal{Title: "200 workstations", Owner: new("ann"), Amount: &yuan})
	require.NoError(t, err)
	require.NotNil(t, opened.JSON201, "%s", opened.Body)
	id := uuid.MustParse(opened.JSON201.Id)
	quoted, err := c.SendQuoteWithResponse(ctx, nil, annals.SendQuote{DealId: id, Amount: yuan})
	require.NoError(t, err)
	require.NotNil(t, quoted.JSON200, "%s", quoted.Body)

	late, err := c.MoveDealWithResponse(ctx, &annals.MoveDealParams{IfMatch: opened.Headers201.ETag}, annals.MoveDeal{DealId: id, Stage: "quote"})
	require.NoError(t, err)
	require.NotNil(t, late.ApplicationproblemJSONDefault, "%s", late.Body)
	assert.Equal(t, "conflict", late.ApplicationproblemJSONDefault.Code)
	moved, err := c.MoveDealWithResponse(ctx, &annals.MoveDealParams{IfMatch: quoted.Headers200.ETag}, annals.MoveDeal{DealId: id, Stage: "quote"})
	require.NoError(t, err)
	require.NotNil(t, moved.JSON200, "%s", moved.Body)

	signed, err := c.SignContractWithResponse(ctx, nil, annals.SignContract{DealId: id, Amount: yuan})
	require.NoError(t, err)
	require.NotNil(t, signed.JSON200, "%s", signed.Body)
	paid, err := c.RecordPaymentWithResponse(ctx, nil, annals.RecordPayment{DealId: id, Amount: yuan})
	require.NoError(t, err)
	require.NotNil(t, paid.JSON200, "%s", paid.Body)

	read, err := c.GetDealWithResponse(ctx, id, &annals.GetDealParams{MinPosition: &paid.JSON200.Position})
	require.NoError(t, err)
	require.NotNil(t, read.JSON200, "%s", read.Body)
	assert.EqualValues(t, "won", read.JSON200.Status)

	history, err := c.DealHistoryWithResponse(ctx, id, &annals.DealHistoryParams{Limit: new(int64(2))})
	require.NoError(t, err)
	require.NotNil(t, history.JSON200, "%s", history.Body)
	assert.Len(t, history.JSON200.Items, 2)
	assert.NotNil(t, history.JSON200.Next)

	metric, err := c.GetMetricWithResponse(ctx, "won_value", &annals.GetMetricParams{MinPosition: &paid.JSON200.Position})
	require.NoError(t, err)
	require.NotNil(t, metric.JSON200, "%s", metric.Body)
	assert.NotEmpty(t, metric.JSON200.Rows)
	c.analyse(t)
}

// analyse asks for an analysis and waits for what it finds.
func (c goClient) analyse(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	started, err := c.StartAnalysisWithResponse(ctx, nil, annals.StartAnalysis{
		Name: "won by now", Metrics: []string{"won_value"}, Variant: &annals.AnalysisSide{KnownAt: new(time.Now().Add(-time.Hour))},
	})
	require.NoError(t, err)
	require.NotNil(t, started.JSON201, "%s", started.Body)
	require.Eventually(t, func() bool {
		read, err := c.GetAnalysisWithResponse(ctx, uuid.MustParse(started.JSON201.Id), &annals.GetAnalysisParams{MinPosition: &started.JSON201.Position})
		return assert.NoError(t, err) && assert.NotNil(t, read.JSON200, "%s", read.Body) && read.JSON200.Status == "completed"
	}, time.Minute, 50*time.Millisecond)
	report, err := c.AnalysisReportWithResponse(ctx, uuid.MustParse(started.JSON201.Id), nil)
	require.NoError(t, err)
	require.NotNil(t, report.JSON200, "%s", report.Body)
	assert.Positive(t, report.JSON200.Changed)
}

func TestGoClientResolvesATicket(t *testing.T) {
	c, ctx := newGoClient(t), t.Context()
	opened, err := c.OpenTicketWithResponse(ctx, nil, annals.OpenTicket{Subject: "Fan makes noise", Priority: new("urgent")})
	require.NoError(t, err)
	require.NotNil(t, opened.JSON201, "%s", opened.Body)
	id := uuid.MustParse(opened.JSON201.Id)
	replied, err := c.ReplyToTicketWithResponse(ctx, nil, annals.ReplyToTicket{TicketId: id, Body: "A technician calls you today.", Visibility: "public"})
	require.NoError(t, err)
	require.NotNil(t, replied.JSON200, "%s", replied.Body)
	resolved, err := c.ResolveTicketWithResponse(ctx, nil, annals.ResolveTicket{TicketId: id, Solution: new("fan replaced")})
	require.NoError(t, err)
	require.NotNil(t, resolved.JSON200, "%s", resolved.Body)
	read, err := c.GetTicketWithResponse(ctx, id, &annals.GetTicketParams{MinPosition: &resolved.JSON200.Position})
	require.NoError(t, err)
	require.NotNil(t, read.JSON200, "%s", read.Body)
	assert.EqualValues(t, "resolved", read.JSON200.Status)

	missing, err := c.GetTicketWithResponse(ctx, uuid.New(), nil)
	require.NoError(t, err)
	assert.Equal(t, "ticket_not_found", missing.ApplicationproblemJSONDefault.Code)
}

func TestGoClientReadsPages(t *testing.T) {
	c, ctx := newGoClient(t), t.Context()
	position := ""
	for _, title := range []string{"one", "two", "three"} {
		opened, err := c.OpenDealWithResponse(ctx, nil, annals.OpenDeal{Title: title})
		require.NoError(t, err)
		require.NotNil(t, opened.JSON201, "%s", opened.Body)
		position = opened.JSON201.Position
	}
	titles, cursor := []string{}, (*string)(nil)
	for {
		page, err := c.ListDealsWithResponse(ctx, &annals.ListDealsParams{MinPosition: &position, Limit: new(int64(1)), Cursor: cursor})
		require.NoError(t, err)
		require.NotNil(t, page.JSON200, "%s", page.Body)
		for _, d := range page.JSON200.Items {
			titles = append(titles, d.Title)
		}
		if cursor = page.JSON200.Next; cursor == nil {
			break
		}
	}
	assert.ElementsMatch(t, []string{"one", "two", "three"}, titles)

	pack, err := c.PoliciesWithResponse(ctx, nil)
	require.NoError(t, err)
	require.NotNil(t, pack.JSON200, "%s", pack.Body)
	assert.NotEmpty(t, pack.JSON200.Pack.Sales.Stages)
	models, err := c.ReadModelsWithResponse(ctx)
	require.NoError(t, err)
	require.NotNil(t, models.JSON200, "%s", models.Body)
	assert.NotEmpty(t, models.JSON200.Items)
}
