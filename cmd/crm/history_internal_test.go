package main

import (
	"bytes"
	"flag"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the golden files anew")

// historyFrom runs crm history on a server that answers with the exports of the
// API's own tests.
func historyFrom(t *testing.T, args ...string) (stdout, stderr string, status int, asked *url.URL) {
	t.Helper()
	asked = &url.URL{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*asked = *r.URL
		http.ServeFile(w, r, "../../adapters/httpapi/testdata/history."+r.URL.Query().Get("format"))
	}))
	t.Cleanup(server.Close)
	var out, told bytes.Buffer
	status = run(t.Context(), append([]string{"history", "--server", server.URL}, args...), &out, &told)
	return out.String(), told.String(), status, asked
}

func TestHistoryIsReadable(t *testing.T) {
	stdout, stderr, status, asked := historyFrom(t, "customers", "acme", "--known-at", "2026-03-31T18:00:00+08:00", "--actor", "ann")
	require.Zero(t, status, stderr)
	assert.Equal(t, "/v1/queries/customers/acme/history", asked.Path)
	assert.Equal(t, url.Values{
		"format": {"jsonl"}, "order": {"oldest"}, "known_at": {"2026-03-31T10:00:00Z"}, "actor": {"ann"},
	}, asked.Query())
	if *update {
		require.NoError(t, os.WriteFile("testdata/history.txt", []byte(stdout), 0o644)) //nolint:gosec // a golden file is no secret
	}
	want, err := os.ReadFile("testdata/history.txt")
	require.NoError(t, err)
	assert.Equal(t, string(want), stdout)

	colored, _, _, _ := historyFrom(t, "customers", "acme", "--color", "always")
	assert.NotEqual(t, stdout, colored)
	plain := strings.NewReplacer("\x1b[0m", "", "\x1b[1m", "", "\x1b[2m", "", "\x1b[31m", "", "\x1b[32m", "", "\x1b[36m", "").Replace(colored)
	assert.Equal(t, stdout, plain)

	few, _, _, _ := historyFrom(t, "customers", "acme", "--events", "2")
	assert.Contains(t, few, "2 events\n")
}

func TestHistoryExports(t *testing.T) {
	for _, format := range []string{"jsonl", "csv", "html"} {
		stdout, stderr, status, _ := historyFrom(t, "deals", "x", "--format", format)
		require.Zero(t, status, stderr)
		want, err := os.ReadFile("../../adapters/httpapi/testdata/history." + format)
		require.NoError(t, err)
		assert.Equal(t, string(want), stdout)
	}
}

func TestHistoryCalledWrongly(t *testing.T) {
	_, stderr, status, asked := historyFrom(t, "invoices", "x", "--format", "pdf", "--color", "red", "--order", "up", "--as-of", "tomorrow", "--events", "3")
	assert.Equal(t, 2, status)
	assert.Empty(t, asked.Path, "nothing was sent")
	for _, said := range []string{"invoices", "--format", "--color", "--order", "--as-of", "--events"} {
		assert.Contains(t, stderr, said)
	}
}

func TestDaysStandForTimes(t *testing.T) {
	now := time.Date(2026, 3, 31, 12, 0, 0, 0, time.FixedZone("east", 8*3600))
	for _, f := range historyFilters() {
		if f.time == nil {
			continue
		}
		past, err := pointIn("2026-03-30", f.time, now)
		require.NoError(t, err)
		today, err := pointIn("2026-03-31", f.time, now)
		require.NoError(t, err)
		switch {
		case strings.HasSuffix(f.name, "-from"):
			assert.Equal(t, "2026-03-29T16:00:00Z", past.UTC().Format(time.RFC3339Nano), f.name)
		case strings.HasSuffix(f.name, "-to"):
			assert.Equal(t, "2026-03-30T16:00:00Z", past.UTC().Format(time.RFC3339Nano), f.name)
		default:
			assert.Equal(t, "2026-03-30T15:59:59.999Z", past.UTC().Format(time.RFC3339Nano), f.name)
			assert.Equal(t, now, today, "of today only what is over")
		}
	}
}

// What a record holds must not steer the terminal it is shown on.
func TestTerminalIsNotSteered(t *testing.T) {
	assert.Equal(t, "a�[2Jb c�", clean("a\x1b[2Jb\nc\u202e"))
	assert.Equal(t, `{"a":"\u001b"}`, valueShown(map[string]any{"a": "\x1b"}))
	assert.Equal(t, "nothing", valueShown(nil))
}
