package main

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/projector"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/projections"
)

// handler answers the sides that this process serves. One that only projects
// still tells its health and metrics.
func (p *parts) handler() http.Handler { return httpapi.New(p.api()) }

// api is what the handler is made of.
func (p *parts) api() httpapi.Config {
	c := httpapi.Config{
		Organisation: structure{p.write.structure},
		Auth:         p.directory, Health: p.newHealth().look, End: p.log.LastPosition,
		Metrics: p.metrics, Logger: p.config.log, Version: version(),
		Rates: p.config.http.rates, Origins: p.config.http.origins, Proxies: p.config.http.proxies,
	}
	c.Backup = (&backups{
		node: p.node, data: p.config.data, key: p.config.hashKey, now: time.Now,
		log: func(ctx context.Context) (string, error) { return commands.LogID(ctx, p.log) },
	}).make
	if p.traces != nil {
		c.Trace = p.traces.Request
	}
	keeper := keeper{p.projector, p.write.readModels, p.write.decisions}
	if p.config.does(roleCommands) {
		c.Commands = &httpapi.Commands{
			Customers: p.write.customers, Deals: p.write.deals, Tickets: p.write.tickets,
			Organisation: p.write.organisation, Policies: p.write.policies, Tokens: p.write.tokens, Analyses: p.write.analyses, Parking: keeper, Rebuilding: keeper,
			Webhooks: p.write.webhooks, WebhookTests: p.deliverer.Desk(),
		}
	}
	if p.config.does(roleQueries) {
		c.Queries = &httpapi.Queries{
			Views: p.views, Log: eventstoredb.History{Client: p.log}, Policy: p.write.policy, Tokens: p.write.callers,
			Organisation: p.write.structure, ReadModels: readModels(p.projector), Builds: keeper, Decisions: p.write.decisions,
			Analyses: analysesUnderWay{p.views}, Disclosures: p.write.disclosures, Now: time.Now,
			Webhooks: p.deliverer.Desk(),
			Feed:     &httpapi.Feed{Log: feedLog{p.log}, Sight: projections.FactsWithin(p.views), Types: types().Names()},
		}
	}
	return c
}

// operations names everything that any process answers, whichever side it serves
// itself.
func operations() []string {
	return httpapi.Operations(
		&httpapi.Commands{Parking: keeper{}, Rebuilding: keeper{}},
		&httpapi.Queries{ReadModels: readModels(nil), Builds: keeper{}, Feed: &httpapi.Feed{}},
	)
}

// readModels shows where the projector stands, with what it parked.
func readModels(p *projector.Projector) func(context.Context) ([]httpapi.ReadModel, error) {
	return func(ctx context.Context) ([]httpapi.ReadModel, error) {
		all, err := p.Status(ctx)
		if err != nil {
			return nil, err
		}
		shown := make([]httpapi.ReadModel, len(all))
		for i, s := range all {
			m, err := p.Model(s.Name)
			if err != nil {
				return nil, err
			}
			parked, err := p.Parked(ctx, m)
			if err != nil {
				return nil, fmt.Errorf("parked events of %s: %w", s.Name, err)
			}
			shown[i] = httpapi.ReadModel{
				Name: s.Name, Served: s.Served, Building: s.Building, Phase: string(s.Phase), Position: s.Position, End: s.End, Progress: s.Progress,
				EventsPerSec: s.EventsPerSec, Remaining: s.Remaining, Lag: s.Lag, Held: s.Held, Parked: parked,
			}
			if parked == nil {
				shown[i].Parked = []projections.Parked{}
			}
		}
		return shown, nil
	}
}
