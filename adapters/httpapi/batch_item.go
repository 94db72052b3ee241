package httpapi

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// untilOneFails carries items out one after the other.
func (s *service) untilOneFails(ctx context.Context, items []BatchItem) []BatchResult {
	results := make([]BatchResult, len(items))
	failed := false
	for i, item := range items {
		if failed {
			p := told(ctx, errNotAttempted)
			results[i] = BatchResult{Status: p.Status, Problem: p}
			continue
		}
		results[i] = s.sendItem(ctx, item)
		failed = results[i].Status >= http.StatusMultipleChoices
	}
	return results
}

// together carries items out at the same time, except that one waits for those
// before it that are on the same record.
func (s *service) together(ctx context.Context, items []BatchItem) []BatchResult {
	results := make([]BatchResult, len(items))
	latest := map[string]<-chan struct{}{} // what an item on the record has to wait for
	places := make(chan struct{}, batchAtOnce)
	var all sync.WaitGroup
	for i, item := range items {
		done := make(chan struct{})
		var before []<-chan struct{}
		for _, subject := range s.subjects(item) {
			if earlier, ok := latest[subject]; ok {
				before = append(before, earlier)
			}
			latest[subject] = done
		}
		all.Go(func() {
			defer close(done)
			for _, earlier := range before {
				<-earlier
			}
			places <- struct{}{}
			defer func() { <-places }()
			results[i] = s.sendItem(ctx, item)
		})
	}
	all.Wait()
	return results
}

// subjects is what an item must not overtake others on: the records its body
// names, its key, and for commands on none but the program the command itself.
func (s *service) subjects(item BatchItem) []string {
	var subjects []string
	if item.IdempotencyKey != "" {
		subjects = append(subjects, "key "+item.IdempotencyKey)
	}
	var fields map[string]json.RawMessage
	_ = json.Unmarshal(item.Body, &fields) // what is no object is refused when it is sent
	named := false
	for name, value := range fields {
		if strings.HasSuffix(name, "_id") && string(value) != `""` && string(value) != "null" {
			subjects, named = append(subjects, string(value)), true
		}
	}
	if !named && !s.creates(item.Command) {
		subjects = append(subjects, "command "+item.Command)
	}
	return subjects
}

// creates tells whether a command brings forth a record.
func (s *service) creates(command string) bool {
	if s.api.OpenAPI().Paths[commandPath+command] == nil {
		return false
	}
	_, created := s.documented(http.MethodPost, commandPath+command).Responses["201"]
	return created
}

// sendItem sends an item the way of a request whose caller is known.
func (s *service) sendItem(ctx context.Context, item BatchItem) BatchResult {
	outer, start := callOf(ctx), time.Now()
	kept := &kept{header: http.Header{}}
	c := &call{ResponseWriter: kept, caller: outer.caller, languages: s.languages}
	r := s.itemRequest(outer.request, item).WithContext(context.WithValue(ctx, callKey{}, c))
	c.request, c.notice = r, s.deprecations.of(r, s.paths)
	func() {
		defer func() {
			if p := recover(); p != nil {
				s.panicked(c, r, p)
			}
			s.metrics.observe(c, time.Since(start))
		}()
		if item.Command == runBatch || s.exact[r.URL.Path][http.MethodPost] == nil {
			s.fail(c, r, errNoCommand.Because("%q is no command that can be part of a batch", item.Command))
			return
		}
		s.router.ServeHTTP(c, r)
		c.finish()
	}()
	result := BatchResult{
		Status: orDefault(c.status, http.StatusOK), ETag: kept.header.Get("ETag"), Location: kept.header.Get("Location"),
		Deprecation: kept.header.Get("Deprecation"), Sunset: kept.header.Get("Sunset"), Link: strings.Join(kept.header.Values("Link"), ", "),
	}
	body := bytes.TrimSpace(kept.body.Bytes())
	if result.Status < http.StatusMultipleChoices {
		result.Result = body
		return result
	}
	result.Problem = &Problem{}
	if err := json.Unmarshal(body, result.Problem); err != nil {
		result.Problem = s.problem(ctx, err)
	}
	return result
}

// itemRequest is the request that an item would have been alone.
func (s *service) itemRequest(outer *http.Request, item BatchItem) *http.Request {
	header := http.Header{"Content-Type": {"application/json"}}
	for _, name := range []string{"Accept-Language", "Authorization", "Traceparent", "X-Correlation-Id"} {
		if values := outer.Header[name]; values != nil {
			header[name] = values
		}
	}
	if item.IdempotencyKey != "" {
		header.Set("Idempotency-Key", item.IdempotencyKey)
	}
	if item.IfMatch != "" {
		header.Set("If-Match", item.IfMatch)
	}
	return &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: commandPath + item.Command}, Header: header, Host: outer.Host, RemoteAddr: outer.RemoteAddr,
		Proto: outer.Proto, ProtoMajor: outer.ProtoMajor, ProtoMinor: outer.ProtoMinor, TLS: outer.TLS,
		Body: io.NopCloser(bytes.NewReader(item.Body)), ContentLength: int64(len(item.Body)),
	}
}

// kept is an answer that is kept instead of sent.
type kept struct {
	header http.Header
	body   bytes.Buffer
}

func (k *kept) Header() http.Header         { return k.header }
func (k *kept) WriteHeader(int)             {} // the call notes it
func (k *kept) Write(b []byte) (int, error) { return k.body.Write(b) }
