package projections

// sizes are how many facts of each kind a document has: a fair guess for the
// next one.
type sizes struct{ counts, places, dated, samples int }

func (f *Facts) sizes() sizes {
	return sizes{len(f.counts), len(f.indexes), len(f.dated), len(f.samples)}
}

// blank are facts to be collected, in memory that is spare if there is any.
func (f *fold[D]) blank(id string, rules *rules) *Facts {
	facts := f.spare
	if f.spare = nil; facts == nil || cap(facts.counts)+cap(facts.dated) == 0 {
		facts = &Facts{
			counts: make([]count, 0, f.sizes.counts), indexes: make([]place, 0, f.sizes.places),
			dated: make([]dated, 0, f.sizes.dated), samples: make([]sample, 0, f.sizes.samples),
		}
	}
	facts.reset(id)
	facts.rules = rules
	return facts
}
