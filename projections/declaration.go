package projections

import "github.com/annals-crm/annals/domain/policy"

// Declaration is a read model whose facts depend on more than one document:
// on the process pack, or on what other documents of the model tell.
type Declaration[D any] struct {
	// Facts is as for Declare. It may use Facts.Policy and Facts.Tell.
	Facts func(*D, *Facts)
	// Basis picks what of a pack Facts depends on; nil: on nothing. When a
	// policy is published under which it differs for any time, the facts of
	// every document are worked out again, as part of the same page.
	Basis func(policy.Pack) any
	// Told changes a document by what another one tells under a key: nil when it
	// does not tell it any more.
	Told func(d *D, key string, what any)
	// Figures is Facts with nothing but what metrics count, for analyses: they
	// may want other definitions of a metric. Nil: no metric is about the model.
	Figures func([]Metric) func(*D, *Facts)
}

// Model makes the read model.
func (n Declaration[D]) Model(name string, version int, on ...Reaction[D]) Model {
	m := Declare(name, version, n.Facts, on...)
	reactions := map[string][]Reaction[D]{}
	for _, r := range on {
		reactions[r.eventType] = append(reactions[r.eventType], r)
	}
	if n.Basis != nil {
		m.types[policy.Published{}.EventType()] = true
	}
	m.folder = func(loader Loader) Folder { return newFold(loader, reactions, n) }
	if n.Figures != nil {
		m.scratch = func(metrics []Metric) scratch { return newScratch(reactions, n, metrics) }
	}
	return m
}

// Policy is every policy published by then. Only read models with a Basis may ask.
func (f *Facts) Policy() policy.Policy { return f.rules.Policy }

// tale is what a document tells another one.
type tale struct {
	subject, key string
	what         any
}

// Tell makes another document of the read model, named by its id, know something
// about this one, until this one does not tell it any more. So a figure may
// depend on several records, such as a ticket and the one that followed it, and
// is exact however any of them is corrected. Who is told does not tell in turn.
// What must be comparable.
func (f *Facts) Tell(subject, key string, what any) {
	f.tales = append(f.tales, tale{subject, key, what})
}
