package httpapi

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/disclosure"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
)

// get reads JSON as somebody.
func get[D any](t *testing.T, p *program, token, target string) D {
	t.Helper()
	status, _, text := p.as(t, token, http.MethodGet, target, "")
	require.Equal(t, http.StatusOK, status, text)
	var d D
	require.NoError(t, json.Unmarshal([]byte(text), &d))
	return d
}

func idsIn(t *testing.T, p *program, token, target string) []string {
	t.Helper()
	return idsOf(get[projections.List](t, p, token, target).Items)
}

func TestListsHoldWhatIsWithinReach(t *testing.T) {
	p := startOffice(t)
	own := "cccccccc-0000-5000-8000-000000000002" // ann's deal with bob's customer
	p.record(t, deal.Aggregate.Stream(own), deal.Opened{DealID: own, CustomerID: bobs.customer, Title: "Ann's own", Owner: "ann", Amount: domain.Money{Minor: 7, Currency: "CNY"}, Stage: policy.Lead})
	for target, want := range map[string][]string{
		"customers":                               {anns.customer},
		"customers?sort=name":                     {anns.customer},
		"customers?q=customer":                    {anns.customer},
		"customers?owner=bob":                     {},
		"customers?stage=potential":               {anns.customer},
		"deals":                                   {own, anns.deal},
		"deals?sort=amount":                       {anns.deal, own},
		"deals?owner=kim":                         {anns.deal},
		"deals?customer_id=" + anns.customer:      {anns.deal},
		"deals?customer_id=" + bobs.customer:      {own},
		"deals?stage=lead":                        {own, anns.deal},
		"tickets":                                 {anns.ticket},
		"tickets?sort=opened":                     {anns.ticket},
		"tickets?assignee=sue":                    {anns.ticket},
		"tickets?customer_id=" + bobs.customer:    {},
		"customers/" + anns.customer + "/deals":   {anns.deal},
		"customers/" + anns.customer + "/tickets": {anns.ticket},
	} {
		assert.Equal(t, want, idsIn(t, p, "sales:ann", queryPath+target), target)
		assert.Equal(t, want, idsIn(t, p, "sales:tom", queryPath+target), "%s: tom stands in for ann", target)
		assert.Equal(t, want, idsIn(t, p, "manager:mia", queryPath+target), "%s: mia manages ann", target)
		assert.Empty(t, idsIn(t, p, "sales:zoe", queryPath+"deals"))
	}
	assert.Equal(t, int64(1), get[projections.List](t, p, "sales:ann", queryPath+"customers").Total)
	assert.Equal(t, int64(-1), get[projections.List](t, p, "sales:ann", queryPath+"customers?stage=potential").Total, "others are not counted")
}

// A list put together from many indexes is paged through like one of them.
func TestPagesWithinReach(t *testing.T) {
	p := startOffice(t)
	want := map[string]bool{anns.deal: true}
	for i := range 60 {
		c, d := fmt.Sprintf("dddddddd-0000-5000-8000-%012d", i), fmt.Sprintf("eeeeeeee-0000-5000-8000-%012d", i)
		owner := "ann"
		if i%3 == 0 {
			owner = "bob"
		} else {
			want[d] = true
		}
		p.record(t, customer.Aggregate.Stream(c), customer.Registered{CustomerID: c, Owner: owner, Stage: "potential", RegisteredAt: started})
		p.record(t, deal.Aggregate.Stream(d), deal.Opened{DealID: d, CustomerID: c, Owner: "kim", OpenedAt: started, Amount: domain.Money{Currency: "CNY"}, Stage: policy.Lead})
	}
	got := map[string]bool{}
	for target := queryPath + "deals?limit=7"; ; {
		page := get[projections.List](t, p, "sales:ann", target)
		for _, id := range idsOf(page.Items) {
			require.False(t, got[id], "twice")
			got[id] = true
		}
		if page.Next == "" {
			break
		}
		target = queryPath + "deals?limit=7&cursor=" + page.Next
	}
	assert.Equal(t, want, got)
}

