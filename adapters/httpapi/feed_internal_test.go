package httpapi

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/feed"
	"github.com/annals-crm/annals/domain/ticket"
)

// feedTypes are the wire types that the program of the test knows.
func feedTypes() []string {
	names := []string{"customer.registered.v1", "access.token_issued.v1"}
	for _, t := range deal.Types {
		names = append(names, t.Name)
	}
	return names
}

// Facts are the log's, a page of three at a time.
func (f *followed) Facts(ctx context.Context, after domain.Position, prefixes []string) <-chan domain.Page {
	out := make(chan domain.Page)
	go func() {
		defer close(out)
		for {
			f.mu.Lock()
			grown := f.grown
			f.mu.Unlock()
			page := domain.Page{From: after, To: after}
			for _, r := range f.Log() {
				if r.Position.Compare(after) <= 0 {
					continue
				}
				if page.To = r.Position; len(page.Events) < 3 && begins(r.Event.EventType(), prefixes) {
					data, _ := json.Marshal(r.Event)
					r.Event = domain.AsStored{Event: r.Event, Type: r.Event.EventType(), Data: data}
					page.Events = append(page.Events, r)
				}
				if len(page.Events) == 3 {
					break
				}
			}
			page.CaughtUp = len(page.Events) < 3
			select {
			case out <- page:
			case <-ctx.Done():
				return
			}
			if after = page.To; !page.CaughtUp {
				continue
			}
			select {
			case <-grown:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out
}

func begins(name string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(name, p) {
			return true
		}
	}
	return false
}

func (f *followed) Holds(_ context.Context, at domain.Position) (bool, error) {
	for _, r := range f.Log() {
		if r.Position == at {
			return true, nil
		}
	}
	return false, nil
}

func (f *followed) LastPosition(context.Context) (domain.Position, error) {
	log := f.Log()
	if len(log) == 0 {
		return domain.StartOfLog, nil
	}
	return log[len(log)-1].Position, nil
}

// traded is a program with some deals in its log.
func traded(t *testing.T) *program {
	t.Helper()
	p := startProgram(t)
	for i := range 4 {
		opened := p.send(t, "open-deal", fmt.Sprintf(`{"title":"deal %d","amount":{"minor":%d,"currency":"CNY"}}`, i, 100*i))
		p.send(t, "assign-deal", fmt.Sprintf(`{"deal_id":%q,"owner":"bob"}`, opened.ID))
	}
	return p
}

// fed are the facts of a page, and what comes behind it.
func (p *program) fed(t *testing.T, query string) FeedPage {
	t.Helper()
	w := p.do(t, http.MethodGet, "/v1/queries/events"+query, "")
	require.Equal(t, http.StatusOK, w.Code, w.Body)
	var page FeedPage
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page))
	return page
}

func TestFeedPagesJoinWithoutGap(t *testing.T) {
	p := traded(t)
	all := p.fed(t, "?types=deal.")
	require.Len(t, all.Items, 8)
	assert.True(t, all.CaughtUp)
	for limit := 1; limit < 9; limit++ {
		var got []feed.Fact
		page := p.fed(t, fmt.Sprintf("?types=deal.&limit=%d", limit))
		for got = page.Items; !page.CaughtUp; got = append(got, page.Items...) {
			page = p.fed(t, fmt.Sprintf("?types=deal.&limit=%d&cursor=%s", limit, page.Next))
		}
		assert.Equal(t, all.Items, got, "%d at a time", limit)
	}
	for i, fact := range all.Items {
		assert.Equal(t, all.Items[i+1:], append([]feed.Fact{}, p.fed(t, "?types=deal.&from="+fact.Position.String()).Items...))
	}
	assert.Empty(t, p.fed(t, "?from=end").Items)
	assert.Len(t, p.fed(t, "?stream="+all.Items[0].Stream).Items, 2)
	assert.Empty(t, p.fed(t, "?actor=bob").Items)

	polled := p.fed(t, "?cursor="+all.Next)
	assert.Empty(t, polled.Items)
	p.send(t, "open-deal", `{"title":"new","amount":{"minor":1,"currency":"CNY"}}`)
	assert.Len(t, p.fed(t, "?cursor="+polled.Next).Items, 1)
}

