package projections

import (
	"bytes"
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

// step is one reaction to one event of a page.
type step[D any] struct {
	event    *domain.Recorded
	reaction *Reaction[D]
	doc      *document[D]
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

// load reads the documents that are not remembered, all at once. They were
// stored under rules.
func (f *fold[D]) load(ctx context.Context, rules *rules, working map[string]*document[D]) error {
	var missing []string
	for id, doc := range working {
		if doc.facts == nil {
			doc.facts = &Facts{id: id, rules: rules}
			missing = append(missing, id)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	stored, err := f.loader.Documents(ctx, missing)
	if err != nil {
		return fmt.Errorf("load documents: %w", err)
	}
	for i, id := range missing {
		if stored[i] == nil {
			continue
		}
		doc := working[id]
		if err := json.Unmarshal(stored[i], &doc.value); err != nil {
			return fmt.Errorf("document %s: %w", id, err)
		}
		f.facts(&doc.value, doc.facts)
	}
	return nil
}

// take applies a reaction; a panic in it is a failure of the event.
func (s *step[D]) take() (bad *failure) {
	defer recovered(s.event, &bad)
	s.doc.last = s.event
	if s.reaction.own {
		if h, ok := any(&s.doc.value).(interface{ head() *Head }); ok {
			h.head().stamp(s.doc.facts.id, s.event)
		}
	}
	s.reaction.apply(&s.doc.value, s.event)
	return nil
}

// collect writes down what the touched documents are and contribute now, under
// the policy that applies after the page. If that fails for one, the event that
// touched it last is to blame.
func (f *fold[D]) collect(ctx context.Context, p publication, working map[string]*document[D], changes *Changes) (*failure, error) {
	if bad := f.listen(working, p.rules); bad != nil {
		return bad, nil
	}
	if bad, err := f.reach(ctx, f.rules, working); bad != nil || err != nil {
		return bad, err
	}
	if bad, err := f.obey(ctx, p, working, changes); bad != nil || err != nil {
		return bad, err
	}
	for id, doc := range working {
		text, after, bad := f.settle(id, doc)
		if bad != nil {
			return bad, nil
		}
		if f.told != nil && bytes.Equal(text, f.nothing) {
			text = nil // whoever told it something has taken all of it back
		}
		changes.Documents[id] = text
		changes.difference(id, doc.facts, after)
		f.spare, f.sizes, doc.facts, doc.last, doc.next = doc.facts, after.sizes(), after, nil, nil
		f.cache.Add(id, doc)
	}
	return nil, nil
}

// settle is the text of a document and what it contributes.
func (f *fold[D]) settle(id string, doc *document[D]) (text []byte, after *Facts, bad *failure) {
	defer recovered(doc.last, &bad)
	text, err := json.Marshal(&doc.value)
	if err != nil {
		panic(err)
	}
	if doc.next != nil {
		return text, doc.next, nil
	}
	after = f.blank(id, f.rules)
	f.facts(&doc.value, after)
	return text, after, nil
}

func subjectOf[D any](reaction *Reaction[D], r *domain.Recorded) (id string, bad *failure) {
	defer recovered(r, &bad)
	if u, ok := r.Event.(domain.Undecodable); ok {
		return "", &failure{r.Stream, r.Revision, u.Err.Error()}
	}
	return reaction.subject(r), nil
}

func recovered(r *domain.Recorded, bad **failure) {
	if p := recover(); p != nil {
		*bad = &failure{r.Stream, r.Revision, fmt.Sprint(p)}
	}
}
