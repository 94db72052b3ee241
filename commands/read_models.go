package commands

import (
	"context"

	"github.com/annals-crm/annals/domain/readmodel"
)

// ReadModelState is what people decided about read models, kept current in memory.
type ReadModelState = Live[readmodel.Decisions, readmodel.Event]

// DiscardParked gives up events that a version of a read model could not fold.
type DiscardParked struct {
	At
	ReadModel string
	Version   int
	Stream    string
	Events    []readmodel.Discarded
	Reason    string
}

// ReadModels handles the decisions about read models.
type ReadModels struct {
	loop  *Loop
	state *ReadModelState
}

// NewReadModels answers once what was decided holds everywhere in this process.
func NewReadModels(loop *Loop, state *ReadModelState) ReadModels { return ReadModels{loop, state} }

// Discard fails with input.ErrInvalid if there is no reason.
func (h ReadModels) Discard(ctx context.Context, env Envelope, c DiscardParked) (Result, error) {
	result, err := onNew(ctx, h.loop, readmodel.Aggregate, env, readmodel.ID, c, func(d readmodel.Decisions, m moment) ([]readmodel.Event, error) {
		return d.Discard(readmodel.ParkedDiscarded{
			ReadModel: c.ReadModel, Version: c.Version, Stream: c.Stream, Events: c.Events, Reason: c.Reason, DiscardedBy: env.Actor.ID,
		}, m.at)
	})
	if err != nil || h.state.Revision() == NoStream && len(result.Events) == 0 {
		return result, err
	}
	return result, h.state.Await(ctx, result.Revision)
}
