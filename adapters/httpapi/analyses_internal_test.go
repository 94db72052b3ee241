package httpapi

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/projections"
)

// standingReport is what the shadow of the examples has found so far.
func standingReport() projections.Report {
	rate, one, two := 0.5, int64(1), int64(2)
	return projections.Report{
		Position: domain.Position{Commit: 8, Prepare: 8}, Changed: 1,
		Baseline: projections.SideReport{PolicyVersions: []int{}}, Variant: projections.SideReport{PolicyVersions: []int{}},
		Causes: projections.Causes{Policy: []difference.Difference{}, Definitions: []difference.Difference{}}, Records: projections.ChangedRecords{Items: []projections.ChangedRecord{}},
		Metrics: []projections.ComparedMetric{{Metric: "win_rate", Rows: []projections.ComparedRow{{
			Period: "2026-01", Key: "=1+1", Changed: true, Baseline: &projections.MetricRow{Value: &rate, Numerator: &one, Denominator: &two},
		}}}},
	}
}

func (keeper) Progress(context.Context, projections.AnalysisRecord) (projections.AnalysisProgress, error) {
	return projections.AnalysisProgress{Phase: "following", Progress: 1}, nil
}

func (keeper) Standing(_ context.Context, id string) (*analysis.Completed, error) {
	if id != jobID {
		return nil, nil
	}
	text, err := json.Marshal(standingReport())
	return &analysis.Completed{AnalysisID: id, Report: text}, err
}

// refused sends a command that must be refused.
func (p *program) refused(t *testing.T, name, body string) Problem {
	t.Helper()
	return problemIn(t, p.do(t, http.MethodPost, commandPath+name, body))
}

func TestAnalysesAreStartedAndRead(t *testing.T) {
	p := startProgram(t)
	started := p.send(t, "start-analysis", `{"name":"sooner","metrics":["sla_compliance"],"variant":{"set":{"tickets.sla[standard].targets[first_response].seconds":1800}}}`)
	var a projections.AnalysisRecord
	w := p.do(t, http.MethodGet, "/v1/queries/analyses/"+started.ID, "")
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a))
	assert.Equal(t, "running", a.Status)
	assert.Equal(t, "month", a.Period)
	require.NotNil(t, a.Variant.Pack)
	assert.EqualValues(t, 1800, a.Variant.Pack.Tickets.SLA[3].Targets[0].Seconds, "the whole pack is kept")
	assert.Nil(t, a.Baseline.Pack)
	assert.Equal(t, a.StartedAt, a.Variant.KnownAt, "what comes later is no part of it")

	w = p.do(t, http.MethodGet, "/v1/queries/analyses/"+started.ID+"/report", "")
	assert.Equal(t, "no_report_yet", problemIn(t, w).Code)
	assert.Equal(t, "not_a_shadow", p.refused(t, "end-shadow", `{"analysis_id":"`+started.ID+`"}`).Code)
	p.send(t, "cancel-analysis", `{"analysis_id":"`+started.ID+`"}`)
	assert.Equal(t, "analysis_ended", p.refused(t, "end-shadow", `{"analysis_id":"`+started.ID+`"}`).Code)
	assert.Empty(t, p.send(t, "cancel-analysis", `{"analysis_id":"`+started.ID+`"}`).Events, "cancelled already")
	w = p.do(t, http.MethodGet, "/v1/queries/analyses?status=cancelled", "")
	assert.Contains(t, w.Body.String(), started.ID)
}

// What is known is a matter of recorded time, so a question put late is answered
// with what is known now.
func TestAnalysisThatIsSaidToBeOfThePast(t *testing.T) {
	p := startProgram(t)
	var a projections.AnalysisRecord
	started := p.send(t, "start-analysis", `{"name":"x","metrics":["win_rate"],"occurred_at":"2020-01-01T00:00:00Z"}`)
	w := p.do(t, http.MethodGet, "/v1/queries/analyses/"+started.ID, "")
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &a))
	assert.Equal(t, time.Date(2026, 1, 19, 2, 0, 0, 0, time.UTC), a.StartedAt, "the clock of the test")
	assert.Equal(t, a.StartedAt, a.Baseline.KnownAt)
}

