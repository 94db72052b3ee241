package main

import (
	"context"
	"math"
	"slices"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/domain/readmodel"
	"github.com/annals-crm/annals/projections"
)

// keeper lets callers see to read models: how they are built, and what could
// not be folded.
type keeper struct {
	projector *projector.Projector
	decisions commands.ReadModels
	state     *commands.ReadModelState
}

// Builds lists the builds of a read model.
func (k keeper) Builds(ctx context.Context, readModel string) ([]httpapi.Build, error) {
	m, err := k.projector.Model(readModel)
	if err != nil {
		return nil, err
	}
	all, err := k.projector.Builds(ctx, m)
	shown := make([]httpapi.Build, len(all))
	for i, b := range all {
		shown[i] = httpapi.Build{
			ReadModel: m.Name, Build: b.Model.Label(), Served: b.Served, Previous: b.Previous, Phase: string(b.Phase), Reason: b.Reason,
			NoSwitch: b.NoSwitch, Position: b.Position, Target: b.Target, Progress: b.Progress, EventsPerSec: b.EventsPerSec,
			Remaining: b.Remaining, ParkedStreams: b.ParkedStreams, StartedAt: b.StartedAt, StartedBy: b.StartedBy,
			SwitchedBy: b.SwitchedBy, CancelledAt: b.CancelledAt, CancelledBy: b.CancelledBy, ComparedAt: b.ComparedAt, Comparison: b.Comparison,
		}
	}
	return shown, err
}

// Rebuild builds read models anew.
func (k keeper) Rebuild(ctx context.Context, by string, c httpapi.RebuildReadModels) (httpapi.BuildList, error) {
	names := c.ReadModels
	if len(names) == 0 {
		for _, m := range k.projector.Models() {
			names = append(names, m.Name)
		}
	}
	models := make([]projections.Model, len(names))
	for i, name := range names {
		var err error
		if models[i], err = k.projector.Model(name); err != nil {
			return httpapi.BuildList{}, err // before anything is begun
		}
	}
	list := httpapi.BuildList{Items: []httpapi.Build{}}
	for _, m := range models {
		build, begun, err := k.projector.Rebuild(ctx, m, by, c.NoSwitch)
		if err != nil {
			return list, err
		}
		all, err := k.Builds(ctx, m.Name)
		if err != nil {
			return list, err
		}
		if i := slices.IndexFunc(all, func(b httpapi.Build) bool { return b.Build == build.Label() }); i >= 0 {
			all[i].Begun = &begun
			list.Items = append(list.Items, all[i])
		}
	}
	return list, nil
}

// Cancel gives up a build.
func (k keeper) Cancel(ctx context.Context, by string, c httpapi.ReadModelRef) (httpapi.BuildList, error) {
	return k.decide(ctx, by, c, k.projector.Cancel)
}

// Compare compares a build with the served one again.
func (k keeper) Compare(ctx context.Context, by string, c httpapi.ReadModelRef) (httpapi.BuildList, error) {
	return k.decide(ctx, by, c, k.projector.Recompare)
}

// Switch serves a build whatever was found.
func (k keeper) Switch(ctx context.Context, by string, c httpapi.ReadModelRef) (httpapi.BuildList, error) {
	return k.decide(ctx, by, c, k.projector.Switch)
}

// RollBack serves the build served before.
func (k keeper) RollBack(ctx context.Context, by string, c httpapi.ReadModelRef) (httpapi.BuildList, error) {
	return k.decide(ctx, by, c, k.projector.RollBack)
}

// Drop deletes a build.
func (k keeper) Drop(ctx context.Context, by string, c httpapi.DropBuild) (httpapi.BuildList, error) {
	return k.decide(ctx, by, c.ReadModelRef, func(ctx context.Context, m projections.Model, by string) error {
		return k.projector.Drop(ctx, m, c.Build, by)
	})
}

