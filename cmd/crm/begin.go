package main

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// errNotBegun is a log that holds nothing yet, seen by a process that is not to
// write to it.
var errNotBegun = errors.New("the event log is empty, and no process that serves commands has begun it yet")

// openSides opens what stands on the log, and waits for it: a process may well
// start before its log, or before the one that begins it.
func (p *parts) openSides(ctx context.Context) error {
	var missing atomic.Value
	missing.Store("the event log is out of reach")
	said := ""
	defer p.answerMeanwhile(ctx, func() string { return missing.Load().(string) })() //nolint:errcheck // nothing else is stored there
	for {
		err := p.openSidesNow(ctx)
		switch {
		case errors.Is(err, errNotBegun):
			missing.Store(errNotBegun.Error())
		case errors.Is(err, domain.ErrUnavailable):
			missing.Store("the event log is out of reach")
		default:
			return err
		}
		if now := err.Error(); now != said { // it may take long
			p.config.log.Warn("waiting for the event log", "error", err)
			said = now
		}
		select {
		case <-time.After(time.Second):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (p *parts) openSidesNow(ctx context.Context) error {
	log, err := p.begin(ctx)
	if err != nil {
		return err
	}
	if p.views == nil {
		if p.views, err = openViews(&p.stack, p.config, log); err != nil {
			return err
		}
	}
	p.write, err = openWriteSide(ctx, p.config, p.log, p.views, p.traceCommands)
	return err
}

// begin is the identity of the log. A process that serves commands publishes the
// standard policy on one that is empty; any other fails with errNotBegun then.
func (p *parts) begin(ctx context.Context) (string, error) {
	id, err := commands.LogID(ctx, p.log)
	if err != nil || id != "" {
		return id, err //nolint:wrapcheck // says what it is about
	}
	if !p.config.does(roleCommands) {
		return "", errNotBegun
	}
	if err := p.publishStandard(ctx); err != nil {
		return "", fmt.Errorf("publish the standard policy: %w", err)
	}
	return commands.LogID(ctx, p.log) //nolint:wrapcheck // says what it is about
}

// publishStandard works without the sides, which stand on what it begins.
func (p *parts) publishStandard(ctx context.Context) error {
	following, stop := context.WithCancel(ctx)
	defer stop()
	state, err := commands.NewLive(following, p.log, p.log, policy.Aggregate, policy.StandardID, p.config.log)
	if err != nil {
		return err //nolint:wrapcheck // named by the caller
	}
	loop, err := commands.NewLoop(commands.LoopConfig{Store: p.log, Policy: state, Now: time.Now, Logger: p.config.log, States: 1})
	if err != nil {
		return err //nolint:wrapcheck // named by the caller
	}
	return commands.NewPolicies(loop, state).PublishStandard(ctx) //nolint:wrapcheck // named by the caller
}

// tellOfOtherLogs warns of read models in Redis that nobody here reads.
func (p *parts) tellOfOtherLogs(ctx context.Context) {
	others, err := p.views.Share(ctx, time.Now())
	switch {
	case err != nil:
		p.config.log.DebugContext(ctx, "not known whose read models Redis holds", "error", err)
	case len(others) > 0:
		p.config.log.WarnContext(ctx, "Redis also holds read models of another event log; they are left alone, but take memory: "+
			"if no other server uses this Redis, empty it (FLUSHDB), and what is needed is built again", "logs", others)
	}
}
