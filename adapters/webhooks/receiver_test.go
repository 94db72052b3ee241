package webhooks_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain/feed"
)

// receiver takes what is sent, and answers as it is told.
type receiver struct {
	takes time.Duration            // to answer
	slow  map[string]time.Duration // to answer facts of a stream, besides
	// answer is the answer to a message; nil: 204.
	answer func(m received) (status int, header http.Header)

	secrets []string // any of which messages may be signed with
	mu      sync.Mutex
	all     []received
}

// received is a message that was sent once.
type received struct {
	feed.Fact
	at     time.Time
	number int  // which time it was sent
	proven bool // by its signature
	taken  bool
	body   string
	signed int // signatures
}

// RoundTrip is http.RoundTripper.
func (r *receiver) RoundTrip(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	var fact feed.Fact
	_ = json.Unmarshal(body, &fact) // a test is no fact
	time.Sleep(r.takes + r.slow[fact.Stream])
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	m := received{Fact: fact, at: time.Now(), body: string(body), signed: len(strings.Fields(request.Header.Get("webhook-signature")))}
	m.proven = slices.ContainsFunc(r.secrets, func(secret string) bool {
		verifier, err := standardwebhooks.NewWebhook(secret)
		return err == nil && verifier.Verify(body, request.Header) == nil
	})
	for _, before := range r.all {
		if before.ID == m.ID {
			m.number++
		}
	}
	m.number++
	status, header := http.StatusNoContent, http.Header(nil)
	if r.answer != nil {
		status, header = r.answer(m)
	}
	m.taken = status/100 == 2
	r.all = append(r.all, m)
	return &http.Response{StatusCode: status, Header: header, Body: http.NoBody, Request: request}, nil
}

// answers sets answer while messages come.
func (r *receiver) answers(answer func(m received) (status int, header http.Header)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answer = answer
}

// signedWith sets secrets while messages come.
func (r *receiver) signedWith(secrets ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.secrets = secrets
}

func (r *receiver) sent() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.all)
}

// taken are the facts that were taken, each when it was first.
func (r *receiver) taken() []received {
	var all []received
	for _, m := range r.sent() {
		if m.taken && !slices.ContainsFunc(all, func(a received) bool { return a.ID == m.ID }) {
			all = append(all, m)
		}
	}
	return all
}

// inOrder fails unless the facts of every stream were taken in order, without
// gaps, from first on, and no fact was sent before those ahead of it were taken.
func (r *receiver) inOrder(t *testing.T, perStream map[string]int) {
	t.Helper()
	got := map[string]int{}
	for _, m := range r.sent() {
		assert.True(t, m.proven, "every message is signed")
		assert.LessOrEqual(t, int(m.Revision), got[m.Stream], "%s/%d was sent too early", m.Stream, m.Revision)
		if m.taken && int(m.Revision) == got[m.Stream] {
			got[m.Stream]++
		}
	}
	assert.Equal(t, perStream, got)
}
