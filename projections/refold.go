package projections

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/goccy/go-json"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// Refolding folds one document anew, in memory, with the code that keeps it: the
// events that concern it, and those that concern the documents that tell it
// something, which are found by their events naming it. It belongs to one
// goroutine.
type Refolding struct {
	id     string
	model  Model
	folder refolder
	memory *memory
	ids    map[string]bool // documents to fold
}

// refolder is what a fold can do beside folding.
type refolder interface {
	Folder
	concerns(r *domain.Recorded, ids map[string]bool) bool
	tells() bool
	tellers(r *domain.Recorded, id string) []string
	contributes(ctx context.Context, id string, text []byte) (*Facts, error)
}

// Refold starts with nothing folded.
func (m Model) Refold(id string) *Refolding {
	r := &Refolding{id: id, model: m, ids: map[string]bool{id: true}}
	r.Restart()
	return r
}

// Restart forgets what was folded, but not which documents matter.
func (r *Refolding) Restart() {
	r.memory = &memory{documents: map[string][]byte{}, parked: map[string]bool{}}
	r.folder = r.model.folder(r.memory).(refolder) //nolint:errcheck // every fold is one
}

// Surveys tells whether documents tell each other something.
func (r *Refolding) Surveys() bool { return r.folder.tells() }

// Survey finds the documents that matter. All events must be surveyed before the
// first is taken; it tells whether it found another document, so that whoever
// has taken events already starts again.
func (r *Refolding) Survey(events []domain.Recorded) (more bool) {
	for i := range events {
		for _, id := range r.folder.tellers(&events[i], r.id) {
			if !r.ids[id] {
				r.ids[id], more = true, true
			}
		}
	}
	return more
}

// Take folds what concerns the document among the next events of the log.
func (r *Refolding) Take(ctx context.Context, events []domain.Recorded) error {
	var some []domain.Recorded
	for i := range events {
		if r.folder.concerns(&events[i], r.ids) {
			some = append(some, events[i])
		}
	}
	if len(some) == 0 {
		return nil
	}
	changes, err := r.folder.Fold(ctx, some)
	if err != nil {
		return fmt.Errorf("fold %s anew: %w", r.id, err)
	}
	for id, text := range changes.Documents {
		if r.ids[id] || id == policyID {
			r.memory.documents[id] = text
		}
	}
	for _, p := range changes.Parked {
		r.memory.parked[p.Stream] = true
	}
	return nil
}

// Document is what the document is after the events taken; nil if there is none.
func (r *Refolding) Document() []byte { return r.memory.documents[r.id] }

// Contributes is what a document with a text adds to an empty build, under the
// policy that the build behind loader holds: its places, values and counts.
func (m Model) Contributes(ctx context.Context, loader Loader, id string, text []byte) (Changes, error) {
	changes := Changes{Counts: map[Counter]int64{}}
	if text == nil {
		return changes, nil
	}
	facts, err := m.folder(loader).(refolder).contributes(ctx, id, text) //nolint:errcheck // every fold is one
	if err != nil {
		return changes, err
	}
	changes.difference(id, &Facts{id: id}, facts)
	changes.nameCells()
	return changes, nil
}

// concerns tells whether an event changes one of the documents, or the policy.
// One that cannot be decoded concerns the document its stream is about; where
// documents tell each other something, it may be any.
func (f *fold[D]) concerns(r *domain.Recorded, ids map[string]bool) bool {
	if f.basis != nil && unversioned(r.Event.EventType()) == unversioned(policy.Published{}.EventType()) {
		return true
	}
	reactions := f.reactionsTo(r.Event)
	if len(reactions) == 0 {
		return false
	}
	for i := range reactions {
		id, bad := subjectOf(&reactions[i], r)
		if bad != nil {
			return f.told != nil || ids[r.Subject()] // it is parked where it matters
		}
		if ids[id] {
			return true
		}
	}
	return false
}

func (f *fold[D]) tells() bool { return f.told != nil }

// tellers are the documents an event changes that may have something to tell
// about id: those of events that name it.
func (f *fold[D]) tellers(r *domain.Recorded, id string) []string {
	if f.told == nil {
		return nil
	}
	if _, bad := r.Event.(domain.Undecodable); bad {
		return nil
	}
	reactions := f.reactionsTo(r.Event)
	if len(reactions) == 0 {
		return nil
	}
	text, err := json.Marshal(r.Event)
	if err != nil || !strings.Contains(string(text), id) {
		return nil
	}
	var subjects []string
	for i := range reactions {
		if subject, bad := subjectOf(&reactions[i], r); bad == nil && subject != "" {
			subjects = append(subjects, subject)
		}
	}
	return subjects
}

func (f *fold[D]) contributes(ctx context.Context, id string, text []byte) (facts *Facts, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("facts of %s: %v", id, p)
		}
	}()
	if err := f.loadRules(ctx); err != nil {
		return nil, err
	}
	var value D
	if err := json.Unmarshal(text, &value); err != nil {
		return nil, fmt.Errorf("document %s: %w", id, err)
	}
	return f.of(id, &value, f.rules), nil
}

// memory is where a refolding keeps its documents.
type memory struct {
	documents map[string][]byte
	parked    map[string]bool // streams
}

func (m *memory) Documents(_ context.Context, ids []string) ([][]byte, error) {
	documents := make([][]byte, len(ids))
	for i, id := range ids {
		documents[i] = m.documents[id]
	}
	return documents, nil
}

func (m *memory) Parked(context.Context) ([]string, error) {
	var streams []string
	for stream := range m.parked {
		streams = append(streams, stream)
	}
	return streams, nil
}

func (m *memory) Each(context.Context) iter.Seq2[Stored, error] {
	return func(yield func(Stored, error) bool) {
		for id, text := range m.documents {
			if text != nil && !yield(Stored{ID: id, Text: text}, nil) {
				return
			}
		}
	}
}
