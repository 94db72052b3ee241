package projectionstest

import (
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// splitPoints bounds the cuts that are tried, for long histories.
const splitPoints = 64

// Equivalent proves that the read model is the same however its events reach
// it: in one page, one by one, cut in two at every point, with pages delivered
// again, and with two projectors at work of which one always comes too late.
func Equivalent(t *testing.T, m projections.Model, events ...domain.Recorded) {
	t.Helper()
	want := Folded(t, m, events...).Contents(m)
	same := func(how string, deliver func(*projector)) {
		t.Helper()
		store := NewMemory()
		deliver(&projector{t, store, m, m.Folder(store.Loader(m))})
		require.Equal(t, want, store.Contents(m), how)
	}
	same("one by one", func(p *projector) {
		for i := range events {
			p.deliver(events[i : i+1])
		}
	})
	random := rand.New(rand.NewPCG(1, uint64(len(events))))
	for i := range events {
		if len(events) > splitPoints && random.IntN(len(events)) > splitPoints {
			continue
		}
		same("cut in two", func(p *projector) {
			p.deliver(events[:i])
			p.folder.Forget() // the second half starts from what is stored
			p.deliver(events[i:])
		})
	}
	same("delivered again at random", func(p *projector) {
		for from := 0; from < len(events); {
			to := from + 1 + random.IntN(len(events)-from)
			p.deliver(events[random.IntN(from+1):to])
			from = to
		}
	})
	same("two projectors", func(p *projector) {
		late := &projector{p.t, p.store, m, m.Folder(p.store.Loader(m))}
		for from := 0; from < len(events); {
			to := min(from+1+random.IntN(7), len(events))
			p.race(late, events[from:to])
			p, late, from = late, p, to
		}
	})
}

// Folded is a store that holds the read model after events, in one page, ready
// for queries.
func Folded(t *testing.T, m projections.Model, events ...domain.Recorded) *Memory {
	t.Helper()
	store := NewMemory()
	(&projector{t, store, m, m.Folder(store.Loader(m))}).deliver(events)
	require.NoError(t, store.Serve(t.Context(), m, projections.Mark{}))
	return store
}

// Given are the views that queries have after events, for any read models.
func Given(t *testing.T, models []projections.Model, events ...domain.Recorded) projections.Views {
	t.Helper()
	store := NewMemory()
	for _, m := range models {
		(&projector{t, store, m, m.Folder(store.Loader(m))}).deliver(events)
		require.NoError(t, store.Serve(t.Context(), m, projections.Mark{}))
	}
	return store
}

// projector folds pages the way the real one does.
type projector struct {
	t      *testing.T
	store  *Memory
	model  projections.Model
	folder projections.Folder
}

// deliver folds what is new in events and commits it.
func (p *projector) deliver(events []domain.Recorded) {
	p.t.Helper()
	require.NoError(p.t, p.store.Commit(p.t.Context(), p.fold(events)))
}

func (p *projector) fold(events []domain.Recorded) projections.Commit {
	p.t.Helper()
	marks, err := p.store.Marks(p.t.Context(), p.model)
	require.NoError(p.t, err)
	from := marks[0]
	for len(events) > 0 && events[0].Position.Compare(from.Position) <= 0 {
		events = events[1:]
	}
	whole := page(from.Position, events)
	changes, err := p.folder.Fold(p.t.Context(), whole.Events)
	require.NoError(p.t, err)
	return projections.Commit{Model: p.model, From: from, To: from.At(whole.To), Changes: changes}
}

// race lets two projectors fold the same events. The late one is refused,
// forgets, and finds nothing left to do.
func (p *projector) race(late *projector, events []domain.Recorded) {
	p.t.Helper()
	first, second := p.fold(events), late.fold(events)
	require.NoError(p.t, p.store.Commit(p.t.Context(), first))
	if err := p.store.Commit(p.t.Context(), second); !errors.Is(err, projections.ErrMoved) {
		require.Equal(p.t, first.From, first.To, "a late commit must be refused, got %v", err)
	}
	late.folder.Forget()
	late.deliver(events)
}
