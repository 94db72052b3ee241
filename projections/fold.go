package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/annals-crm/annals/domain"
)

// remembered bounds the documents one fold keeps decoded between pages.
const remembered = 20_000

// fold is the engine behind every read model.
type fold[D any] struct {
	loader    Loader
	reactions map[string][]Reaction[D]
	facts     func(*D, *Facts)
	cache     *lru.Cache[string, *document[D]]
	parked    map[string]bool // nil until loaded
}

// document is one subject in memory, and what it contributed when last committed.
type document[D any] struct {
	value   D
	facts   *Facts
	touched bool
}

func newFold[D any](loader Loader, reactions map[string][]Reaction[D], facts func(*D, *Facts)) Folder {
	cache, err := lru.New[string, *document[D]](remembered)
	if err != nil {
		panic(err) // the size is a positive constant
	}
	return &fold[D]{loader: loader, reactions: reactions, facts: facts, cache: cache}
}

// Forget drops every remembered document and the list of parked streams.
func (f *fold[D]) Forget() {
	f.cache.Purge()
	f.parked = nil
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
	working := make(map[string]*document[D])
	if bad, err := f.load(ctx, page, failed, working); bad != nil || err != nil {
		return Changes{}, bad, err
	}
	changes := Changes{Documents: map[string][]byte{}, Counts: map[Counter]int64{}}
	for _, r := range page {
		reactions := f.reactionsTo(r.Event)
		if len(reactions) == 0 {
			continue
		}
		if parked, ok := f.waits(r, failed); ok {
			changes.Parked = append(changes.Parked, parked)
			continue
		}
		for _, reaction := range reactions {
			if bad := f.react(reaction, r, working); bad != nil {
				return Changes{}, bad, nil
			}
		}
	}
	return changes, nil, f.collect(working, &changes)
}

// reactionsTo finds what an event sets off. One that cannot be decoded sets off
// what any version of its type would, so that it fails where it matters.
func (f *fold[D]) reactionsTo(e domain.Event) []Reaction[D] {
	if _, ok := e.(domain.Undecodable); !ok {
		return f.reactions[e.EventType()]
	}
	for t, reactions := range f.reactions {
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
func (f *fold[D]) waits(r domain.Recorded, failed map[string]failure) (Parked, bool) {
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

// load brings the documents a page touches into working, in one read.
func (f *fold[D]) load(ctx context.Context, page []domain.Recorded, failed map[string]failure, working map[string]*document[D]) (*failure, error) {
	var missing []string
	for _, r := range page {
		reactions := f.reactionsTo(r.Event)
		if len(reactions) == 0 {
			continue
		}
		if _, parked := f.waits(r, failed); parked {
			continue
		}
		for _, reaction := range reactions {
			id, bad := subjectOf(reaction, r)
			if bad != nil {
				return bad, nil
			}
			if id == "" || working[id] != nil {
				continue
			}
			doc, ok := f.cache.Get(id)
			if !ok {
				doc = &document[D]{facts: &Facts{id: id}}
				missing = append(missing, id)
			}
			working[id] = doc
		}
	}
	if len(missing) == 0 {
		return nil, nil
	}
	stored, err := f.loader.Documents(ctx, missing)
	if err != nil {
		return nil, fmt.Errorf("load documents: %w", err)
	}
	for i, id := range missing {
		if stored[i] == nil {
			continue
		}
		doc := working[id]
		if err := json.Unmarshal(stored[i], &doc.value); err != nil {
			return nil, fmt.Errorf("document %s: %w", id, err)
		}
		f.facts(&doc.value, doc.facts)
	}
	return nil, nil
}

// react applies one reaction; a panic in it is a failure of the event.
func (f *fold[D]) react(reaction Reaction[D], r domain.Recorded, working map[string]*document[D]) (bad *failure) {
	defer recovered(r, &bad)
	id := reaction.subject(r)
	if id == "" {
		return nil
	}
	doc := working[id]
	doc.touched = true
	if h, ok := any(&doc.value).(interface{ head() *Head }); ok && reaction.own {
		h.head().stamp(id, r)
	}
	reaction.apply(&doc.value, r)
	return nil
}

// collect writes down what the touched documents are and contribute now.
func (f *fold[D]) collect(working map[string]*document[D], changes *Changes) error {
	for id, doc := range working {
		if !doc.touched {
			continue
		}
		doc.touched = false
		text, err := json.Marshal(&doc.value)
		if err != nil {
			return fmt.Errorf("document %s: %w", id, err)
		}
		changes.Documents[id] = text
		after := &Facts{id: id}
		f.facts(&doc.value, after)
		changes.difference(id, doc.facts, after)
		doc.facts = after
		f.cache.Add(id, doc)
	}
	return nil
}

func subjectOf[D any](reaction Reaction[D], r domain.Recorded) (id string, bad *failure) {
	defer recovered(r, &bad)
	if u, ok := r.Event.(domain.Undecodable); ok {
		return "", &failure{r.Stream, r.Revision, u.Err.Error()}
	}
	return reaction.subject(r), nil
}

func recovered(r domain.Recorded, bad **failure) {
	if p := recover(); p != nil {
		*bad = &failure{r.Stream, r.Revision, fmt.Sprint(p)}
	}
}