func TestFeedHoldsNoSecrets(t *testing.T) {
	p := traded(t)
	p.send(t, "issue-token", `{"name":"eve","hash":"`+strings.Repeat("0f", 32)+`","roles":["sales"]}`)
	w := p.do(t, http.MethodGet, "/v1/queries/events?limit=1000", "")
	assert.NotContains(t, w.Body.String(), strings.Repeat("0f", 32))
	assert.Contains(t, w.Body.String(), "deal.opened.v1")
}

func TestFeedBeginsOnlyWhereSomethingStands(t *testing.T) {
	p := traded(t)
	for query, code := range map[string]string{
		"?from=999999/999999":           errNoSuchPlace.Code,
		"?from=2/1":                     errNoSuchPlace.Code,
		"?from=2":                       errNoSuchPlace.Code,
		"?from=soon":                    domain.ErrBadPosition.Code,
		"?cursor=soon":                  "bad_cursor",
		"?cursor=OTk5OTk5Lzk5OTk5OQ":    "bad_cursor",
		"?types=deals.":                 feed.ErrType.Code,
		"?types=access.token_issued.v1": feed.ErrType.Code,
	} {
		w := p.do(t, http.MethodGet, "/v1/queries/events"+query, "")
		assert.Equal(t, http.StatusUnprocessableEntity, w.Code, query)
		assert.Equal(t, code, problemIn(t, w).Code, query)
	}
	w := p.do(t, http.MethodGet, "/v1/queries/events", "", "Accept: text/event-stream", "Last-Event-ID: 2/1")
	assert.Equal(t, errNoSuchPlace.Code, problemIn(t, w).Code)
}

// listener reads a stream of the feed.
type listener struct {
	status int
	lines  *bufio.Scanner
	close  func()
}

func listen(t *testing.T, url, query string, headers ...string) *listener {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url+"/v1/queries/events"+query, http.NoBody)
	require.NoError(t, err)
	r.Header.Set("Accept", "text/event-stream")
	r.Header.Set("Authorization", "Bearer auditor")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { _ = w.Body.Close() })
	return &listener{status: w.StatusCode, lines: bufio.NewScanner(w.Body), close: cancel}
}

// next is the next event: its id, its type and the fact.
func (l *listener) next(t *testing.T) (id, name string, fact feed.Fact) {
	t.Helper()
	for l.lines.Scan() {
		field, value, _ := strings.Cut(l.lines.Text(), ": ")
		switch field {
		case "id":
			id = value
		case "event":
			name = value
		case "data":
			require.NoError(t, json.Unmarshal([]byte(value), &fact))
			return id, name, fact
		}
	}
	require.FailNow(t, "the stream ended", "%v", l.lines.Err())
	return "", "", fact
}

func TestStreamResumesBehindEveryEvent(t *testing.T) {
	p := traded(t)
	url, stop, ended := serve(t, p, time.Minute)
	all := p.fed(t, "").Items
	for i := -1; i < len(all); i++ {
		var headers []string
		if i >= 0 {
			headers = []string{"Last-Event-ID: " + all[i].Position.String()}
		}
		l := listen(t, url, "?from=start", headers...)
		for _, want := range all[i+1:] {
			id, name, got := l.next(t)
			assert.Equal(t, want, got)
			assert.Equal(t, want.Position.String(), id)
			assert.Equal(t, want.Type, name)
		}
		l.close()
	}
	live := listen(t, url, "?from=end&types=deal.opened")
	p.send(t, "open-deal", `{"title":"new","amount":{"minor":1,"currency":"CNY"}}`)
	_, name, fact := live.next(t)
	assert.Equal(t, "deal.opened.v1", name)
	assert.Contains(t, string(fact.Data), `"title":"new"`)

	stop()
	for live.lines.Scan() {
		assert.Empty(t, live.lines.Text(), "the stream ends with the server")
	}
	assert.NoError(t, live.lines.Err(), "and in good order")
	assert.NoError(t, <-ended)
}

func TestStreamsTakeNoPlaceOfRequests(t *testing.T) {
	p := startProgram(t)
	p.inFlight, p.streams = make(chan struct{}, 1), newStreams(2)
	p.limits.Deadline = time.Millisecond * 200
	url, _, _ := serve(t, p, time.Minute)
	first, second := listen(t, url, "?from=end"), listen(t, url, "?from=end")
	assert.Equal(t, http.StatusOK, second.status)
	assert.Equal(t, http.StatusServiceUnavailable, listen(t, url, "").status)
	first.close()
	require.Eventually(t, func() bool { return len(p.streams.open) == 1 }, 10*time.Second, time.Millisecond)
	assert.Equal(t, http.StatusOK, listen(t, url, "").status)
}

