package httpapi

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi/messages"
	"github.com/annals-crm/annals/projections"
)

var update = flag.Bool("update", false, "write the golden files anew")

const nasty = `=HYPERLINK("http://x")<script>alert(1)</script>`

// storyOfAcme is a customer with a deal, all ids and times the same every time.
func storyOfAcme(t *testing.T) (p *program, id string) {
	t.Helper()
	p = startProgram(t)
	recorded := time.Date(2026, 1, 18, 9, 0, 0, 0, time.UTC)
	p.log.Now = func() time.Time { recorded = recorded.Add(time.Minute); return recorded }
	name, err := json.Marshal(nasty)
	require.NoError(t, err)
	id = p.send(t, "register-customer", `{"name":`+string(name)+`,"kind":"organisation","occurred_at":"2026-01-02T08:00:00Z"}`, "Idempotency-Key: 1").ID
	deal := p.send(t, "open-deal", `{"title":"泵 40","customer_id":"`+id+`","owner":"bob","occurred_at":"2026-01-03T08:00:00Z"}`, "Idempotency-Key: 2").ID
	money := `"amount":{"minor":80000,"currency":"CNY"},"occurred_at":"2026-01-04T08:00:00Z"}`
	p.send(t, "sign-contract", `{"deal_id":"`+deal+`",`+money, "Idempotency-Key: 3", "X-Correlation-ID: spring")
	p.send(t, "record-payment", `{"deal_id":"`+deal+`",`+money, "Idempotency-Key: 4", "X-Correlation-ID: spring")
	return p, id
}

// The golden files are made from one of them, so that what a record holds may
// grow without them.
func TestExportsAreGolden(t *testing.T) {
	entries := func(yield func(projections.HistoryEntry, error) bool) {
		file, err := os.Open(filepath.Join("testdata", "history.jsonl"))
		require.NoError(t, err)
		defer func() { require.NoError(t, file.Close()) }()
		lines := json.NewDecoder(file)
		lines.UseNumber()
		for lines.More() {
			var e projections.HistoryEntry
			require.NoError(t, lines.Decode(&e))
			if !yield(e, nil) {
				return
			}
		}
	}
	for name, e := range exports() {
		t.Run(name, func(t *testing.T) {
			var got bytes.Buffer
			require.NoError(t, e.write(&got, exported{
				language: messages.NewAsker().Language("en"),
				record:   projections.Record{Kind: "customers", ID: jobID, Title: nasty}, entries: entries,
				filter: projections.HistoryFilter{Actor: "ann", PointFilter: projections.PointFilter{AsOf: time.Date(2026, 3, 31, 0, 0, 0, 0, time.UTC)}},
			}))
			golden := filepath.Join("testdata", "history."+name)
			if *update {
				require.NoError(t, os.WriteFile(golden, got.Bytes(), 0o644)) //nolint:gosec // a golden file is no secret
			}
			want, err := os.ReadFile(golden)
			require.NoError(t, err)
			assert.Equal(t, string(want), got.String())
		})
	}
}

func TestExportsAreServed(t *testing.T) {
	p, id := storyOfAcme(t)
	for name, e := range exports() {
		path := queryPath + "customers/" + id + "/history?order=oldest"
		w := p.do(t, http.MethodGet, path+"&format="+name, "")
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
		assert.Equal(t, e.media+"; charset=utf-8", w.Header().Get("Content-Type"))
		assert.Equal(t, w.Body.String(), p.do(t, http.MethodGet, path, "", "Accept: "+e.media).Body.String())
		if name != "html" {
			assert.Equal(t, `attachment; filename="customer-`+id+`-history.`+name+`"`, w.Header().Get("Content-Disposition"))
		}
	}
}

func TestExportsSayTheSame(t *testing.T) {
	p, id := storyOfAcme(t)
	told := p.told(t, "customers/"+id+"/history?limit=200")
	lines := strings.Split(strings.TrimSpace(p.read(t, "customers/"+id+"/history?format=jsonl")), "\n")
	require.Len(t, lines, told.Total)
	for i, line := range lines {
		want, err := json.Marshal(told.Items[i])
		require.NoError(t, err)
		assert.JSONEq(t, string(want), line)
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(p.read(t, "customers/"+id+"/history?format=csv"), byteOrderMark))).ReadAll()
	require.NoError(t, err)
	changes := 0
	for _, e := range told.Items {
		changes += max(1, len(e.Changes))
	}
	assert.Len(t, rows, changes+1)
}

// What is written into a record must not run where an export is read.
func TestExportsAreInert(t *testing.T) {
	p, id := storyOfAcme(t)
	html := p.do(t, http.MethodGet, queryPath+"customers/"+id+"/history?format=html", "")
	assert.NotContains(t, html.Body.String(), "<script>alert")
	assert.Contains(t, html.Body.String(), "&lt;script&gt;")
	assert.NotContains(t, html.Body.String(), "src=")
	assert.NotContains(t, html.Body.String(), "<link")
	assert.Equal(t, reportPolicy, html.Header().Get("Content-Security-Policy"))
	rows, err := csv.NewReader(strings.NewReader(p.read(t, "customers/"+id+"/history?format=csv"))).ReadAll()
	require.NoError(t, err)
	for _, row := range rows {
		for _, cell := range row {
			assert.NotRegexp(t, `^\s*[=+@＝]`, cell)
		}
	}
	for cell, want := range map[string]string{
		"plain": "plain", "": "", "=1+1": "'=1+1", "+86 139": "'+86 139", "-5": "-5", "-5+cmd": "'-5+cmd", "@SUM(A1)": "'@SUM(A1)",
		"\t=1": "'\t=1", " =1": "' =1", "＝1": "'＝1", "a=1": "a=1", "泵": "泵",
	} {
		assert.Equal(t, want, inert(cell))
	}
}

func TestPreferredForm(t *testing.T) {
	for accept, want := range map[string]string{
		"": "json", "*/*": "json", "application/json": "json", "text/csv": "csv", "text/html,application/xhtml+xml,*/*;q=0.8": "html",
		"application/x-ndjson": "jsonl", "image/png": "json", "application/json, text/csv": "json", "Text/CSV; q=1": "csv",
	} {
		assert.Equal(t, want, preferred(accept), accept)
	}
}

// An export that cannot be finished is cut, not ended.
func TestExportsFailLoudly(t *testing.T) {
	broken := func(yield func(projections.HistoryEntry, error) bool) {
		_ = yield(projections.HistoryEntry{}, nil) && yield(projections.HistoryEntry{}, assert.AnError)
	}
	for name, e := range exports() {
		assert.ErrorIs(t, e.write(&bytes.Buffer{}, exported{entries: broken}), assert.AnError, name)
	}
}