func TestFiguresWithinReach(t *testing.T) {
	p := startOffice(t)
	own := "cccccccc-0000-5000-8000-000000000002"
	p.record(t, deal.Aggregate.Stream(own), deal.Opened{DealID: own, Title: "Ann's own", Owner: "ann", Amount: domain.Money{Minor: 7, Currency: "CNY"}, Stage: policy.Lead})
	for target, want := range map[string]int64{"pipeline": 1, "pipeline?owner=ann": 1, "pipeline?owner=kim": 0} {
		board := get[projections.Board](t, p, "sales:ann", queryPath+target)
		assert.Equal(t, want, board.Deals, target)
	}
	assert.Equal(t, int64(4), get[projections.Board](t, p, "service", queryPath+"pipeline").Deals)

	sales := get[projections.SalesDashboard](t, p, "sales:ann", queryPath+"dashboards/sales?by=owner")
	assert.Equal(t, int64(1), sales.Open)
	require.Len(t, sales.Rows, 1)
	assert.Equal(t, "ann", sales.Rows[0].Key)
	for _, target := range []string{"dashboards/sales", "dashboards/sales?by=month", "metrics/weighted_forecast", "metrics/time_in_stage", "metrics/won_value?by=region"} {
		status, code, text := p.as(t, "sales:ann", http.MethodGet, queryPath+target, "")
		assert.Equal(t, http.StatusForbidden, status, "%s: %s", target, text)
		assert.Equal(t, access.ErrBeyondReach.Code, code)
	}
	for _, row := range get[projections.MetricAnswer](t, p, "sales:ann", queryPath+"metrics/funnel_throughput?by=owner").Rows {
		assert.Equal(t, "ann", row.Key)
	}
}

// Who must not see a customer learns that it exists, and whose it is (RB-02).
func TestADuplicateSaysWhoseItIs(t *testing.T) {
	p := startOffice(t)
	body := `{"name":"Again Ltd","contacts":[{"kind":"email","value":"li@again.example"}]}`
	status, _, text := p.as(t, "sales:ann", http.MethodPost, commandPath+"register-customer", body)
	require.Equal(t, http.StatusCreated, status, text)
	var done commands.Result
	require.NoError(t, json.Unmarshal([]byte(text), &done))
	for token, want := range map[string]string{
		"sales:bob":   `{"owner":"ann"}`,
		"sales:ann":   `{"holder":"` + done.ID + `","owner":"ann"}`,
		"service:sue": `{"holder":"` + done.ID + `","owner":"ann"}`,
	} {
		status, code, text := p.as(t, token, http.MethodPost, commandPath+"register-customer", body)
		assert.Equal(t, http.StatusConflict, status)
		assert.Equal(t, "duplicate_customer", code)
		var told struct{ Details json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(text), &told))
		assert.JSONEq(t, want, string(told.Details), token)
	}
}

func TestNobodyMakesARecordTheyWouldNotSee(t *testing.T) {
	p := startOffice(t)
	for body, command := range map[string]string{
		`{"name":"X Ltd","owner":"bob"}`: "register-customer",
		`{"title":"X","owner":"bob"}`:    "open-deal",
		`{"subject":"X"}`:                "open-ticket",
	} {
		status, code, text := p.as(t, "sales:ann", http.MethodPost, commandPath+command, body)
		assert.Equal(t, http.StatusForbidden, status, text)
		assert.Equal(t, "beyond_reach", code, command)
		status, _, text = p.as(t, "admin", http.MethodPost, commandPath+command, body)
		assert.Equal(t, http.StatusCreated, status, text)
	}
	status, _, text := p.as(t, "sales:ann", http.MethodPost, commandPath+"register-customer", `{"name":"Mine Ltd"}`)
	assert.Equal(t, http.StatusCreated, status, text)
}

