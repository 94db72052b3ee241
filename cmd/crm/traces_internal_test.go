package main

import (
	"encoding/hex"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	spans "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/commands"
)

// receiver is an OpenTelemetry receiver.
type receiver struct {
	mu    sync.Mutex
	spans []*spans.Span
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, _ := io.ReadAll(request.Body)
	var sent collector.ExportTraceServiceRequest
	if proto.Unmarshal(body, &sent) != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, of := range sent.GetResourceSpans() {
		for _, scope := range of.GetScopeSpans() {
			r.spans = append(r.spans, scope.GetSpans()...)
		}
	}
}

// has tells whether spans of all these names have come.
func (r *receiver) has(names ...string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	seen := map[string]bool{}
	for _, s := range r.spans {
		seen[s.GetName()] = true
	}
	return !slices.ContainsFunc(names, func(name string) bool { return !seen[name] })
}

// One trace leads from the request through the command and the log to the page of
// the projector that made it visible, and says nothing of who or what it was.
func TestOneTraceFromTheRequestToTheProjector(t *testing.T) {
	t.Setenv(asProgram, "1")
	t.Setenv("OTEL_BSP_SCHEDULE_DELAY", "20") // ms
	received := &receiver{}
	server, err := restartServer(t.Context(), t.TempDir(), "", io.Discard, "--otlp-endpoint", serveOn(t, received)+"/v1/traces", "--trace-ratio", "0")
	require.NoError(t, err)
	client, err := apiclient.New(server.url, server.token, 1)
	require.NoError(t, err)
	const trace, parent = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
	body := strings.NewReader(`{"name":"Ningbo Precision","contacts":[{"kind":"email","value":"li@ningbo.example"}]}`)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, server.url+"/v1/commands/register-customer", body)
	require.NoError(t, err)
	for name, value := range map[string]string{
		"Authorization": "Bearer " + server.token, "Content-Type": "application/json", "Idempotency-Key": "order-of-ann",
		"Traceparent": "00-" + trace + "-" + parent + "-01",
	} {
		request.Header.Set(name, value)
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	_ = answer.Body.Close()
	require.Equal(t, http.StatusCreated, answer.StatusCode)
	result, err := client.Send(t.Context(), apiclient.Command{Name: "open-ticket", Body: commands.OpenTicket{Subject: "Broken seal"}}) // not kept
	require.NoError(t, err)
	var list any
	require.NoError(t, client.Get(t.Context(), "/v1/queries/customers", url.Values{"min_position": {result.Position.String()}}, &list))
	require.Eventually(t, func() bool {
		return received.has("POST /v1/commands/register-customer", "visible", "project live", "redis commit")
	}, childStart, childStart/1000)
	server.stop()

	ofTrace, byID := map[string][]*spans.Span{}, map[string]*spans.Span{}
	for _, s := range received.spans {
		byID[string(s.GetSpanId())] = s
		if hex.EncodeToString(s.GetTraceId()) == trace {
			ofTrace[s.GetName()] = append(ofTrace[s.GetName()], s)
		}
		text, err := protojson.Marshal(s)
		require.NoError(t, err)
		for _, private := range []string{"ningbo", "li@", "Ningbo", "seal", "ann", server.token, "admin", result.ID} {
			assert.NotContains(t, strings.ReplaceAll(string(text), "annals.", ""), private)
		}
	}
	for _, name := range []string{"POST /v1/commands/register-customer", "command register-customer", "log append", "visible"} {
		assert.NotEmpty(t, ofTrace[name], name)
	}
	var visible *spans.Span
	for _, s := range ofTrace["visible"] {
		visible = s
	}
	require.NotNil(t, visible)
	route := []string{}
	for s := visible; s != nil; s = byID[string(s.GetParentSpanId())] {
		route = append(route, s.GetName())
	}
	assert.Equal(t, "visible", route[0])
	assert.Equal(t, "POST /v1/commands/register-customer", route[len(route)-1])
	page := byID[string(visible.GetLinks()[0].GetSpanId())]
	require.NotNil(t, page, "the page is kept since one of its events is")
	assert.Equal(t, "project live", page.GetName())
	committed := false
	for _, s := range received.spans {
		committed = committed || s.GetName() == "redis commit" && string(s.GetParentSpanId()) == string(page.GetSpanId())
		assert.NotContains(t, s.GetName(), "ticket", "of what nobody keeps, and none begins here")
	}
	assert.True(t, committed)
}