func TestStreamGoesOnBeyondTheDeadlineOfRequests(t *testing.T) {
	p := startProgram(t)
	p.limits.Deadline = 50 * time.Millisecond
	url, _, _ := serve(t, p, time.Minute)
	l := listen(t, url, "?from=end")
	began := time.Now()
	require.Eventually(t, func() bool { return time.Since(began) > 100*time.Millisecond }, time.Second, 10*time.Millisecond)
	p.send(t, "open-deal", `{"title":"late","amount":{"minor":1,"currency":"CNY"}}`)
	_, _, fact := l.next(t)
	assert.Equal(t, "deal.opened.v1", fact.Type)
}

// What a caller may see is decided in one place, for each fact once.
func TestSightDecidesWhatIsSent(t *testing.T) {
	p := traded(t)
	looks := map[string]int{}
	q := Queries{Feed: &Feed{Log: p.log, Types: feedTypes(), Sight: func(_ context.Context, r feed.Reader, f feed.Fact) (feed.Fact, bool, error) {
		looks[f.ID]++
		assert.Equal(t, feed.Reader{ID: "ann", Roles: []string{"admin"}}, r)
		if _, opened := f.Recorded.Event.(deal.Opened); !opened {
			return f, false, nil
		}
		f.Data = json.RawMessage(`{"masked":true}`)
		return f, true, nil
	}}}
	s := newService(Config{Auth: byRole{}, Logger: p.service.log}, nil)
	s.mount([]route{q.events()})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, request(t, http.MethodGet, "/v1/queries/events?types=deal.", "admin", ""))
	var page FeedPage
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &page), w.Body)
	require.Len(t, page.Items, 4)
	for _, fact := range page.Items {
		assert.JSONEq(t, `{"masked":true}`, string(fact.Data))
	}
	for _, n := range looks {
		assert.Equal(t, 1, n)
	}
	assert.Len(t, looks, 8)
}

// revocable lets rights end while they are used: from then on the caller is
// another one, or none, and nobody is in anybody's team.
type revocable struct {
	staff
	ended atomic.Bool
	then  string // the token that the caller's is worth in the end
}

func (r *revocable) Caller(ctx context.Context, secret string) (Caller, error) {
	if r.ended.Load() {
		secret = r.then
	}
	return byRole{}.Caller(ctx, secret)
}

func (r *revocable) Team(member string) []string {
	if r.ended.Load() {
		return []string{member}
	}
	return r.staff.Team(member)
}

// No fact is sent behind the end of a right, however long it is to the next beat.
func TestStreamEndsWithTheRights(t *testing.T) {
	for what, then := range map[string]string{"revoked": "", "another role": "sales:mia", "manager no more": "manager:mia"} {
		p := startOffice(t)
		r := &revocable{then: then}
		p.auth, p.organisation = r, r
		url, _, _ := serve(t, p, time.Minute)
		l := listen(t, url, "?from=end", "Authorization: Bearer manager:mia")
		require.True(t, l.lines.Scan(), what)
		r.ended.Store(true)
		p.log.Given(t, ticket.Aggregate.Stream(anns.ticket), ticket.Assigned{TicketID: anns.ticket, CustomerID: anns.customer, From: "sue", To: "tim", Status: "assigned"})
		for l.lines.Scan() {
			assert.NotContains(t, l.lines.Text(), "data", what)
		}
		assert.NoError(t, l.lines.Err(), what)
	}
}

func TestSilentStreamEndsWithTheToken(t *testing.T) {
	p := startProgram(t)
	r := &revocable{}
	q := Queries{Feed: &Feed{Log: p.log, Types: feedTypes(), Sight: feed.Everything, Beat: time.Millisecond}}
	s := newService(Config{Auth: r, Logger: p.service.log}, nil)
	s.mount([]route{q.events()})
	url, _, _ := serve(t, s, time.Minute)
	l := listen(t, url, "?from=end")
	require.True(t, l.lines.Scan())
	r.ended.Store(true)
	for l.lines.Scan() {
		assert.NotContains(t, l.lines.Text(), "data")
	}
	assert.NoError(t, l.lines.Err())
}
