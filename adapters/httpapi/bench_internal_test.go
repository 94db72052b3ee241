package httpapi

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/mux"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/projections"
)

// sink is a ResponseWriter that costs next to nothing.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// What the surface itself costs, without network and without what is behind it.
func BenchmarkSurface(b *testing.B) {
	f := start(b, Limits{})
	f.views.documents[jobID] = []byte(document3)
	f.list.Items = page(50)
	bare := mux.NewRouter()
	bare.HandleFunc("/v1/queries/jobs/{id}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(f.views.documents[mux.Vars(r)["id"]])
	})
	for _, bm := range []struct {
		name                      string
		h                         http.Handler
		method, path, token, body string
	}{
		{"bare router", bare, http.MethodGet, "/v1/queries/jobs/" + jobID, "", ""},
		{"record", f, http.MethodGet, "/v1/queries/jobs/" + jobID, "sales", ""},
		{"list of 50", f, http.MethodGet, "/v1/queries/jobs?owner=ann&limit=50", "sales", ""},
		{"figures", f, http.MethodGet, "/v1/queries/dashboards/jobs", "analyst", ""},
		{"command", f, http.MethodPost, "/v1/commands/open-job", "sales", opening},
	} {
		b.Run(bm.name, func(b *testing.B) {
			r := request(b, bm.method, bm.path, bm.token, bm.body)
			w := &sink{header: http.Header{}}
			b.ReportAllocs()
			for b.Loop() {
				r.Body = io.NopCloser(strings.NewReader(bm.body))
				clear(w.header)
				bm.h.ServeHTTP(w, r)
			}
			require.Contains(b, []int{0, http.StatusOK}, w.status)
		})
	}
}

func page(n int) (items []json.RawMessage) {
	for range n {
		items = append(items, json.RawMessage(document3))
	}
	return items
}

// Records over the network with Redis behind: the bare form is one HGETALL
// behind the same router, without anything of ours.
func BenchmarkServed(b *testing.B) {
	options, err := redis.ParseURL(redistest.Start(b))
	require.NoError(b, err)
	client := redis.NewClient(options)
	b.Cleanup(func() { _ = client.Close() })
	require.NoError(b, client.HSet(b.Context(), jobID, "document", document3).Err())
	read := func(ctx context.Context, id string) ([]byte, error) {
		fields, err := client.HGetAll(ctx, id).Result()
		return []byte(fields["document"]), err
	}
	f := start(b, Limits{})
	f.mount([]route{record[job]("kept-jobs", "Read a job", everyone(), projections.Model{}, read, nil)})
	bare := mux.NewRouter()
	bare.HandleFunc("/v1/queries/kept-jobs/{id}", func(w http.ResponseWriter, r *http.Request) {
		document, err := read(r.Context(), mux.Vars(r)["id"])
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(document)
	})
	b.Run("bare", func(b *testing.B) { eightCallers(b, bare, "/v1/queries/kept-jobs/"+jobID) })
	b.Run("record", func(b *testing.B) { eightCallers(b, f, "/v1/queries/kept-jobs/"+jobID) })
}

func eightCallers(b *testing.B, h http.Handler, path string) {
	b.Helper()
	server := httptest.NewServer(h)
	b.Cleanup(server.Close)
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	b.SetParallelism(4) // times two processors
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, server.URL+path, http.NoBody)
			if err != nil {
				b.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer sales")
			w, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, w.Body)
			_ = w.Body.Close()
			if w.StatusCode != http.StatusOK {
				b.Errorf("status %d", w.StatusCode)
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "req/s")
}
