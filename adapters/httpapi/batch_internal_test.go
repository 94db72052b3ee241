package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const company = "0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"

// as sends a batch with a token.
func (p *program) sent(t *testing.T, token, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, request(t, http.MethodPost, commandPath+runBatch, token, body, headers...))
	return w
}

func (p *program) batch(t *testing.T, token, body string, headers ...string) BatchResults {
	t.Helper()
	w := p.sent(t, token, body, headers...)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var all BatchResults
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &all))
	return all
}

const openDeal = `{"command":"open-deal","body":{"customer_id":"` + company + `","title":"Deal","amount":{"minor":1,"currency":"CNY"}}}`

func assigned(id, owner string) string {
	return `{"command":"assign-deal","body":{"deal_id":"` + id + `","owner":"` + owner + `"}}`
}

const absentID = "5f0c8a52-6a1e-5d0c-9f6a-000000000000"

func items(all ...string) string { return `{"items":[` + strings.Join(all, ",") + `]}` }

func TestBatchKeepsOrderPerRecord(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	var ids, sent []string
	all := p.batch(t, "admin", items(slices.Repeat([]string{openDeal}, 20)...))
	for _, r := range all.Results {
		var result struct{ ID string }
		require.NoError(t, json.Unmarshal(r.Result, &result))
		assert.Equal(t, http.StatusCreated, r.Status)
		assert.Equal(t, queryPath+"deals/"+result.ID, r.Location)
		ids = append(ids, result.ID)
	}
	for owner := range 5 {
		for _, id := range ids {
			sent = append(sent, assigned(id, fmt.Sprintf("owner-%d", owner)))
		}
	}
	all = p.batch(t, "admin", items(sent...))
	require.Len(t, all.Results, 100)
	assert.Equal(t, 100, all.Succeeded)
	for i, r := range all.Results {
		var result struct {
			ID       string
			Revision int
		}
		require.NoError(t, json.Unmarshal(r.Result, &result))
		assert.Equal(t, ids[i%20], result.ID)
		assert.Equal(t, 1+i/20, result.Revision)
		assert.Equal(t, strconv.Quote(strconv.Itoa(1+i/20)), r.ETag)
	}
	assert.NotZero(t, all.Position)
}

func TestBatchItemsFailAlone(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	all := p.batch(t, "application", items(
		openDeal,
		`{"command":"assign-deal","if_match":"\"7\"","body":{"deal_id":"`+jobID+`","owner":"ann"}}`,
		`{"command":"publish-policy","body":{}}`,
		`{"command":"open-deal","body":{"titel":"x"}}`,
		`{"command":"open-deal","body":"text"}`,
		`{"command":"run-batch","body":{"items":[]}}`,
		`{"command":"../queries/deals","body":{}}`,
		assigned(absentID, "ann"),
		assigned(jobID, "bob"),
	))
	var got []string
	for _, r := range all.Results {
		code := ""
		if r.Problem != nil {
			code = r.Problem.Code
			assert.Nil(t, r.Result)
			assert.Equal(t, r.Status, r.Problem.Status)
		}
		got = append(got, fmt.Sprint(r.Status, " ", code))
	}
	assert.Equal(t, []string{
		"201 ", "409 conflict", "403 forbidden", "422 validation_failed", "422 validation_failed", "404 no_such_command", "404 no_such_command",
		"404 deal_not_found", "200 ",
	}, got)
	assert.Equal(t, 2, all.Succeeded)
	assert.Equal(t, 7, all.Failed)
}

func TestBatchStopsIfAsked(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	body := strings.TrimSuffix(items(openDeal, assigned(absentID, "ann"), assigned(jobID, "bob")), "}") + `,"stop_on_error":true}`
	all := p.batch(t, "admin", body)
	assert.Equal(t, []int{201, 404, 424}, []int{all.Results[0].Status, all.Results[1].Status, all.Results[2].Status})
	assert.Equal(t, "not_attempted", all.Results[2].Problem.Code)
}

func TestBatchIsRepeatable(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	first := p.batch(t, "admin", items(openDeal, assigned(jobID, "ann")), "Idempotency-Key: import-7")
	events := len(p.log.Log())
	second := p.batch(t, "admin", items(openDeal, assigned(jobID, "ann")), "Idempotency-Key: import-7")
	assert.Len(t, p.log.Log(), events, "nothing came twice")
	assert.Equal(t, first.Position, second.Position)
	assert.Equal(t, 2, second.Succeeded)
}

func TestBatchCountsItsItems(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	p.commandQuota = newQuota("commands", 5)
	w := p.sent(t, "admin", items(assigned(jobID, "a"), assigned(jobID, "b"), assigned(jobID, "c")))
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Contains(t, w.Header().Get("RateLimit"), ";r=2;")
	w = p.sent(t, "admin", items(assigned(jobID, "a"), assigned(jobID, "b"), assigned(jobID, "c")))
	assert.Equal(t, "rate_limited", problemIn(t, w).Code)
	assert.NotEmpty(t, w.Header().Get("Retry-After"))
	w = p.sent(t, "admin", items(strings.Split(strings.TrimSuffix(strings.Repeat(assigned(jobID, "a")+"|", 6), "|"), "|")...))
	problem := problemIn(t, w)
	assert.Equal(t, "batch_too_large", problem.Code)
	assert.Contains(t, problem.Detail, "send at most 5 at once")
}

// Whoever waits as long as they were told gets in, with as many items as there may be.
func TestBatchGetsInAfterRetryAfter(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	p.commandQuota = newQuota("commands", 3)
	now := time.Date(2026, 1, 19, 2, 0, 0, 0, time.UTC)
	p.now = func() time.Time { return now }
	all := items(assigned(jobID, "a"), assigned(jobID, "b"), assigned(jobID, "c"))
	require.Equal(t, http.StatusOK, p.sent(t, "admin", all).Code)
	now = now.Add(20 * time.Second)
	w := p.sent(t, "admin", all)
	require.Equal(t, http.StatusTooManyRequests, w.Code)
	wait, err := strconv.Atoi(w.Header().Get("Retry-After"))
	require.NoError(t, err)
	now = now.Add(time.Duration(wait) * time.Second)
	assert.Equal(t, http.StatusOK, p.sent(t, "admin", all).Code, "after %d s", wait)
}

func TestBatchIsBounded(t *testing.T) {
	p := startProgram(t)
	assert.Equal(t, "validation_failed", problemIn(t, p.sent(t, "admin", `{"items":[]}`)).Code)
	many := items(strings.Split(strings.TrimSuffix(strings.Repeat(`{"command":"x","body":{}}|`, 501), "|"), "|")...)
	assert.Equal(t, "validation_failed", problemIn(t, p.sent(t, "admin", many)).Code)
}