func TestQuestionsThatCannotBeAnswered(t *testing.T) {
	p := startProgram(t)
	for body, want := range map[string][2]string{
		`{"name":"x","metrics":["no_such"]}`:                                                                             {"metric_not_found", "metrics[0]"},
		`{"name":"x","metrics":["win_rate","win_rate"]}`:                                                                 {"invalid_input", "metrics[1]"},
		`{"name":" ","metrics":["win_rate"]}`:                                                                            {"invalid_input", "name"},
		`{"name":"x","metrics":["win_rate"],"by":"colour"}`:                                                              {"unknown_dimension", "by"},
		`{"name":"x","metrics":["time_in_stage"],"period":"day"}`:                                                        {"only_by_month", "period"},
		`{"name":"x","metrics":["win_rate"],"from":"2025-01-01","to":"2024-01-01"}`:                                      {"bad_span", "from"},
		`{"name":"x","metrics":["win_rate"],"from":"1900-01-01"}`:                                                        {"too_many_periods", "from"},
		`{"name":"x","metrics":["win_rate"],"variant":{"definitions":{"win_rate":9}}}`:                                   {"definition_not_found", "definitions"},
		`{"name":"x","metrics":["win_rate"],"variant":{"policy_version":9}}`:                                             {"policy_version_not_found", ""},
		`{"name":"x","metrics":["win_rate"],"variant":{"set":{"tickets.no_such":1}}}`:                                    {"invalid_policy", "variant.set.tickets.no_such"},
		`{"name":"x","metrics":["win_rate"],"baseline":{"set":{"zone":"Mars"}}}`:                                         {"invalid_policy", "baseline.set.zone"},
		`{"name":"x","metrics":["win_rate"],"variant":{"known_at":"2027-01-01T00:00:00Z"}}`:                              {"invalid_input", "variant.known_at"},
		`{"name":"x","metrics":["win_rate"],"shadow":true,"baseline":{"as_of":"2025-01-01T00:00:00Z"}}`:                  {"invalid_input", "baseline"},
		`{"name":"x","metrics":["win_rate"],"variant":{"definitions":{"won_value":1}}}`:                                  {"invalid_input", "variant.definitions.won_value"},
		`{"name":"x","metrics":["win_rate"],"variant":{"as_of":"2027-01-01T00:00:00Z"}}`:                                 {"invalid_input", "variant.as_of"},
		`{"name":"x","metrics":[]}`:                                                                                      {"validation_failed", ""},
		`{"name":"x","metrics":["win_rate"],"variant":{"as_of":"soon"}}`:                                                 {"validation_failed", ""},
		`{"name":"x","metrics":["win_rate"],"variant":{"set":{"tickets.sla[standard].targets[resolution].seconds":-1}}}`: {"invalid_policy", "variant.set.tickets.sla[3].targets[2].seconds"},
	} {
		told := p.refused(t, "start-analysis", body)
		assert.Equal(t, want[0], told.Code, body)
		if want[1] != "" {
			require.NotEmpty(t, told.Errors, body)
			assert.Contains(t, told.Errors[0].Location, want[1], body)
		}
	}
}

func TestShadowIsReadAsItStands(t *testing.T) {
	p := startProgram(t)
	p.haveExamples(t)
	w := p.do(t, http.MethodGet, "/v1/queries/analyses/"+jobID+"/report", "")
	var report projections.Report
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &report))
	assert.Equal(t, standingReport(), report)
	assert.Equal(t, "8/8", w.Header().Get("X-Position"))

	w = p.do(t, http.MethodGet, "/v1/queries/analyses/"+jobID+"/report?format=csv", "")
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(w.Body.String(), byteOrderMark))).ReadAll()
	require.NoError(t, err)
	require.Len(t, rows, 2)
	assert.Equal(t, []string{"win_rate", "2026-01", "'=1+1", "", "true", "0.5", "", "", "1", "2"}, rows[1][:10], "no spreadsheet takes it for a formula")
	w = p.do(t, http.MethodGet, "/v1/queries/analyses/"+jobID+"/report?format=xlsx", "")
	assert.Equal(t, mediaXLSX, w.Header().Get("Content-Type"))

	w = p.do(t, http.MethodGet, "/v1/queries/analyses/"+jobID+"/progress", "")
	assert.Contains(t, w.Body.String(), `"phase":"following"`)
	assert.Equal(t, []string{"analysis.completed.v1"}, p.send(t, "end-shadow", `{"analysis_id":"`+jobID+`"}`).Events)
	w = p.do(t, http.MethodGet, "/v1/queries/analyses/"+jobID+"/report", "")
	assert.Equal(t, http.StatusOK, w.Code, "now it is kept")
}
