package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const importedDeals = `opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value
A1,Ann,Lathe,Cancity,Won,2016-10-20,2017-03-01,1054
A2,Ann,Lathe,Cancity,Lost,2016-10-25,2017-03-11,0
A3,Ann,Lathe,,Napping,2016-10-25,,
`

// importInto runs crm import with args on a server; the sample is deals.csv.
func importInto(ctx context.Context, t *testing.T, server http.HandlerFunc, args ...string) (stdout, stderr string, err error) {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"deals.csv": importedDeals, "sales_teams.csv": "sales_agent,regional_office\nAnn,East\n",
		"products.csv": "product,sales_price\nLathe,5400\n", "accounts.csv": "account,sector\nCancity,retail\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	s := httptest.NewServer(server)
	t.Cleanup(s.Close)
	t.Chdir(dir)
	cmd := newImport()
	cmd.SilenceErrors, cmd.SilenceUsage = true, true
	cmd.PersistentFlags().String("config", "", "")
	var out, told bytes.Buffer
	cmd.SetOut(&out)
	cmd.SetErr(&told)
	cmd.SetArgs(append(args, "--server", s.URL, "--retry", "1ms"))
	err = cmd.ExecuteContext(ctx)
	return out.String(), told.String(), err
}

// accepting answers every command, and the organisation's zone.
func accepting(calls *atomic.Int32) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, `{"pack":{"zone":"Europe/Berlin"}}`)
			return
		}
		n := calls.Add(1)
		_, _ = fmt.Fprintf(w, `{"id":"x","position":"%d/%d"}`, n, n)
	}
}

func TestImportReportsRefusedRows(t *testing.T) {
	var calls atomic.Int32
	stdout, stderr, err := importInto(t.Context(), t, accepting(&calls), "deals", "deals.csv", "--report", "refused.csv", "--token", "t")
	require.EqualError(t, err, "1 of 3 rows were refused; mend them and import the file again: rows that are in already change nothing")
	assert.EqualValues(t, 7, calls.Load())
	assert.Regexp(t, `imported +2\n`, stdout)
	assert.Regexp(t, `zone +Europe/Berlin, the organisation's\n`, stdout)
	assert.Contains(t, stderr, `line 4, A3: the mapping does not say what stage "Napping" means (unknown_stage)`)
	assert.Contains(t, stderr, "3 of 3 rows in ")
	report, err := os.ReadFile("refused.csv")
	require.NoError(t, err)
	assert.Equal(t, "line,external_id,field,code,reason\n4,A3,deal_stage,unknown_stage,\"the mapping does not say what stage \"\"Napping\"\" means\"\n", string(report))
}

func TestImportSummaryAsJSON(t *testing.T) {
	var calls atomic.Int32
	stdout, _, err := importInto(t.Context(), t, accepting(&calls), "deals", "deals.csv", "--json", "--zone", "UTC")
	require.Error(t, err)
	var got map[string]any
	require.NoError(t, json.Unmarshal([]byte(stdout), &got))
	assert.Equal(t, "7/7", got["position"])
	assert.Equal(t, "UTC", got["zone"])
	assert.Equal(t, map[string]any{"register-customer": 1., "open-deal": 2., "move-deal": 2., "win-deal": 1., "lose-deal": 1.}, got["commands"])
}

func TestDryRunSendsNothing(t *testing.T) {
	stdout, _, err := importInto(t.Context(), t, func(http.ResponseWriter, *http.Request) { t.Error("a request") }, "deals", "deals.csv", "--dry-run", "--show", "1")
	require.ErrorContains(t, err, "1 of 3 rows were refused")
	assert.Equal(t, 4, strings.Count(stdout, "POST /v1/commands/"))
	assert.Contains(t, stdout, `{"deal_id":"<id from open-deal>","amount":{"minor":105400,"currency":"USD"},"occurred_at":"2017-02-28T16:00:00Z"}`)
	assert.Regexp(t, `fine so far \(nothing was sent\) +2\n`, stdout)
}

func TestImportSaysHowToGoOn(t *testing.T) {
	unavailable := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusServiceUnavailable)
		_, _ = io.WriteString(w, `{"code":"log_unavailable","detail":"the log is gone"}`)
	}
	_, _, err := importInto(t.Context(), t, unavailable, "deals", "deals.csv", "--zone", "UTC")
	require.ErrorContains(t, err, "the log is gone (log_unavailable); 0 of 3 rows are done; run the same command again")

	forbidden := func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"code":"forbidden","detail":"your roles do not allow this"}`)
	}
	_, _, err = importInto(t.Context(), t, forbidden, "deals", "deals.csv", "--zone", "UTC")
	require.ErrorContains(t, err, "CRM_TOKEN")

	ctx, interrupt := context.WithCancel(t.Context())
	var calls atomic.Int32
	_, _, err = importInto(ctx, t, func(w http.ResponseWriter, r *http.Request) {
		if calls.Load() == 3 {
			interrupt()
		}
		accepting(&calls)(w, r)
	}, "deals", "deals.csv", "--zone", "UTC", "--parallel", "1")
	require.ErrorContains(t, err, "interrupted: ")
	require.ErrorContains(t, err, "run the same command again")
}

func TestImportIsRefusedBeforeItBegins(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no file":        {[]string{"deals", "none.csv"}, "none.csv"},
		"other columns":  {[]string{"tickets", "deals.csv"}, "no built-in mapping fits"},
		"other kind":     {[]string{"tickets", "deals.csv", "--mapping", "sales-opportunities"}, "is for deals, not tickets"},
		"no mapping":     {[]string{"deals", "deals.csv", "--mapping", "none.yaml"}, "none.yaml"},
		"unknown lookup": {[]string{"deals", "deals.csv", "--lookup", "staff=x.csv"}, `--lookup "staff=x.csv"`},
		"lookup file":    {[]string{"deals", "deals.csv", "--lookup", "teams=x.csv"}, "lookups: teams: open"},
		"parallel":       {[]string{"deals", "deals.csv", "--parallel", "0"}, "--parallel 0"},
		"zone":           {[]string{"deals", "deals.csv", "--zone", "Mars"}, `zone "Mars"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := importInto(t.Context(), t, func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodPost {
					t.Error("a command")
				}
				accepting(new(atomic.Int32))(w, r)
			}, test.args...)
			require.ErrorContains(t, err, test.want)
		})
	}
}

func TestImportMappings(t *testing.T) {
	printed := func(args ...string) string {
		var out bytes.Buffer
		cmd := newImportMappings()
		cmd.SetOut(&out)
		cmd.SetArgs(args)
		require.NoError(t, cmd.Execute())
		return out.String()
	}
	assert.Contains(t, printed(), "sales-opportunities")
	assert.Contains(t, printed("case-log"), "resolve: last_row")
}
