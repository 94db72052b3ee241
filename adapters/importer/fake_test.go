package importer_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/commands"
)

// fakeAPI answers commands as the interface does: a repeat gets the first
// answer, a reused key is refused, and no field is taken that does not exist.
type fakeAPI struct {
	t       *testing.T
	mu      sync.Mutex
	answers map[string]string   // by key
	bodies  map[string]string   // by key
	records map[string][]string // id -> "command body", in order
	refuse  func(command string, body map[string]any) (status int, problem string)
	calls   int
}

func newFake(t *testing.T) (*fakeAPI, *apiclient.Client) {
	t.Helper()
	f := &fakeAPI{t: t, answers: map[string]string{}, bodies: map[string]string{}, records: map[string][]string{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	client, err := apiclient.New(server.URL, "token", 32)
	require.NoError(t, err)
	return f, client
}

// bodyOf is what the write side reads a command into: the fake takes no field
// that it would not.
func bodyOf(command string) any {
	return map[string]any{
		"register-customer":   &commands.RegisterCustomer{},
		"open-deal":           &commands.OpenDeal{},
		"move-deal":           &commands.MoveDeal{},
		"win-deal":            &commands.WinDeal{},
		"lose-deal":           &commands.LoseDeal{},
		"open-ticket":         &commands.OpenTicket{},
		"log-ticket-activity": &commands.LogTicketActivity{},
		"resolve-ticket":      &commands.ResolveTicket{},
	}[command]
}

func (f *fakeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	command := strings.TrimPrefix(r.URL.Path, "/v1/commands/")
	text, err := io.ReadAll(r.Body)
	assert.NoError(f.t, err)
	var body map[string]any
	assert.NoError(f.t, json.NewDecoder(bytes.NewReader(text)).Decode(&body))
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	assert.NoError(f.t, strict.Decode(bodyOf(command)), command)
	assert.NotEmpty(f.t, r.Header.Get("X-Correlation-ID"))
	key := r.Header.Get("Idempotency-Key")
	assert.NotEmpty(f.t, key)
	if f.refuse != nil {
		if status, problem := f.refuse(command, body); status != 0 {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, problem)
			return
		}
	}
	if before, repeated := f.bodies[key]; repeated {
		if before != command+string(text) {
			w.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = io.WriteString(w, `{"code":"idempotency_key_reused","detail":"used before"}`)
			return
		}
		_, _ = io.WriteString(w, f.answers[key])
		return
	}
	id := "id-" + key
	for _, reference := range []string{"deal_id", "ticket_id"} {
		if ref, ok := body[reference].(string); ok {
			id = ref
			assert.Contains(f.t, f.records, id)
			delete(body, reference)
		}
	}
	if customer, ok := body["customer_id"].(string); ok {
		body["customer_id"] = f.nameOf(customer)
	}
	plain, _ := json.Marshal(body)
	f.records[id] = append(f.records[id], command+" "+string(plain))
	n := len(f.bodies) + 1
	f.bodies[key] = command + string(text)
	f.answers[key] = fmt.Sprintf(`{"id":%q,"stream":"s","revision":%d,"position":"%d/%d","events":["x"]}`, id, len(f.records[id]), n, n)
	_, _ = io.WriteString(w, f.answers[key])
}

// nameOf stands for an id in what tests compare.
func (f *fakeAPI) nameOf(customer string) string {
	var body struct{ Name string }
	_, text, _ := strings.Cut(f.records[customer][0], " ")
	assert.NoError(f.t, json.Unmarshal([]byte(text), &body))
	return body.Name
}

// stories lists every record's commands, in an order that does not depend on
// which worker came first.
func (f *fakeAPI) stories() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []string
	for _, story := range f.records {
		all = append(all, strings.Join(story, "\n"))
	}
	slices.Sort(all)
	return all
}
