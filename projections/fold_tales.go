package projections

import (
	"context"
	"slices"

	"github.com/annals-crm/annals/domain"
)

// heard is what a document is to be told in a page.
type heard struct {
	tale
	gone bool
	last *domain.Recorded // event that made it so
}

// listen collects what the touched documents tell under rules and did not tell
// before.
func (f *fold[D]) listen(working map[string]*document[D], rules *rules) (bad *failure) {
	if f.told == nil {
		return nil
	}
	for id, doc := range working {
		if bad := f.foresee(id, doc, rules); bad != nil {
			return bad
		}
		f.hear(doc.facts, doc.next, doc.last)
	}
	return nil
}

// foresee works out what a document contributes unless it is told something.
func (f *fold[D]) foresee(id string, doc *document[D], rules *rules) (bad *failure) {
	defer recovered(doc.last, &bad)
	doc.next = f.blank(id, rules)
	f.facts(&doc.value, doc.next)
	return nil
}

// hear notes the difference between what was told and what is told now.
func (f *fold[D]) hear(before, after *Facts, last *domain.Recorded) {
	for _, t := range before.tales {
		if !slices.ContainsFunc(after.tales, func(u tale) bool { return u.subject == t.subject && u.key == t.key }) {
			f.heard = append(f.heard, heard{t, true, last})
		}
	}
	for _, t := range after.tales {
		if !slices.Contains(before.tales, t) {
			f.heard = append(f.heard, heard{t, false, last})
		}
	}
}

// reach tells documents what was heard. Rules are those they were stored under.
func (f *fold[D]) reach(ctx context.Context, rules *rules, working map[string]*document[D]) (*failure, error) {
	if len(f.heard) == 0 {
		return nil, nil
	}
	for _, h := range f.heard {
		if working[h.subject] == nil {
			working[h.subject] = f.remember(h.subject)
		}
	}
	if err := f.load(ctx, rules, working); err != nil {
		return nil, err
	}
	for _, h := range f.heard {
		if bad := f.tell(working[h.subject], h); bad != nil {
			return bad, nil
		}
	}
	f.heard = f.heard[:0]
	return nil, nil
}

func (f *fold[D]) tell(doc *document[D], h heard) (bad *failure) {
	defer recovered(h.last, &bad)
	if doc.last == nil || h.last.Position.Compare(doc.last.Position) > 0 {
		doc.last = h.last
	}
	doc.next = nil
	if h.gone {
		h.what = nil
	}
	f.told(&doc.value, h.key, h.what)
	return nil
}