// Who gives a record away no longer sees it, and who gets it sees all of its past.
func TestAHandedOverRecord(t *testing.T) {
	p := startOffice(t)
	history := queryPath + "customers/" + anns.customer + "/history"
	status, _, _ := p.as(t, "sales:bob", http.MethodGet, history, "")
	require.Equal(t, http.StatusNotFound, status)
	status, _, text := p.as(t, "sales:ann", http.MethodPost, commandPath+"assign-customer", `{"customer_id":"`+anns.customer+`","owner":"bob"}`)
	require.Equal(t, http.StatusOK, status, text)
	assert.Equal(t, 5, get[projections.Told](t, p, "sales:bob", history).Total)
	status, _, _ = p.as(t, "sales:ann", http.MethodGet, history, "")
	assert.Equal(t, http.StatusNotFound, status)
}

func TestReadsByAuditorsAndExportsAreOnRecord(t *testing.T) {
	p := startOffice(t)
	one := queryPath + "customers/" + anns.customer
	for _, read := range [][2]string{
		{"sales:ann", one}, // none of the first three is recorded
		{"analyst:al", one},
		{"auditor:ada", queryPath + "customers/" + jobID},
		{"auditor:ada", one + "?as_of=2026-01-18T23:00:00Z"},
		{"auditor:ada", queryPath + "customers?stage=potential&sort=name&limit=1"},
		{"sales:ann", one + "/history?format=csv&actor=kim"},
		{"auditor:ada", one + "/why?field=stage"},
		{"auditor:ada", queryPath + "pipeline?owner=kim"},
	} {
		p.as(t, read[0], http.MethodGet, read[1], "")
	}
	var all []projections.Disclosure
	for _, item := range get[projections.List](t, p, "auditor:ada", queryPath+"disclosures").Items {
		var d projections.Disclosure
		require.NoError(t, json.Unmarshal(item, &d))
		all = append(all, d)
	}
	type told struct {
		Actor, Operation, Format string
		Records, Parameters      []string
	}
	var got []told
	for _, d := range all {
		got = append(got, told{d.Actor.ID, d.Operation, d.Format, d.Records, d.Parameters})
	}
	mine := []string{anns.customer}
	assert.ElementsMatch(t, []told{
		{"ada", "get-customer", "json", mine, []string{"as_of"}},
		{"ada", "list-customers", "json", mine, []string{"limit", "sort", "stage"}},
		{"ann", "customer-history", "csv", mine, []string{"actor", "format"}},
		{"ada", "customer-why", "json", mine, []string{"field"}},
		{"ada", "pipeline", "json", []string{bobs.deal, anns.deal}, []string{"owner"}},
	}, got)
	assert.Len(t, idsIn(t, p, "auditor:ada", queryPath+"disclosures?record="+anns.customer+"&actor=ann"), 1)
	assert.Empty(t, idsIn(t, p, "auditor:ada", queryPath+"disclosures?record="+bobs.customer))
}

// Another role that lets an auditor in does not hide what they read.
func TestReadsByAuditorsWithOtherRolesAreOnRecord(t *testing.T) {
	for _, other := range access.Roles {
		p := startOffice(t)
		for _, target := range []string{"customers/" + anns.customer, "customers", "pipeline", "events", "deals/" + anns.deal + "/history"} {
			p.as(t, other+",auditor:mk", http.MethodGet, queryPath+target, "")
		}
		assert.Len(t, idsIn(t, p, "admin", queryPath+"disclosures?actor=mk"), 5, other)
		assert.Len(t, idsIn(t, p, "admin", queryPath+"disclosures?actor=mk&record="+anns.customer), 2, "%s: itself, and in the list", other)
	}
}

type unrecorded struct{}

func (unrecorded) Record(context.Context, commands.Envelope, disclosure.Recorded) error {
	return domain.ErrUnavailable
}

