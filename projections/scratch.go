package projections

import (
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// scratch is a read model in memory, of which only what metrics count is wanted:
// documents, and nothing worked out of them before somebody asks. The events are
// folded by the reactions of the model, so figures mean what they mean live.
type scratch interface {
	// take folds an event, and yields the documents it changes. After an event
	// that cannot be folded the rest of its stream waits, as in the live fold.
	take(r *domain.Recorded, touched func(id string))
	// settle says under which policy facts are worked out from now on. Documents
	// may be taken further, and settled again.
	settle(policy.Policy)
	// ids yields every document, once settled.
	ids(yield func(id string) bool)
	// figures is what one document contributes; nil if there is none.
	figures(id string) *Facts
	// tellers are the documents that told a document something, once settled.
	tellers(id string) []string
	// waiting is how many streams wait behind an event that could not be folded.
	waiting() int
}

type scratchOf[D any] struct {
	reactions map[string][]Reaction[D]
	of        Declaration[D]
	facts     func(*D, *Facts)
	documents map[string]*document[D]
	stopped   map[string]bool // streams
	rules     *rules
	heard     map[string][]hearsay // by document
}

// hearsay is what a document was told, and by which.
type hearsay struct {
	tale
	from string
}

func newScratch[D any](reactions map[string][]Reaction[D], of Declaration[D], metrics []Metric) scratch {
	return &scratchOf[D]{reactions: reactions, of: of, facts: of.Figures(metrics), documents: map[string]*document[D]{}, stopped: map[string]bool{}}
}

func (s *scratchOf[D]) take(r *domain.Recorded, touched func(string)) {
	reactions := reactionsTo(s.reactions, r.Event)
	if len(reactions) == 0 || s.stopped[r.Stream] {
		return
	}
	for i := range reactions {
		id, bad := subjectOf(&reactions[i], r)
		if bad == nil && id != "" {
			doc := s.documents[id]
			if doc == nil {
				doc = &document[D]{facts: &Facts{id: id}}
				s.documents[id] = doc
			}
			touched(id)
			bad = (&step[D]{event: r, reaction: &reactions[i], doc: doc}).take()
		}
		if bad != nil {
			s.stopped[r.Stream] = true
			return
		}
	}
}

func (s *scratchOf[D]) settle(p policy.Policy) {
	basis := s.of.Basis
	if basis == nil {
		basis = func(policy.Pack) any { return nil }
	}
	s.rules = newRules(p, basis)
	if s.of.Told == nil {
		return
	}
	s.heard = map[string][]hearsay{}
	for id, doc := range s.documents {
		for _, t := range s.contribution(id, &doc.value).tales {
			s.heard[t.subject] = append(s.heard[t.subject], hearsay{t, id})
		}
	}
}

func (s *scratchOf[D]) ids(yield func(string) bool) {
	for id := range s.documents {
		if !yield(id) {
			return
		}
	}
	for id := range s.heard {
		if s.documents[id] == nil && !yield(id) {
			return
		}
	}
}

func (s *scratchOf[D]) figures(id string) *Facts {
	value, known := s.whole(id)
	if !known {
		return nil
	}
	return s.contribution(id, value)
}

// whole is a copy of a document that was told what it hears, so that the document
// stays what its events made it.
func (s *scratchOf[D]) whole(id string) (value *D, known bool) {
	doc, heard := s.documents[id], s.heard[id]
	value = new(D)
	if doc != nil {
		*value = doc.value
	}
	for _, t := range heard {
		s.of.Told(value, t.key, t.what)
	}
	return value, doc != nil || len(heard) > 0
}

func (s *scratchOf[D]) contribution(id string, value *D) *Facts {
	f := &Facts{id: id, rules: s.rules}
	s.facts(value, f)
	return f
}

func (s *scratchOf[D]) tellers(id string) []string {
	var all []string
	for _, h := range s.heard[id] {
		all = append(all, h.from)
	}
	return all
}

func (s *scratchOf[D]) waiting() int { return len(s.stopped) }
