package projector_test

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// emptied loses everything it holds at the worst moment: when a build has come
// to the end of the log and is about to be served.
type emptied struct {
	*projectionstest.Memory
	times  int
	served atomic.Bool // with nothing in it
}

func (s *emptied) Serve(ctx context.Context, m projections.Model, at projections.Mark) error {
	if s.times == 0 {
		return s.Memory.Serve(ctx, m, at) //nolint:wrapcheck // as it was
	}
	s.times--
	s.Flush()
	err := s.Memory.Serve(ctx, m, at)
	if err == nil {
		s.served.Store(true)
	}
	return err //nolint:wrapcheck // as it was
}

func TestEmptiedBeforeItIsServed(t *testing.T) {
	events := projectionstest.Busy(30, 15)
	store := &emptied{Memory: projectionstest.NewMemory(), times: 3}
	_, _ = start(t, config(t, newLog(9, events...), store))
	for _, m := range samples() {
		require.Eventually(t, func() bool {
			_, ok, err := store.Served(t.Context(), m)
			return err == nil && ok
		}, patience, testTick)
		require.NoError(t, store.Wait(t.Context(), m, last(events)), "what is served is whole")
	}
	assert.False(t, store.served.Load(), "while it was empty it looked complete")
	same(t, store.Memory, events)
}
