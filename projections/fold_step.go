package projections

import (
	"bytes"
	"context"
	"fmt"

	"github.com/goccy/go-json" // a third of the time to write and a fifth to read of what the standard library takes

	"github.com/annals-crm/annals/domain"
)

// step is one reaction to one event of a page.
type step[D any] struct {
	event    *domain.Recorded
	reaction *Reaction[D]
	doc      *document[D]
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
