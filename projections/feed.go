package projections

import (
	"context"
	"strings"

	"github.com/annals-crm/annals/domain/feed"
)

// FactsWithin is the sight of the change feed: whoever sees a record, when a fact
// about it is sent, sees the fact. Who sees only the records of some sees no facts
// about anything else. It fails with ErrBehind or ErrBuilding while whose the
// record is cannot be told yet.
func FactsWithin(views Views) feed.Sight {
	guarded, kinds := Guarded(views), map[string]*Kind{}
	for _, k := range Kinds() {
		kinds[k.Category] = k
	}
	return func(ctx context.Context, _ feed.Reader, f feed.Fact) (feed.Fact, bool, error) {
		if !reachOf(ctx).Limited() {
			return f, true, nil
		}
		category, id, _ := strings.Cut(f.Stream, "-")
		kind := kinds[category]
		if kind == nil {
			return f, false, nil
		}
		for _, m := range []Model{kind.Model, CustomerModel} {
			if err := views.Wait(ctx, m, f.Position); err != nil {
				return f, false, err
			}
		}
		document, err := guarded.Document(ctx, kind.Model, id)
		return f, document != nil, err
	}
}