// A backup holds everything, so it is put on record, too, and is not made if
// that cannot be done.
func TestABackupIsOnRecord(t *testing.T) {
	p := startOffice(t)
	text := "all of it"
	s := newService(Config{Auth: byRole{}, Logger: p.service.log}, nil)
	s.disclosures = p.disclosures
	s.get(http.MethodGet, "/v1/backup", s.backup(func(context.Context) (Backup, error) {
		return Backup{Name: "b.tar", Bytes: int64(len(text)), Close: func() {}, Write: func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}}, nil
	}))
	url, _, _ := serve(t, s, time.Minute)
	fetch := func() (int, string) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/v1/backup", http.NoBody)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer admin:ada")
		w, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		defer func() { assert.NoError(t, w.Body.Close()) }()
		body, err := io.ReadAll(w.Body)
		require.NoError(t, err)
		return w.StatusCode, string(body)
	}
	status, body := fetch()
	require.Equal(t, http.StatusOK, status)
	assert.Equal(t, text, body)
	all := get[projections.List](t, p, "auditor:ada", queryPath+"disclosures?actor=ada").Items
	require.Len(t, all, 1)
	assert.Contains(t, string(all[0]), `"operation":"backup","kind":"events","records":[],"format":"backup"`)

	s.disclosures = unrecorded{}
	status, body = fetch()
	assert.Equal(t, http.StatusServiceUnavailable, status)
	assert.NotContains(t, body, text)
}

func TestWhatCannotBePutOnRecordIsNotShown(t *testing.T) {
	p := startOffice(t)
	p.disclosures = unrecorded{}
	for token, target := range map[string]string{
		"auditor": "customers/" + anns.customer, "service": "customers/" + anns.customer + "/history?format=html", "auditor:b": "tickets",
	} {
		status, _, text := p.as(t, token, http.MethodGet, queryPath+target, "")
		assert.Equal(t, http.StatusServiceUnavailable, status)
		assert.NotContains(t, text, anns.customer)
	}
}

// The change feed shows what is within reach, and nothing else of it.
func TestFeedWithinReach(t *testing.T) {
	p := startOffice(t)
	facts := func(token string) (streams []string, text string) {
		for _, fact := range get[FeedPage](t, p, token, queryPath+"events").Items {
			streams = append(streams, fact.Stream)
			text += string(fact.Data)
		}
		return streams, text
	}
	mine := []string{"customer-" + anns.customer, "customer-" + anns.customer, "deal-" + anns.deal, "ticket-" + anns.ticket}
	for _, token := range []string{"sales:ann", "sales:tom", "manager:mia"} {
		streams, text := facts(token)
		assert.ElementsMatch(t, mine, streams, token)
		assert.Contains(t, text, "13800138000")
	}
	streams, _ := facts("sales:zoe")
	assert.Empty(t, streams)
	streams, text := facts("analyst:al")
	assert.Subset(t, streams, append(mine, "customer-"+bobs.customer))
	assert.NotContains(t, text, "13800138000")
	assert.NotContains(t, text, "li@ningbo")
	facts("auditor:ada")
	disclosed := get[projections.List](t, p, "admin", queryPath+"disclosures?actor=ada")
	require.Len(t, disclosed.Items, 1)
	assert.Contains(t, string(disclosed.Items[0]), `"kind":"events","records":[]`)
}

func TestStreamWithinReach(t *testing.T) {
	p := startOffice(t)
	url, _, _ := serve(t, p, time.Minute)
	l := listen(t, url, "?from=start&category=ticket", "Authorization: Bearer sales:ann")
	_, _, fact := l.next(t)
	assert.Equal(t, "ticket-"+anns.ticket, fact.Stream)
	l.close()
	l = listen(t, url, "?from=start&category=ticket", "Authorization: Bearer product")
	for range 3 {
		_, _, fact = l.next(t)
		assert.NotContains(t, string(fact.Data), "13800138000")
	}
}
