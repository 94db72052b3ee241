package timers_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/adapters/timers"
	"github.com/annals-crm/annals/projections"
)

// unbuilt is a read model that is being built until some time.
type unbuilt struct{ until time.Time }

func (u unbuilt) Due(context.Context, time.Time, int) ([]projections.Timer, error) {
	if time.Now().Before(u.until) {
		return nil, projections.ErrBuilding
	}
	return nil, assert.AnError
}

func TestReadModelBeingBuiltIsNoFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told bytes.Buffer
		sweeper := timers.New(timers.Config{
			Timers: unbuilt{time.Now().Add(time.Minute)}, Every: time.Second, Now: time.Now, Logger: slog.New(slog.NewTextHandler(&told, nil)),
		})
		run := func(d time.Duration) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			sweeper.Run(ctx)
		}
		run(59 * time.Second)
		assert.Empty(t, told.String())
		run(2 * time.Second)
		assert.Contains(t, told.String(), assert.AnError.Error())
	})
}
