package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/goccy/go-json"

	"github.com/annals-crm/annals/adapters/analyses"
	"github.com/annals-crm/annals/adapters/embedded/eventstore"
	embedded "github.com/annals-crm/annals/adapters/embedded/redis"
	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/disclosure"
	"github.com/annals-crm/annals/domain/incarnation"
	"github.com/annals-crm/annals/domain/numberrange"
	"github.com/annals-crm/annals/domain/organisation"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/readmodel"
	"github.com/annals-crm/annals/domain/reservation"
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/domain/tokenuse"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
)

// serveConfig is the settings of serve, checked.
type serveConfig struct {
	listen, data, eventstore, redis, role string
	profile                               string
	hashKey                               []byte
	states                                int
	traces                                traceConfig
	webhooks                              webhookConfig
	sweep, shutdown                       time.Duration
	http                                  httpConfig
	out                                   io.Writer
	log                                   *slog.Logger
}

// does tells whether this process serves a side.
func (c serveConfig) does(role string) bool { return c.role == roleAll || c.role == role }

// types is every wire type of the program, decoded in a fifth of the time that
// the standard library takes.
func types() domain.Registry {
	return domain.NewRegistry(
		access.Types, analysis.Types, customer.Types, deal.Types, disclosure.Types, numberrange.Types, organisation.Types, policy.Types, readmodel.Types, reservation.Types, ticket.Types,
		incarnation.Types, tokenuse.Types, webhook.Types,
	).Using(func(data []byte, v any) error { return json.Unmarshal(data, v) })
}

// openLog connects to the event store, starting the embedded one if none is given.
func openLog(s *stack, c serveConfig) (*eventstoredb.Client, error) {
	if c.eventstore != "" {
		return connect(s, c, c.eventstore)
	}
	node, err := openNode(s, c)
	if err != nil {
		return nil, err
	}
	return connect(s, c, node.ConnectionString())
}

// openNode starts the embedded event store.
func openNode(s *stack, c serveConfig) (*eventstore.Node, error) {
	if err := whole(c.data); err != nil {
		return nil, err
	}
	node, err := eventstore.Open(eventstore.Config{Dir: eventStoreDir(c.data), Logger: c.log})
	if errors.Is(err, eventstore.ErrInUse) {
		err = fmt.Errorf("%w (a server is running on it: ask that with --server, or stop it)", err)
	}
	if err != nil {
		return nil, fmt.Errorf("open the event store under %s: %w", c.data, err)
	}
	s.push(func() error {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return node.Close(ctx)
	})
	return node, nil
}

// connect connects to the event store at an address.
func connect(s *stack, c serveConfig, address string) (*eventstoredb.Client, error) {
	client, err := eventstoredb.Connect(eventstoredb.Config{ConnectionString: address, Registry: types(), Logger: c.log})
	if err != nil {
		return nil, err
	}
	s.push(func() error { client.Close(); return nil })
	return client, nil
}

// eventStoreDir is where the embedded event store is in a data directory.
func eventStoreDir(data string) string { return filepath.Join(data, "eventstore") }

// openViews connects to Redis, starting the embedded one if none is given, for
// read models of a log.
func openViews(s *stack, c serveConfig, log string) (*redisviews.Store, error) {
	address := c.redis
	if address == "" {
		server, err := embedded.Start()
		if err != nil {
			return nil, err
		}
		s.push(func() error { server.Close(); return nil })
		address = "redis://" + server.Addr()
	}
	redisviews.LogTo(c.log)
	client, err := redisviews.Connect(address)
	if err != nil {
		return nil, err
	}
	s.push(client.Close)
	return redisviews.New(client, redisviews.Config{Log: log}), nil
}

// writeSide is everything that appends to the log.
type writeSide struct {
	policy       *commands.PolicyState
	callers      *commands.TokenState
	structure    *commands.OrganisationState
	decisions    *commands.ReadModelState
	customers    commands.Customers
	deals        commands.Deals
	tickets      commands.Tickets
	analyses     commands.Analyses
	organisation commands.Organisation
	policies     commands.Policies
	tokens       commands.Tokens
	webhooks     commands.Webhooks
	readModels   commands.ReadModels

	disclosures  commands.Disclosures
	incarnations commands.Incarnations
	tokenUses    commands.TokenUses
}

// openWriteSide reads the policy, the tokens and the organisation, and follows them until ctx ends.
func openWriteSide(ctx context.Context, c serveConfig, log *eventstoredb.Client, views *redisviews.Store, also ...func(*commands.LoopConfig)) (*writeSide, error) {
	policies, err := commands.NewLive(ctx, log, log, policy.Aggregate, policy.StandardID, c.log)
	if err != nil {
		return nil, err
	}
	callers, err := commands.NewLive(ctx, log, log, access.Aggregate, access.TokensID, c.log)
	if err != nil {
		return nil, err
	}
	structure, err := commands.NewLive(ctx, log, log, organisation.Aggregate, organisation.ID, c.log)
	if err != nil {
		return nil, err
	}
	decisions, err := commands.NewLive(ctx, log, log, readmodel.Aggregate, readmodel.ID, c.log)
	if err != nil {
		return nil, err
	}
	var snapshots commands.Snapshots // none without a Redis
	if views != nil {
		snapshots = views
	}
	looping := commands.LoopConfig{
		Store: log, Snapshots: snapshots, Policy: policies, Now: time.Now, Logger: c.log, States: c.states,
	}
	for _, set := range also {
		set(&looping)
	}
	loop, err := commands.NewLoop(looping)
	if err != nil {
		return nil, err
	}
	hooks, err := webhookCommands(c, loop, log)
	if err != nil {
		return nil, err
	}
	return &writeSide{
		policy: policies, callers: callers, structure: structure, decisions: decisions, webhooks: hooks,
		customers: commands.Customers{
			Loop:         loop,
			Numbers:      commands.NewNumbers(loop, numberrange.Customers),
			Reservations: commands.NewReservations(loop, c.hashKey),
		},
		deals:   commands.Deals{Loop: loop},
		tickets: commands.Tickets{Loop: loop},
		analyses: commands.Analyses{
			Loop: loop, Check: projections.CheckAnalysis,
			Standing: func(ctx context.Context, id string) (*analysis.Completed, error) {
				return analyses.Standing(ctx, views, id)
			},
		},
		organisation: commands.NewOrganisation(loop, structure),
		policies:     commands.NewPolicies(loop, policies),
		tokens:       commands.NewTokens(loop, callers, operations()),
		readModels:   commands.NewReadModels(loop, decisions),

		disclosures:  commands.Disclosures{Loop: loop},
		incarnations: commands.Incarnations{Loop: loop},
		tokenUses:    commands.TokenUses{Loop: loop},
	}, nil
}
