package apiclient_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/domain"
)

// client talks to handler and never really waits; waits collects what it would have.
func client(t *testing.T, handler http.HandlerFunc) (c *apiclient.Client, waits *[]time.Duration) {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	c, err := apiclient.New(server.URL+"/", "secret", 4)
	require.NoError(t, err)
	waits = new([]time.Duration)
	c.Pause = func(ctx context.Context, d time.Duration) error {
		*waits = append(*waits, d)
		return ctx.Err()
	}
	return c, waits
}

func problem(w http.ResponseWriter, status int, body string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, body)
}

func TestSendCarriesIdentity(t *testing.T) {
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/v1/commands/move-deal", r.URL.Path)
		assert.Equal(t, "Bearer secret", r.Header.Get("Authorization"))
		assert.Equal(t, "k1", r.Header.Get("Idempotency-Key"))
		assert.Equal(t, "c1", r.Header.Get("X-Correlation-ID"))
		var body map[string]string
		assert.NoError(t, json.NewDecoder(r.Body).Decode(&body))
		assert.Equal(t, map[string]string{"stage": "quote"}, body)
		_, _ = io.WriteString(w, `{"id":"d","stream":"deal-d","revision":3,"position":"12/11","events":["deal.stage_moved.v1"]}`)
	})
	got, err := c.Send(t.Context(), apiclient.Command{Name: "move-deal", Key: "k1", Correlation: "c1", Body: map[string]string{"stage": "quote"}})
	require.NoError(t, err)
	assert.Equal(t, apiclient.Result{
		ID: "d", Stream: "deal-d", Revision: 3,
		Position: domain.Position{Commit: 12, Prepare: 11}, Events: []string{"deal.stage_moved.v1"},
	}, got)
}

func TestTemporaryFailuresAreRepeatedUnderTheSameKey(t *testing.T) {
	var calls atomic.Int32
	c, waits := client(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "k", r.Header.Get("Idempotency-Key"))
		switch calls.Add(1) {
		case 1:
			problem(w, http.StatusServiceUnavailable, `{"code":"log_unavailable","detail":"gone"}`)
		case 2:
			w.Header().Set("Retry-After", "7")
			problem(w, http.StatusTooManyRequests, `{"code":"too_many","detail":"slower"}`)
		case 3:
			problem(w, http.StatusConflict, `{"code":"conflict","detail":"someone else"}`)
		case 4:
			panic(http.ErrAbortHandler) // the answer is lost
		default:
			_, _ = io.WriteString(w, `{"id":"x","position":"1/1"}`)
		}
	})
	_, err := c.Send(t.Context(), apiclient.Command{Name: "n", Key: "k", Body: struct{}{}})
	require.NoError(t, err)
	assert.EqualValues(t, 5, calls.Load())
	require.GreaterOrEqual(t, len(*waits), 3, "net/http itself repeats what carries a key once a kept connection fails")
	assert.GreaterOrEqual(t, (*waits)[1], 7*time.Second)
}

func TestGivesUpWhenPatienceIsSpent(t *testing.T) {
	c, waits := client(t, func(w http.ResponseWriter, _ *http.Request) {
		problem(w, http.StatusServiceUnavailable, `{"code":"log_unavailable","detail":"gone"}`)
	})
	c.Patience = time.Second
	_, err := c.Send(t.Context(), apiclient.Command{Name: "n", Body: struct{}{}})
	var unreachable *apiclient.UnreachableError
	require.ErrorAs(t, err, &unreachable)
	assert.ErrorContains(t, err, "gone (log_unavailable)")
	assert.NotEmpty(t, *waits)
}

func TestProblemsAreFinal(t *testing.T) {
	for name, test := range map[string]struct {
		status int
		body   string
		want   string
		field  string
		denied bool
	}{
		"refused":      {409, `{"code":"already_won","detail":"it is won"}`, "it is won (already_won)", "", false},
		"invalid":      {422, `{"code":"invalid_input","detail":"bad","errors":[{"field":"title","message":"empty"}]}`, "bad; title: empty (invalid_input)", "title", false},
		"schema":       {422, `{"title":"Unprocessable","errors":[{"location":"body.amount.minor","message":"no"}]}`, "Unprocessable; amount.minor: no (422)", "amount.minor", false},
		"denied":       {403, `{"code":"denied","detail":"not yours"}`, "not yours (denied)", "", true},
		"not our kind": {404, `<html>nothing here`, "404 Not Found (404)", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			c, waits := client(t, func(w http.ResponseWriter, _ *http.Request) { problem(w, test.status, test.body) })
			_, err := c.Send(t.Context(), apiclient.Command{Name: "n", Body: struct{}{}})
			var p *apiclient.Problem
			require.ErrorAs(t, err, &p)
			require.EqualError(t, p, test.want)
			assert.Equal(t, test.denied, p.Denied())
			assert.Empty(t, *waits)
			if test.field != "" {
				assert.Equal(t, test.field, p.Errors[0].Name())
			}
		})
	}
}

func TestGet(t *testing.T) {
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "/v1/queries/dashboards/sales?by=owner", r.URL.String())
		_, _ = io.WriteString(w, `{"won":3}`)
	})
	var out struct{ Won int }
	require.NoError(t, c.Get(t.Context(), "/v1/queries/dashboards/sales", url.Values{"by": {"owner"}}, &out))
	assert.Equal(t, 3, out.Won)
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "127.0.0.1:8080", "ftp://x", "http://"} {
		_, err := apiclient.New(bad, "", 1)
		assert.ErrorContains(t, err, "want a URL", bad)
	}
}

func TestStream(t *testing.T) {
	var calls atomic.Int32
	c, _ := client(t, func(w http.ResponseWriter, r *http.Request) {
		assert.Equal(t, "Bearer secret", r.Header.Get("Authorization"))
		switch {
		case calls.Add(1) == 1:
			problem(w, http.StatusServiceUnavailable, `{"code":"timeout","detail":"later"}`)
		case r.URL.Query().Get("cut") != "":
			_, _ = io.WriteString(w, "begin")
			_ = http.NewResponseController(w).Flush()
			panic(http.ErrAbortHandler)
		case r.URL.Path == "/gone":
			problem(w, http.StatusNotFound, `{"code":"deal_not_found","detail":"no such deal"}`)
		default:
			_, _ = io.WriteString(w, "line\n")
		}
	})
	body, err := c.Stream(t.Context(), "/x", nil)
	require.NoError(t, err)
	text, err := io.ReadAll(body)
	require.NoError(t, err)
	require.NoError(t, body.Close())
	assert.Equal(t, "line\n", string(text))

	body, err = c.Stream(t.Context(), "/x", url.Values{"cut": {"1"}})
	require.NoError(t, err)
	_, err = io.ReadAll(body)
	require.ErrorIs(t, err, io.ErrUnexpectedEOF, "half of it does not look like all of it")
	require.NoError(t, body.Close())

	_, err = c.Stream(t.Context(), "/gone", nil)
	require.ErrorContains(t, err, "deal_not_found")
}

func TestAServerThatWasNotWaitedForIsOutOfReach(t *testing.T) {
	away := &apiclient.UnreachableError{Last: errors.New("connection refused")}
	assert.EqualError(t, away, "the server is out of reach: connection refused")
	away.Waited = 3 * time.Second
	assert.EqualError(t, away, "the server was out of reach for 3s: connection refused")
}
