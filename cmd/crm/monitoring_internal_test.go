package main

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/VictoriaMetrics/metricsql"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// Every metric that the dashboard and the alerts ask for is told by a server that
// runs, in an expression that can be read, and every alert says what to do.
func TestMonitoringAsksForWhatIsThere(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	titles(t, server, "pumps")
	status, _, stderr := crm(t, "webhook", "create", "https://hooks.invalid/", "--server", server.url, "--token", server.token)
	require.Zero(t, status, stderr)
	there := map[string]bool{}
	require.Eventually(t, func() bool {
		there = metricsOf(t, server)
		return there["annals_webhook_lag_seconds"]
	}, 10*time.Second, 50*time.Millisecond, "the webhook is worked on")
	for _, expr := range append(alertExpressions(t), dashboardExpressions(t)...) {
		asked := metricsIn(t, expr)
		assert.NotEmpty(t, asked, expr)
		for _, name := range asked {
			assert.True(t, there[name], "%s, in %s", name, expr)
		}
	}
}

// metricsIn are the names of the metrics that an expression asks for.
func metricsIn(t *testing.T, expr string) (names []string) {
	t.Helper()
	parsed, err := metricsql.Parse(expr)
	require.NoError(t, err, expr)
	metricsql.VisitAll(parsed, func(part metricsql.Expr) {
		if metric, ok := part.(*metricsql.MetricExpr); ok {
			names = append(names, metric.LabelFilterss[0][0].Value)
		}
	})
	return names
}

// metricsOf are the names of the metrics that a server tells.
func metricsOf(t *testing.T, server *childServer) map[string]bool {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.url+"/metrics", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+server.token)
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	told, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	there := map[string]bool{}
	for _, line := range regexp.MustCompile(`(?m)^([a-zA-Z_:][a-zA-Z0-9_:]*)[ {]`).FindAllSubmatch(told, -1) {
		there[string(line[1])] = true
	}
	return there
}

const monitoring = "../../docs/monitoring"

func alertExpressions(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(monitoring, "alerts.yaml"))
	require.NoError(t, err)
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Annotations struct{ Summary, Action string }
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &rules))
	var all []string
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			assert.NotEmpty(t, rule.Annotations.Summary, rule.Alert)
			assert.NotEmpty(t, rule.Annotations.Action, rule.Alert)
			all = append(all, rule.Expr)
		}
	}
	require.NotEmpty(t, all)
	return all
}

func dashboardExpressions(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(monitoring, "grafana-dashboard.json"))
	require.NoError(t, err)
	var board struct {
		Panels []struct {
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &board))
	var all []string
	for _, panel := range board.Panels {
		for _, target := range panel.Targets {
			all = append(all, target.Expr)
		}
	}
	require.NotEmpty(t, all)
	return all
}
