package projections

import (
	"context"
	"fmt"
	"strings"

	"github.com/goccy/go-json" // a third of the time to write and a fifth to read of what the standard library takes
	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// remembered bounds the documents one fold keeps decoded between pages.
const remembered = 20_000

// fold is the engine behind every read model.
type fold[D any] struct {
	loader    Loader
	reactions map[string][]Reaction[D]
	facts     func(*D, *Facts)
	basis     func(policy.Pack) any
	told      func(d *D, key string, what any)
	cache     *lru.Cache[string, *document[D]]
	parked    map[string]bool // nil until loaded
	rules     *rules          // that facts are under; nil until loaded
	heard     []heard
	cells     map[cell]int64 // memory of changes
	labels    *labels
	nothing   []byte // a document that nothing is known of
	spare     *Facts // memory of facts that no document needs any more
	sizes     sizes  // of the facts of the last document
}

// document is one subject in memory, and what it contributed when last committed.
type document[D any] struct {
	value D
	facts *Facts
	last  *domain.Recorded // event of this page that touched it last
	next  *Facts           // what it contributes after the page, if known already
}

func newFold[D any](loader Loader, reactions map[string][]Reaction[D], of Declaration[D]) Folder {
	cache, err := lru.New[string, *document[D]](remembered)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	var none D
	nothing, err := json.Marshal(&none)
	if err != nil {
		panic(err) // every document is JSON
	}
	return &fold[D]{
		loader: loader, reactions: reactions, facts: of.Facts, basis: of.Basis, told: of.Told, cache: cache, nothing: nothing,
		cells: map[cell]int64{}, labels: newLabels(),
	}
}

// Forget drops every remembered document, the policy and the list of parked
// streams.
func (f *fold[D]) Forget() {
	f.cache.Purge()
	f.parked, f.rules, f.heard = nil, nil, nil
}

// Fold folds a page. An event that fails parks its stream: the page is folded
// again without that stream from there on.
func (f *fold[D]) Fold(ctx context.Context, page []domain.Recorded) (Changes, error) {
	failed := map[string]failure{}
	for {
		changes, failure, err := f.attempt(ctx, page, failed)
		if err != nil {
			f.Forget()
			return Changes{}, err
		}
		if failure == nil {
			for stream := range failed {
				f.parked[stream] = true
			}
			return changes, nil
		}
		failed[failure.stream] = *failure
		f.Forget()
	}
}

// failure is the first event of a stream that could not be folded.
type failure struct {
	stream   string
	revision uint64
	reason   string
}

func (f *fold[D]) attempt(ctx context.Context, page []domain.Recorded, failed map[string]failure) (Changes, *failure, error) {
	if f.parked == nil {
		streams, err := f.loader.Parked(ctx)
		if err != nil {
			return Changes{}, nil, fmt.Errorf("load parked streams: %w", err)
		}
		f.parked = make(map[string]bool, len(streams))
		for _, s := range streams {
			f.parked[s] = true
		}
	}
	if err := f.loadRules(ctx); err != nil {
		return Changes{}, nil, err
	}
	f.labels.trim()
	changes := Changes{Documents: map[string][]byte{}, Counts: map[Counter]int64{}, cells: f.cells, labels: f.labels}
	published, bad := f.publish(page, failed, &changes)
	if bad != nil {
		return Changes{}, bad, nil
	}
	steps, working, bad := f.plan(page, failed, &changes)
	if bad != nil {
		return Changes{}, bad, nil
	}
	if err := f.load(ctx, f.rules, working); err != nil {
		return Changes{}, nil, err
	}
	for i := range steps {
		if bad := steps[i].take(); bad != nil {
			return Changes{}, bad, nil
		}
	}
	bad, err := f.collect(ctx, published, working, &changes)
	changes.nameCells()
	return changes, bad, err
}

// plan works out which documents the page touches, and how. Events that must
// wait are parked.
func (f *fold[D]) plan(page []domain.Recorded, failed map[string]failure, changes *Changes) ([]step[D], map[string]*document[D], *failure) {
	steps := make([]step[D], 0, len(page))
	working := make(map[string]*document[D])
	for i := range page {
		r := &page[i]
		reactions := f.reactionsTo(r.Event)
		if len(reactions) == 0 {
			continue
		}
		if parked, ok := f.waits(r, failed); ok {
			changes.Parked = append(changes.Parked, parked)
			continue
		}
		for i := range reactions {
			id, bad := subjectOf(&reactions[i], r)
			if bad != nil {
				return nil, nil, bad
			}
			if id == "" {
				continue
			}
			doc := working[id]
			if doc == nil {
				doc = f.remember(id)
				working[id] = doc
			}
			steps = append(steps, step[D]{r, &reactions[i], doc})
		}
	}
	return steps, working, nil
}

// remember is a document as it was after the last page, still to be loaded if it
// is not in memory.
func (f *fold[D]) remember(id string) *document[D] {
	doc, _ := f.cache.Get(id)
	if doc == nil {
		doc = &document[D]{}
	}
	return doc
}

func (f *fold[D]) reactionsTo(e domain.Event) []Reaction[D] { return reactionsTo(f.reactions, e) }

// reactionsTo finds what an event sets off. One that cannot be decoded sets off
// what any version of its type would, so that it fails where it matters.
func reactionsTo[D any](all map[string][]Reaction[D], e domain.Event) []Reaction[D] {
	if _, ok := e.(domain.Undecodable); !ok {
		return all[e.EventType()]
	}
	for t, reactions := range all {
		if unversioned(t) == unversioned(e.EventType()) {
			return reactions
		}
	}
	return nil
}

func unversioned(eventType string) string {
	return eventType[:max(strings.LastIndex(eventType, ".v"), 0)]
}

// waits tells whether r must be parked: it failed, or an earlier one of its stream did.
func (f *fold[D]) waits(r *domain.Recorded, failed map[string]failure) (Parked, bool) {
	first, ok := failed[r.Stream]
	if !f.parked[r.Stream] && (!ok || r.Revision < first.revision) {
		return Parked{}, false
	}
	p := Parked{Stream: r.Stream, Revision: r.Revision, Position: r.Position, ID: r.ID, Type: r.Event.EventType()}
	if ok && r.Revision == first.revision {
		p.Reason = first.reason
	}
	return p, true
}
