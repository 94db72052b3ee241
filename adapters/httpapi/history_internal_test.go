package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// send runs a command and returns its result.
func (p *program) send(t *testing.T, name, body string, headers ...string) commands.Result {
	t.Helper()
	w := p.do(t, http.MethodPost, commandPath+name, body, headers...)
	require.Less(t, w.Code, 300, w.Body.String())
	var done commands.Result
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &done))
	return done
}

// read answers a query.
func (p *program) read(t *testing.T, path string) string {
	t.Helper()
	w := p.do(t, http.MethodGet, queryPath+path, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	return w.Body.String()
}

func (p *program) told(t *testing.T, path string) projections.Told {
	t.Helper()
	var told projections.Told
	require.NoError(t, json.Unmarshal([]byte(p.read(t, path)), &told))
	return told
}

const (
	registerAcme = `{"name":"Acme","kind":"organisation","occurred_at":"2026-01-02T08:00:00Z"}`
	march        = "2025-03-31T15:59:59Z"
)

// ES-01: a customer is changed five times and read as of each change.
func TestAsOfEachChange(t *testing.T) {
	p := startProgram(t)
	id := p.send(t, "register-customer", registerAcme).ID
	live := []string{p.read(t, "customers/"+id)}
	for n := range 5 {
		p.send(t, "change-customer-details", fmt.Sprintf(`{"customer_id":%q,"city":"city %d","occurred_at":"2026-01-%02dT08:00:00Z"}`, id, n, n+3))
		live = append(live, p.read(t, "customers/"+id))
	}
	for n, want := range live {
		w := p.do(t, http.MethodGet, fmt.Sprintf("%scustomers/%s?revision=%d", queryPath, id, n), "")
		assert.JSONEq(t, want, w.Body.String())
		assert.Equal(t, fmt.Sprintf(`"%d"`, n), w.Header().Get("ETag"))
		if n > 0 {
			assert.JSONEq(t, want, p.read(t, fmt.Sprintf("customers/%s?as_of=2026-01-%02dT08:00:00Z", id, n+2)))
		}
	}
	var d projections.Difference
	require.NoError(t, json.Unmarshal([]byte(p.read(t, "customers/"+id+"/diff?from_revision=1&to_revision=4")), &d))
	assert.Equal(t, []projections.Change{{Record: "customer-" + id, Field: "city", From: "city 0", To: "city 3"}}, d.Changes)
	assert.Equal(t, 3, d.Total)
}

// ES-02: a payment of March that was recorded later counts as of March by what
// is known now, and not by what was known then.
func TestBackDatedPayment(t *testing.T) {
	p := startProgram(t)
	recorded := time.Date(2025, 3, 2, 9, 0, 0, 0, time.UTC)
	p.log.Now = func() time.Time { return recorded }
	id := p.send(t, "open-deal", `{"title":"pumps","amount":{"minor":900,"currency":"CNY"},"occurred_at":"2025-03-01T08:00:00Z"}`).ID
	p.send(t, "sign-contract", `{"deal_id":"`+id+`","amount":{"minor":900,"currency":"CNY"},"occurred_at":"2025-03-02T08:00:00Z"}`)
	recorded = time.Date(2025, 4, 5, 9, 0, 0, 0, time.UTC)
	p.send(t, "record-payment", `{"deal_id":"`+id+`","amount":{"minor":400,"currency":"CNY"},"occurred_at":"2025-03-20T08:00:00Z"}`)
	paid := `"paid":{"minor":400,"currency":"CNY"}`
	assert.Contains(t, p.read(t, "deals/"+id+"?as_of="+march), paid, "as known now")
	assert.NotContains(t, p.read(t, "deals/"+id+"?as_of="+march+"&known_at="+march), paid, "as known on 31 March")
	assert.Contains(t, p.read(t, "deals/"+id+"?known_at=2025-04-05T09:00:00Z"), paid)
	late := p.told(t, "deals/"+id+"/history?recorded_from=2025-04-01T00:00:00Z&occurred_to="+march+"&type=deal.payment_received")
	assert.Len(t, late.Items, 1, "what was entered late is found")
}

// ES-03: every command is in the history with all it recorded, who sent it and
// in which role, jobs included.
func TestHistoryIsLossless(t *testing.T) {
	p := startProgram(t)
	customer := p.send(t, "register-customer", registerAcme).ID
	deal := p.send(t, "open-deal", `{"title":"pumps","customer_id":"`+customer+`","amount":{"minor":900,"currency":"CNY"}}`).ID
	sent := map[string]commands.Result{}
	for i, c := range []struct{ name, body string }{
		{"send-quote", `{"deal_id":"` + deal + `","amount":{"minor":850,"currency":"CNY"}}`},
		{"sign-contract", `{"deal_id":"` + deal + `","amount":{"minor":800,"currency":"CNY"}}`},
		{"record-payment", `{"deal_id":"` + deal + `","amount":{"minor":800,"currency":"CNY"}}`},
		{"assign-customer", `{"customer_id":"` + customer + `","owner":"bob"}`},
		{"open-ticket", `{"customer_id":"` + customer + `","subject":"leaks"}`},
	} {
		sent[c.name] = p.send(t, c.name, c.body, fmt.Sprintf("X-Correlation-ID: story-%d", i/3))
	}
	told := p.told(t, "customers/"+customer+"/history?order=oldest&limit=200")
	byCommand := map[string][]string{}
	for _, e := range told.Items {
		byCommand[e.Command] = append(byCommand[e.Command], e.Type)
		assert.Equal(t, domain.Actor{ID: "ann", Role: "admin"}, e.Actor)
		assert.Equal(t, len(byCommand[e.Command]), e.Step.Number)
		assert.Positive(t, e.PolicyVersion+1)
	}
	for name, result := range sent {
		assert.Equal(t, result.Events, byCommand[name], name)
	}
	assert.Equal(t, "story-0", p.told(t, "customers/"+customer+"/history?correlation_id=story-0").Items[0].CorrelationID)
	recorded := 0
	for _, r := range p.log.Log() {
		for _, stream := range []string{"customer-" + customer, "deal-" + deal, sent["open-ticket"].Stream} {
			if r.Stream == stream {
				recorded++
			}
		}
	}
	assert.Equal(t, recorded, told.Total)

	assert.Contains(t, p.read(t, "customers/"+customer+"/deals"), `"total":1`)
	assert.Contains(t, p.read(t, "customers/"+customer+"/tickets"), `"subject":"leaks"`)
}

func TestHistoryPagesAreLinked(t *testing.T) {
	p := startProgram(t)
	id := p.send(t, "open-deal", `{"title":"pumps"}`).ID
	for n := range 3 {
		p.send(t, "assign-deal", fmt.Sprintf(`{"deal_id":%q,"owner":"o%d"}`, id, n))
	}
	w := p.do(t, http.MethodGet, queryPath+"deals/"+id+"/history?limit=3", "")
	link := strings.TrimSuffix(strings.TrimPrefix(w.Header().Get("Link"), "<"), `>; rel="next"`)
	w = p.do(t, http.MethodGet, link, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	assert.Contains(t, w.Body.String(), "deal.opened.v1")
	assert.Empty(t, w.Header().Get("Link"))
}

func TestHistoryProblems(t *testing.T) {
	p := startProgram(t)
	id := p.send(t, "open-deal", `{"title":"pumps","occurred_at":"2025-03-01T08:00:00Z"}`).ID
	p.send(t, "assign-deal", `{"deal_id":"`+id+`","owner":"bob"}`)
	cursor := p.told(t, "deals/"+id+"/history?limit=1").Next
	for path, want := range map[string]struct {
		status int
		code   string
	}{
		"deals/" + jobID + "/history":                                                           {404, "deal_not_found"},
		"deals/" + jobID + "?as_of=" + march:                                                    {404, "deal_not_found"},
		"customers/" + jobID + "/diff":                                                          {404, "customer_not_found"},
		"customers/" + jobID + "/deals":                                                         {404, "customer_not_found"},
		"tickets/" + jobID + "/history?format=csv":                                              {404, "ticket_not_found"},
		"deals/no-uuid/history":                                                                 {422, "validation_failed"},
		"deals/" + id + "/history?as_of=yesterday":                                              {422, "validation_failed"},
		"deals/" + id + "/history?order=upwards":                                                {422, "validation_failed"},
		"deals/" + id + "/history?format=pdf":                                                   {422, "validation_failed"},
		"deals/" + id + "/history?by=ann":                                                       {422, "validation_failed"},
		"deals/" + id + "/history?limit=0":                                                      {422, "validation_failed"},
		"deals/" + id + "?as_of=2020-01-01T00:00:00Z":                                           {404, "not_recorded_then"},
		"deals/" + id + "?known_at=2020-01-01T00:00:00Z":                                        {404, "not_recorded_then"},
		"deals/" + id + "?as_of=2999-01-01T00:00:00Z":                                           {422, "as_of_in_future"},
		"deals/" + id + "/history?known_at=2999-01-01T00:00:00Z":                                {422, "as_of_in_future"},
		"deals/" + id + "?revision=7":                                                           {404, "revision_not_found"},
		"deals/" + id + "?revision=-1":                                                          {422, "validation_failed"},
		"deals/" + id + "?revision=0&as_of=" + march:                                            {422, "as_of_with_revision"},
		"deals/" + id + "/history?cursor=" + cursor + "&actor=bob":                              {422, "bad_cursor"},
		"deals/" + id + "/history?recorded_from=" + march + "&recorded_to=2025-01-01T00:00:00Z": {422, "empty_interval"},
	} {
		problem := problemIn(t, p.do(t, http.MethodGet, queryPath+path, "", "Accept: text/csv"))
		assert.Equal(t, want.status, problem.Status, path)
		assert.Equal(t, want.code, problem.Code, path)
	}
	u := url.Values{"as_of": {"2025-03-01T16:00:00+08:00"}}
	assert.Contains(t, p.read(t, "deals/"+id+"?"+u.Encode()), `"revision":0`, "another zone")
}

func TestWhoMayReadMayReadTheHistory(t *testing.T) {
	p := startProgram(t)
	id := p.send(t, "open-deal", `{"title":"pumps"}`).ID
	for _, role := range []string{"auditor", "admin", "sales", "analyst"} {
		for _, path := range []string{"deals/" + id, "deals/" + id + "/history", "deals/" + id + "/diff", "deals/" + id + "?revision=0"} {
			w := httptest.NewRecorder()
			p.ServeHTTP(w, request(t, http.MethodGet, queryPath+path, role, ""))
			assert.Equal(t, http.StatusOK, w.Code, path)
		}
	}
}

func TestWhy(t *testing.T) {
	p := startProgram(t)
	id := p.send(t, "open-deal", `{"title":"pumps","amount":{"minor":900,"currency":"CNY"}}`).ID
	p.send(t, "send-quote", `{"deal_id":"`+id+`","amount":{"minor":850,"currency":"CNY"}}`)
	var e projections.Explanation
	require.NoError(t, json.Unmarshal([]byte(p.read(t, "deals/"+id+"/why?field=stage")), &e))
	assert.Equal(t, "quote", e.Value)
	require.Len(t, e.Cause, 1)
	assert.Equal(t, "send-quote", e.Cause[0].Command)
	assert.Equal(t, "sales.stages[quote]", e.Rule.Path)
	ticket := p.send(t, "open-ticket", `{"subject":"leaks","priority":"urgent"}`).ID
	assert.Contains(t, p.read(t, "tickets/"+ticket+"/why?field=due_at"), `targets[first_response]`)
	for _, field := range []string{"", "?field=", "?field=colour"} {
		assert.Equal(t, "unknown_field", problemIn(t, p.do(t, http.MethodGet, queryPath+"deals/"+id+"/why"+field, "")).Code)
	}
	assert.Equal(t, "deal_not_found", problemIn(t, p.do(t, http.MethodGet, queryPath+"deals/"+jobID+"/why?field=stage", "")).Code)
}
