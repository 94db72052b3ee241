package main

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

func (s *childServer) report(t *testing.T, args ...string) projections.Report {
	t.Helper()
	status, stdout, stderr := s.tool(t, append(args, "--json")...)
	require.Zero(t, status, stderr)
	var report projections.Report
	require.NoError(t, json.Unmarshal([]byte(stdout), &report), stdout)
	return report
}

// An analysis that is interrupted by the end of its process starts over in the
// next one, and finds what one that was not interrupted finds.
func TestKilledInTheMiddleOfAnAnalysis(t *testing.T) {
	t.Setenv(asProgram, "1")
	data, redisURL := t.TempDir(), redistest.Start(t)
	server, err := startServer(t.Context(), data, io.Discard)
	require.NoError(t, err)
	token := server.token
	server.stop()
	recordOffline(t, data, projectionstest.Deals(5_000, 500))
	server, err = restartServer(t.Context(), data, token, io.Discard, "--redis", redisURL)
	require.NoError(t, err)
	ask := []string{"analysis", "start", "win_rate", "won_value", "weighted_forecast", "--period", "year", "--from", "2023-01-01", "--to", "2026-12-31", "--set", "sales.stages[lead].probability=20"}
	whole := server.report(t, ask...)
	assert.Equal(t, "sales.stages[lead].probability", whole.Causes.Policy[0].Path)

	status, id, stderr := server.tool(t, append(ask, "--detach")...)
	require.Zero(t, status, stderr)
	server.kill()
	server, err = restartServer(t.Context(), data, token, io.Discard, "--redis", redisURL)
	require.NoError(t, err)
	defer server.stop()
	var again projections.Report
	require.Eventually(t, func() bool {
		status, stdout, _ := server.tool(t, "analysis", "show", id[:36], "--json")
		return status == 0 && json.Unmarshal([]byte(stdout), &again) == nil && len(again.Metrics) > 0
	}, time.Minute, 100*time.Millisecond)
	assert.Equal(t, whole.Metrics, again.Metrics)
	assert.Equal(t, whole.Records, again.Records)
}

// ES-18: rules are tried on what happens, and put into force when nothing about
// them surprises any more.
func TestShadowRules(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	client, err := apiclient.New(server.url, server.token, 1)
	require.NoError(t, err)
	shadow := server.report(t, "analysis", "start", "sla_compliance", "--shadow", "--set", "tickets.sla[standard].targets[first_response].seconds=60")
	assert.Zero(t, shadow.Records.Total)

	opened, err := client.Send(t.Context(), apiclient.Command{Name: "open-ticket", Body: map[string]any{"subject": "x", "occurred_at": time.Now().Add(-10 * time.Minute)}})
	require.NoError(t, err)
	_, err = client.Send(t.Context(), apiclient.Command{Name: "reply-to-ticket", Body: map[string]any{"ticket_id": opened.ID, "visibility": "public", "body": "x"}})
	require.NoError(t, err)
	var page struct{ Items []projections.AnalysisRecord }
	require.NoError(t, client.Get(t.Context(), "/v1/queries/analyses", nil, &page))
	id := page.Items[0].ID
	require.Eventually(t, func() bool { return server.report(t, "analysis", "show", id).Records.Total == 1 }, time.Minute, 100*time.Millisecond)
	changed := server.report(t, "analysis", "show", id).Records.Items[0]
	assert.Equal(t, opened.ID, changed.ID)
	assert.Equal(t, "sla_met", changed.Baseline[0].Measure)
	assert.Equal(t, "sla_breached", changed.Variant[0].Measure)

	status, _, stderr := server.tool(t, "analysis", "end", id)
	require.Zero(t, status, stderr)
	status, text, stderr := server.tool(t, "analysis", "show", id)
	require.Zero(t, status, stderr)
	assert.Contains(t, text, "records that count differently: 1")
	status, pack, stderr := server.tool(t, "analysis", "pack", id)
	require.Zero(t, status, stderr)
	file := filepath.Join(t.TempDir(), "pack.yaml")
	require.NoError(t, os.WriteFile(file, []byte(pack), 0o600))
	status, _, stderr = server.tool(t, "policy", "import", file)
	require.Zero(t, status, stderr)
	var inForce policy.Version
	require.NoError(t, client.Get(t.Context(), "/v1/queries/policies", nil, &inForce))
	assert.EqualValues(t, 60, inForce.Pack.Tickets.SLA[3].Targets[0].Seconds)
}

func TestAnalysisCalledWrongly(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	for want, args := range map[string][]string{
		"want path=value":         {"start", "win_rate", "--set", "zone"},
		"want metric=number":      {"start", "win_rate", "--definition", "win_rate"},
		"want a time such as":     {"start", "win_rate", "--as-of", "soon"},
		"no metric named":         {"start", "no_such"},
		"leads into what has":     {"start", "win_rate", "--set", "zone.x.y=1"},
		"requires at least 1 arg": {"start"},
		"no such analysis":        {"show", "5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"},
	} {
		status, _, stderr := server.tool(t, append([]string{"analysis"}, args...)...)
		assert.NotZero(t, status, args)
		assert.Contains(t, stderr, want, args)
	}
	status, stdout, stderr := server.tool(t, "analysis", "list")
	require.Zero(t, status, stderr)
	assert.Contains(t, stdout, "STATUS")
}
