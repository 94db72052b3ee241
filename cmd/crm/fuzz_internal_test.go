package main

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi/openapitest"
	"github.com/annals-crm/annals/domain/access"
)

// Seeds of each operation: its example, and requests with faults.
const seedsEach = 6

// FuzzOperations sends requests that are almost right to every operation of the
// document, as callers of every role. Whatever comes of it, the answer is one that
// the document has: a failure is a problem with a code that is listed for the
// operation, and none is a fault of ours.
func FuzzOperations(f *testing.F) {
	s := serveInProcess(f, "--commands-per-minute", "0", "--queries-per-minute", "0")
	tokens := s.issueTokens(f)
	known := openapitest.Known{}
	for _, caller := range []int{callerAdmin, callerSales} { // some is within the reach of sales, some is not
		s.haveRecords(f, tokens[caller], known)
	}
	for i := range s.document.Operations {
		for seed := range uint64(seedsEach) {
			f.Add(uint8(seed), uint16(i), seed, uint8(seed), "")
		}
		if body := s.document.Operations[i].Body; body != nil {
			text, err := json.Marshal(body.Example)
			require.NoError(f, err)
			for caller := range access.Roles {
				f.Add(uint8(caller), uint16(i), uint64(0), uint8(0), string(text))
			}
		}
	}
	f.Fuzz(func(t *testing.T, caller uint8, operation uint16, seed uint64, faults uint8, body string) {
		op := s.document.Operations[int(operation)%len(s.document.Operations)]
		request := s.document.Maker(seed, int(faults%8), known).Request(op)
		if body != "" && op.Body != nil {
			request.Body = body
		}
		request.Header.Set("Authorization", "Bearer "+tokens[int(caller)%len(tokens)])
		s.try(t, op, request)
	})
}

// try sends a request, and fails for an answer that is not documented.
func (s *inProcess) try(t *testing.T, op *openapitest.Operation, request openapitest.Request) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), request.Method, s.url+request.Target, strings.NewReader(request.Body))
	if err != nil {
		return // no client can send it
	}
	r.Header = request.Header
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err, "%+v", request)
	defer func() { _ = answer.Body.Close() }()
	if answer.Header.Get("Content-Type") == "text/event-stream" {
		return // it has no end
	}
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err, "%+v", request)
	require.True(t, answer.StatusCode < 500 || answer.StatusCode == http.StatusServiceUnavailable, "%d for %+v: %s", answer.StatusCode, request, body)
	require.NotEqual(t, http.StatusUnauthorized, answer.StatusCode, "%+v", request)
	if found := s.document.Find(r.Method, r.URL); found == op { // not another path by now
		require.NoError(t, s.document.Check(op, answer.StatusCode, answer.Header, body), "%+v", request)
	}
}

// Callers by their place among access.Roles.
const (
	callerAdmin = iota
	callerSales
)

// issueTokens are secrets of callers with one role each, in the order of
// access.Roles.
func (s *inProcess) issueTokens(tb testing.TB) (secrets []string) {
	tb.Helper()
	for _, role := range access.Roles {
		secret := "crm_fuzz_" + role
		body := fmt.Sprintf(`{"name":"fuzz-%s","roles":[%q],"hash":"%x"}`, role, role, sha256.Sum256([]byte(secret)))
		r, err := http.NewRequestWithContext(tb.Context(), http.MethodPost, s.url+"/v1/commands/issue-token", strings.NewReader(body))
		require.NoError(tb, err)
		r.Header.Set("Content-Type", "application/json")
		answer, err := s.Do(r)
		require.NoError(tb, err)
		require.NoError(tb, answer.Body.Close())
		require.Equal(tb, http.StatusOK, answer.StatusCode)
		secrets = append(secrets, secret)
	}
	return secrets
}

// haveRecords sends every command that creates a record, and adds the ids of what
// has come of it.
func (s *inProcess) haveRecords(tb testing.TB, token string, known openapitest.Known) {
	tb.Helper()
	for _, op := range s.document.Operations {
		if op.Answers["201"] == nil {
			continue
		}
		for n := range 5 {
			request := s.document.Lean(op)
			r, err := http.NewRequestWithContext(tb.Context(), request.Method, s.url+request.Target, strings.NewReader(request.Body))
			require.NoError(tb, err)
			r.Header = request.Header
			r.Header.Set("Authorization", "Bearer "+token)
			r.Header.Set("Idempotency-Key", fmt.Sprint(op.ID, n))
			answer, err := s.Do(r)
			require.NoError(tb, err)
			var result struct{ ID, Stream string }
			if answer.StatusCode == http.StatusCreated && json.NewDecoder(answer.Body).Decode(&result) == nil {
				kind := strings.TrimSuffix(result.Stream, "-"+result.ID)
				known[kind] = append(known[kind], result.ID)
			}
			_ = answer.Body.Close()
		}
	}
}
