package bench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// rebuild builds all read models from the start of the log, between two drains
// of the log by the bare client.
func (b *bench) rebuild(ctx context.Context) error {
	if err := b.filled(ctx, b.config.Events); err != nil {
		return err
	}
	end, err := b.log.LastPosition(ctx)
	if err != nil {
		return err //nolint:wrapcheck // says it best
	}
	var bare, ours []float64
	for range 2 {
		for _, drain := range []func(context.Context, domain.Position) (int, error){b.subscribe, b.readAll} {
			start := time.Now()
			events, err := drain(ctx, end)
			if err != nil {
				return err
			}
			bare = append(bare, float64(events)/time.Since(start).Seconds())
		}
		rate, err := b.rebuilt(ctx)
		if err != nil {
			return err
		}
		ours = append(ours, rate)
	}
	subscribed, read := (bare[0]+bare[2])/2, (bare[1]+bare[3])/2
	b.report.section(fmt.Sprintf("Rebuild of all read models from %s events beside draining $all with the bare client", number(float64(b.seed.events))), "bare")
	b.report.compare("events per second", median(ours), max(subscribed, read), "", atLeast(0.7))
	b.report.figure("events per second", median(ours), "", atLeast(40_000))
	b.report.note("bare SubscribeToAll %s /s, ReadAll %s /s; the faster one counts", number(subscribed), number(read))
	return nil
}

// subscribe receives every event that is not the log's own.
func (b *bench) subscribe(ctx context.Context, end domain.Position) (events int, err error) {
	sub, err := b.bare.SubscribeToAll(ctx, esdb.SubscribeToAllOptions{From: esdb.Start{}, MaxSearchWindow: 2000, CheckpointInterval: 1, Filter: esdb.ExcludeSystemEventsFilter()})
	if err != nil {
		return 0, err //nolint:wrapcheck // wrapped by the section
	}
	defer func() { _ = sub.Close() }()
	for {
		m := sub.Recv()
		switch {
		case m.SubscriptionDropped != nil:
			return events, m.SubscriptionDropped.Error
		case m.EventAppeared != nil:
			events++
			if m.EventAppeared.OriginalEvent().Position.Commit >= end.Commit {
				return events, nil
			}
		case m.CaughtUp != nil:
			return events, nil
		}
	}
}

func (b *bench) readAll(ctx context.Context, _ domain.Position) (events int, err error) {
	read, err := b.bare.ReadAll(ctx, esdb.ReadAllOptions{From: esdb.Start{}}, math.MaxInt64)
	if err != nil {
		return 0, err //nolint:wrapcheck // wrapped by the section
	}
	defer read.Close()
	for {
		if _, err := read.Recv(); errors.Is(err, io.EOF) {
			return events, nil
		} else if err != nil {
			return events, err //nolint:wrapcheck // wrapped by the section
		}
		events++
	}
}

// rebuilt is how many events a second a projector folds that starts with
// nothing. Its time runs from the first page committed, as the start of a process is
// not part of the rate, to the last model at the end.
func (b *bench) rebuilt(ctx context.Context) (rate float64, err error) {
	address, stop, err := b.config.Projector(ctx)
	if err != nil {
		return 0, err
	}
	defer stop()
	client, err := redisviews.Connect(address)
	if err != nil {
		return 0, err //nolint:wrapcheck // names the address
	}
	defer func() { _ = client.Close() }()
	views := redisviews.New(client, redisviews.Config{Log: b.logID})
	var start time.Time
	for ctx.Err() == nil {
		marks, err := views.Marks(ctx, projections.All...)
		if err != nil {
			return 0, err //nolint:wrapcheck // says it best
		}
		first, last := marks[0].Position, marks[0].Position
		for _, m := range marks[1:] {
			if m.Position.Compare(last) < 0 {
				last = m.Position
			}
			if m.Position.Compare(first) > 0 {
				first = m.Position
			}
		}
		if start.IsZero() && first != domain.StartOfLog {
			start = time.Now()
		}
		if last.Compare(b.seed.end) >= 0 {
			return float64(b.seed.events) / time.Since(start).Seconds(), nil
		}
		time.Sleep(2 * time.Millisecond)
	}
	return 0, ctx.Err()
}