// decide does something about the builds of a read model and shows them then.
func (k keeper) decide(ctx context.Context, by string, c httpapi.ReadModelRef, do func(context.Context, projections.Model, string) error) (httpapi.BuildList, error) {
	m, err := k.projector.Model(c.ReadModel)
	if err != nil {
		return httpapi.BuildList{}, err
	}
	if err := do(ctx, m, by); err != nil {
		return httpapi.BuildList{}, err
	}
	all, err := k.Builds(ctx, m.Name)
	return httpapi.BuildList{Items: all}, err
}

// Repair folds one record anew.
func (k keeper) Repair(ctx context.Context, _ string, c httpapi.RepairRecord) (httpapi.Repaired, error) {
	m, err := k.projector.Model(c.ReadModel)
	if err != nil {
		return httpapi.Repaired{}, err
	}
	r, err := k.projector.Repair(ctx, m, c.ID, c.Mend)
	if r.Differences == nil {
		r.Differences = []difference.Difference{}
	}
	return httpapi.Repaired{
		Build: r.Build, Position: r.Position, Differences: r.Differences, Places: r.Places, Counts: string(r.Counts), Mended: r.Mended,
	}, err
}

// Parked lists what a read model could not fold.
func (k keeper) Parked(ctx context.Context, readModel string) ([]projections.Parked, error) {
	m, err := k.projector.Model(readModel)
	if err != nil {
		return nil, err
	}
	return k.projector.Parked(ctx, m)
}

// RetryParked folds parked events again.
func (k keeper) RetryParked(ctx context.Context, _ string, c httpapi.RetryParked) (httpapi.Unparked, error) {
	m, err := k.projector.Model(c.ReadModel)
	if err != nil {
		return httpapi.Unparked{}, err
	}
	done, err := k.projector.Retry(ctx, m, c.Stream)
	return httpapi.Unparked(done), err
}

// DiscardParked puts on record that parked events are given up, and by whom and
// why, and only then gives them up. A process that ends in between leaves them
// parked, and the next retry leaves them out.
func (k keeper) DiscardParked(ctx context.Context, env commands.Envelope, c httpapi.DiscardParked) (httpapi.Unparked, error) {
	m, err := k.projector.Model(c.ReadModel)
	if err != nil {
		return httpapi.Unparked{}, err
	}
	parked, err := k.projector.Parked(ctx, m)
	if err != nil {
		return httpapi.Unparked{}, err
	}
	upTo := uint64(math.MaxUint64)
	if c.UpTo != nil {
		upTo = *c.UpTo
	}
	wish := commands.DiscardParked{ReadModel: m.Name, Version: m.Version, Stream: c.Stream, Reason: c.Reason}
	for _, p := range parked {
		if p.Stream == c.Stream && p.Revision <= upTo {
			wish.Events = append(wish.Events, readmodel.Discarded{Revision: p.Revision, EventID: p.ID, Type: p.Type, Failure: p.Reason})
		}
	}
	if len(wish.Events) == 0 {
		return k.discardedBefore(c, m.Version, upTo)
	}
	if _, err := k.decisions.Discard(ctx, env, wish); err != nil {
		return httpapi.Unparked{}, err
	}
	done, err := k.projector.Discard(ctx, m, c.Stream, upTo)
	return httpapi.Unparked(done), err
}

// discardedBefore answers a request that was carried out already, such as one
// that is repeated because its answer was lost.
func (k keeper) discardedBefore(c httpapi.DiscardParked, version int, upTo uint64) (httpapi.Unparked, error) {
	before := httpapi.Unparked{Parked: []projections.Parked{}}
	for _, revision := range k.state.State().Of(c.ReadModel, version)[c.Stream] {
		if revision <= upTo {
			before.Discarded++
		}
	}
	if before.Discarded == 0 {
		return before, projector.ErrNotParked.Because("no event of stream %s is parked for %s", c.Stream, c.ReadModel)
	}
	return before, nil
}
