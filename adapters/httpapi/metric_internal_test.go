package httpapi

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/annals-crm/annals/projections"
)

// soldProgram has won one deal and lost another; the owner of one is called
// what a spreadsheet would take for a formula.
func soldProgram(t *testing.T) *program {
	t.Helper()
	p := startProgram(t)
	for _, owner := range []string{`=HYPERLINK("http://x")`, "ann"} {
		opened := p.send(t, "open-deal", `{"title":"40 pumps","owner":`+quoted(t, owner)+`,"amount":{"minor":5000,"currency":"CNY"}}`)
		if owner == "ann" {
			p.send(t, "lose-deal", `{"deal_id":"`+opened.ID+`","reason":"price"}`)
		} else {
			p.send(t, "win-deal", `{"deal_id":"`+opened.ID+`"}`)
		}
	}
	return p
}

func quoted(t *testing.T, text string) string {
	t.Helper()
	q, err := json.Marshal(text)
	require.NoError(t, err)
	return string(q)
}

func TestMetrics(t *testing.T) {
	p := soldProgram(t)
	w := p.do(t, http.MethodGet, "/v1/queries/metrics", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var catalogue projections.MetricCatalogue
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &catalogue))
	assert.Len(t, catalogue.Items, len(projections.AllMetrics))
	for _, m := range catalogue.Items { // whatever is in the catalogue can be asked for
		for _, by := range append(m.Dimensions, "") {
			w := p.do(t, http.MethodGet, "/v1/queries/metrics/"+m.Name+"?period=quarter&by="+by, "")
			assert.Equal(t, http.StatusOK, w.Code, "%s by %s: %s", m.Name, by, w.Body)
			assert.NotEmpty(t, w.Header().Get("X-Position"))
		}
	}

	w = p.do(t, http.MethodGet, "/v1/queries/metrics/win_rate?period=week&from=2026-01-19&to=2026-01-19", "")
	assert.JSONEq(t, `{"position":"`+w.Header().Get("X-Position")+`","metric":"win_rate","definition":1,"unit":"ratio","zone":"Asia/Shanghai","period":"week",
		"at":"2026-01-19T02:00:00Z","rows":[{"period":"2026-W04","from":"2026-01-19","to":"2026-01-26","value":0.5,"numerator":1,"denominator":2,
		"policy_version":0,"provisional":true}]}`, w.Body.String())
}

func TestMetricsThatCannotBeAnswered(t *testing.T) {
	p := startProgram(t)
	for path, code := range map[string]string{
		"none":                                              "metric_not_found",
		"win_rate?by=colour":                                "unknown_dimension",
		"win_rate?period=hour":                              "validation_failed",
		"win_rate?at=2024-01-01T00:00:00Z":                  "not_of_an_instant",
		"churn_rate?period=whole":                           "only_by_calendar",
		"win_rate?from=2024-02-30":                          "validation_failed",
		"win_rate?from=2024-02-02&to=2024-01-01":            "bad_span",
		"win_rate?period=day&from=2020-01-01&to=2024-01-01": "too_many_periods",
	} {
		w := p.do(t, http.MethodGet, "/v1/queries/metrics/"+path, "")
		assert.Equal(t, code, problemIn(t, w).Code, path)
	}
}

func TestMetricsAsCSV(t *testing.T) {
	w := soldProgram(t).do(t, http.MethodGet, "/v1/queries/metrics/win_rate?by=owner&format=csv&from=2026-01-01", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	assert.Equal(t, "text/csv; charset=utf-8", w.Header().Get("Content-Type"))
	assert.Equal(t, `attachment; filename="win_rate.csv"`, w.Header().Get("Content-Disposition"))
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), byteOrderMark))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 3)
	assert.Equal(t, metricColumns(), rows[0])
	assert.Equal(t, []string{"win_rate", "2026-01", "2026-01-01", "2026-02-01", `'=HYPERLINK("http://x")`, "", "1", "1", "1"}, rows[1][:9])
	assert.Equal(t, []string{"ann", "", "0", "0", "1"}, rows[2][4:9])
}

func TestMetricsAsXLSX(t *testing.T) {
	w := soldProgram(t).do(t, http.MethodGet, "/v1/queries/metrics/win_rate?by=owner&format=xlsx&from=2026-01-01", "")
	require.Equal(t, http.StatusOK, w.Code)
	assert.Equal(t, mediaXLSX, w.Header().Get("Content-Type"))
	f, err := excelize.OpenReader(bytes.NewReader(w.Body.Bytes()))
	require.NoError(t, err)
	defer f.Close() //nolint:errcheck // nothing was written
	rows, err := f.GetRows("Figures")
	require.NoError(t, err)
	require.Len(t, rows, 3)
	assert.Equal(t, metricColumns(), rows[0])
	assert.Equal(t, `=HYPERLINK("http://x")`, rows[1][4])
	formula, err := f.GetCellFormula("Figures", "E2")
	require.NoError(t, err)
	assert.Empty(t, formula, "text is text")
	kind, err := f.GetCellType("Figures", "G2")
	require.NoError(t, err)
	assert.NotEqual(t, excelize.CellTypeInlineString, kind, "a number is a number")
	about, err := f.GetRows("About")
	require.NoError(t, err)
	assert.Equal(t, []string{"metric", "win_rate"}, about[0])
}

// Whoever asks for a dimension is told those there are, if there are any.
func TestMetricsThatCannotBeBrokenDown(t *testing.T) {
	p := soldProgram(t)
	for name, want := range map[string]string{
		"time_in_stage": "time_in_stage cannot be broken down; leave by out",
		"win_rate":      `win_rate cannot be broken down by "mood"; it can by owner, product, region`,
	} {
		problem := problemIn(t, p.do(t, http.MethodGet, "/v1/queries/metrics/"+name+"?by=mood", ""))
		assert.Equal(t, projections.ErrDimension.Code, problem.Code)
		assert.Equal(t, want, problem.Detail)
	}
}
