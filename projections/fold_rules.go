package projections

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// policyID is the id under which a read model keeps the policy its facts are
// under. No record has it: ids of records are UUIDs.
const policyID = "policy"

// loadRules reads the policy that the stored facts are under.
func (f *fold[D]) loadRules(ctx context.Context) error {
	if f.rules != nil {
		return nil
	}
	if f.basis == nil {
		f.rules = &rules{names: names{}}
		return nil
	}
	stored, err := f.loader.Documents(ctx, []string{policyID})
	if err != nil {
		return fmt.Errorf("load policy: %w", err)
	}
	read := policy.Policy{}
	if stored[0] != nil {
		if err := json.Unmarshal(stored[0], &read); err != nil {
			return fmt.Errorf("stored policy: %w", err)
		}
	}
	f.rules = newRules(read, f.basis)
	return nil
}

// publication is the policy after a page, and the last event that made it so.
type publication struct {
	rules *rules
	last  *domain.Recorded // nil: none in this page
}

// publish takes in the publications of a page.
func (f *fold[D]) publish(page []domain.Recorded, failed map[string]failure, changes *Changes) (publication, *failure) {
	p := publication{rules: f.rules}
	if f.basis == nil {
		return p, nil
	}
	published := policy.Published{}.EventType()
	for i := range page {
		r := &page[i]
		if unversioned(r.Event.EventType()) != unversioned(published) {
			continue
		}
		if parked, ok := f.waits(r, failed); ok {
			if len(f.reactionsTo(r.Event)) == 0 {
				changes.Parked = append(changes.Parked, parked)
			}
			continue
		}
		switch e := r.Event.(type) {
		case domain.Undecodable:
			return p, &failure{r.Stream, r.Revision, e.Err.Error()}
		case policy.Published:
			p.rules, p.last = newRules(policy.Evolve(p.rules.Policy, e), f.basis), r
		}
	}
	return p, nil
}

// obey makes a new policy the one facts are under, and works out again what
// every stored document contributes that the page does not touch, if that may
// differ.
func (f *fold[D]) obey(ctx context.Context, p publication, working map[string]*document[D], changes *Changes) (*failure, error) {
	if p.last == nil {
		return nil, nil
	}
	text, err := json.Marshal(p.rules.Policy)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	changes.Documents[policyID] = text
	before := f.rules
	f.rules = p.rules
	if before.same(p.rules) {
		return nil, nil
	}
	f.cache.Purge() // facts remembered are under the rules before
	if f.told != nil {
		bad, err := f.others(ctx, p, working, func(id string, value *D) {
			f.hear(f.of(id, value, before), f.of(id, value, p.rules), p.last)
		})
		if bad != nil || err != nil {
			return bad, err
		}
		if bad, err := f.reach(ctx, before, working); bad != nil || err != nil {
			return bad, err
		}
	}
	return f.others(ctx, p, working, func(id string, value *D) {
		changes.difference(id, f.of(id, value, before), f.of(id, value, p.rules))
	})
}

// others yields every stored document that the page does not touch. If one
// fails, the publication is to blame.
func (f *fold[D]) others(ctx context.Context, p publication, working map[string]*document[D], yield func(string, *D)) (bad *failure, err error) {
	defer recovered(p.last, &bad)
	for d, err := range f.loader.Each(ctx) {
		if err != nil {
			return nil, fmt.Errorf("read all documents: %w", err)
		}
		if d.ID == policyID || working[d.ID] != nil {
			continue
		}
		var value D
		if err := json.Unmarshal(d.Text, &value); err != nil {
			return nil, fmt.Errorf("document %s: %w", d.ID, err)
		}
		yield(d.ID, &value)
	}
	return nil, nil
}

// of are the facts of a document under rules.
func (f *fold[D]) of(id string, value *D, rules *rules) *Facts {
	facts := &Facts{id: id, rules: rules}
	f.facts(value, facts)
	return facts
}
