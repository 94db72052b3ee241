package bench

import (
	"context"
	"fmt"
	"net/http"

	"github.com/gorilla/mux"
	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/projections"
)

const (
	barePath   = "/bare/deals/"
	bareKey    = "bench:deal:"
	bareFields = 10_000 // records asked for in turns
)

// BareHandler answers one HGETALL behind the router the program uses, and does
// nothing else: no caller to know, no parameters to check, no JSON to make.
func BareHandler(client redis.UniversalClient) http.Handler {
	router := mux.NewRouter()
	router.HandleFunc(barePath+"{id}", func(w http.ResponseWriter, r *http.Request) {
		fields, err := client.HGetAll(r.Context(), bareKey+mux.Vars(r)["id"]).Result()
		if err != nil || len(fields) == 0 {
			http.Error(w, "no such record", http.StatusNotFound)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("ETag", fields["etag"])
		_, _ = w.Write([]byte(fields["document"]))
	}).Methods(http.MethodGet)
	return router
}

// record holds the query of one record against the bare one. Both send the same
// documents.
func (b *bench) record(ctx context.Context) error {
	if err := b.filled(ctx, b.config.Events); err != nil {
		return err
	}
	asked := min(bareFields, b.seed.deals())
	if err := b.copyRecords(ctx, asked); err != nil {
		return err
	}
	ours, bare := make([][]byte, asked), make([][]byte, asked)
	for n := range asked {
		id := b.seed.id("deal", n)
		ours[n], bare[n] = b.requests.get("/v1/queries/deals/"+id), requests{b.config.Bare, ""}.get(barePath+id)
	}
	b.report.section("One record by id beside one HGETALL behind the same router", "bare")
	for _, count := range []int{1, 8, 64} {
		asking, err := besides(ctx, count, b.config.Server, ours, b.config.Bare, bare)
		if err != nil {
			return err
		}
		var a, z sample
		err = b.alternate(ctx, contender{asking[1], &a}, contender{asking[0], &z})
		asking[0].end()
		asking[1].end()
		if err != nil {
			return err
		}
		wanted := goal{}
		if count == 8 {
			wanted = atLeast(0.8)
		}
		b.report.compare(fmt.Sprintf("%d callers", count), z.rate(), a.rate(), " /s", wanted)
		b.report.compare("  99 % within", milliseconds(quantile(z.sorted(), 0.99)), milliseconds(quantile(a.sorted(), 0.99)), " ms", goal{}, z.costs(b.config.Processes), a.costs(b.config.Processes))
	}
	return nil
}

// besides makes callers of two servers that walk through the same records.
func besides(ctx context.Context, count int, server string, requests [][]byte, other string, others [][]byte) (both [2]*callers, err error) {
	walk := func(all [][]byte) func(caller, n int) []byte {
		return func(caller, n int) []byte { return all[(n*count+caller)*7919%len(all)] }
	}
	if both[0], err = asking(ctx, count, server, walk(requests)); err != nil {
		return both, err
	}
	if both[1], err = asking(ctx, count, other, walk(others)); err != nil {
		both[0].end()
	}
	return both, err
}

// copyRecords stores documents as the bare handler reads them.
func (b *bench) copyRecords(ctx context.Context, count int) error {
	client, err := redisviews.Connect(b.config.Redis)
	if err != nil {
		return err //nolint:wrapcheck // names the address
	}
	defer func() { _ = client.Close() }()
	ids := make([]string, count)
	for n := range ids {
		ids[n] = b.seed.id("deal", n)
	}
	documents, err := b.views.Loader(projections.DealModel).Documents(ctx, ids)
	if err != nil {
		return err //nolint:wrapcheck // says it best
	}
	pipe := client.Pipeline()
	for n, id := range ids {
		pipe.HSet(ctx, bareKey+id, "document", documents[n], "etag", `"1"`)
	}
	_, err = pipe.Exec(ctx)
	return err //nolint:wrapcheck // wrapped by the section
}
