package importer

import (
	"context"
	"iter"
	"sync"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/domain"
)

// Sender sends a command to the server.
type Sender interface {
	Send(ctx context.Context, cmd apiclient.Command) (apiclient.Result, error)
}

// Runner carries out plans: several at once, the steps of each in order.
type Runner struct {
	Sender   Sender
	Kind     string
	Source   string
	ImportID string
	Parallel int
	Refuse   func(Refusal) // called by one goroutine at a time
	Advance  func(rows int)
}

// Summary is what an import came to. Rows that are neither done nor refused
// were not begun or not finished.
type Summary struct {
	Rows     int             `json:"rows"`
	Done     int             `json:"done"`
	Refused  int             `json:"refused"`
	Commands map[string]int  `json:"commands"` // acknowledged, by name
	Notices  map[string]int  `json:"notices,omitempty"`
	Position domain.Position `json:"position"` // a query with this min_position sees everything
}

// run is one call of Run.
type run struct {
	Runner
	customers customers
	mu        sync.Mutex
	summary   Summary
	fatal     error
	stop      context.CancelFunc
}

// Run fails when the import cannot go on: the server stays out of reach, the
// caller may not do this, the file cannot be read, or ctx ends. A row the
// server refuses is no failure.
func (r Runner) Run(ctx context.Context, items iter.Seq2[Item, error]) (Summary, error) {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	x := &run{Runner: r, stop: stop, summary: Summary{Commands: map[string]int{}, Notices: map[string]int{}}}
	x.customers.known = map[string]*registration{}
	work := make(chan *Plan)
	var workers sync.WaitGroup
	for range max(1, r.Parallel) {
		workers.Go(func() {
			for plan := range work {
				x.carryOut(ctx, plan)
			}
		})
	}
	x.feed(ctx, items, work)
	close(work)
	workers.Wait()
	if x.fatal == nil {
		x.fatal = context.Cause(ctx)
	}
	return x.summary, x.fatal
}

func (x *run) feed(ctx context.Context, items iter.Seq2[Item, error], work chan<- *Plan) {
	for item, err := range items {
		if err != nil {
			x.fail(err)
			return
		}
		if ctx.Err() != nil {
			return
		}
		x.note(item)
		if item.Plan == nil {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case work <- item.Plan:
		}
	}
}

// note counts an item that was read. Rows without a plan are finished by that.
func (x *run) note(item Item) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.summary.Rows += item.Rows
	if item.Plan == nil {
		x.summary.Refused += item.Rows
		for _, refused := range item.Refused {
			x.Refuse(refused)
		}
		x.Advance(item.Rows)
		return
	}
	for _, notice := range item.Plan.Notices {
		x.summary.Notices[notice]++
	}
}

func (x *run) carryOut(ctx context.Context, plan *Plan) {
	refused, err := x.steps(ctx, plan)
	if err != nil {
		x.fail(err)
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(refused) == 0 {
		x.summary.Done += plan.Rows
	} else {
		x.summary.Refused += plan.Rows
		for _, r := range refused {
			x.Refuse(r)
		}
	}
	x.Advance(plan.Rows)
}

// steps sends the commands of a plan until one is refused.
func (x *run) steps(ctx context.Context, plan *Plan) ([]Refusal, error) {
	var ids IDs
	if plan.Customer != nil {
		id, err := x.register(ctx, *plan.Customer)
		if err != nil {
			return refusals(plan, "register-customer", err)
		}
		ids.Customer = id
	}
	for i, step := range plan.Steps {
		if err := ctx.Err(); err != nil { // between two steps, so that none is cut off half-way
			return nil, context.Cause(ctx)
		}
		result, err := x.send(ctx, step.Command, key(x.Source, x.Kind, plan.ExternalID, step.Name), step.Body(ids))
		if err != nil {
			return refusals(plan, step.Command, err)
		}
		if i == 0 {
			ids.Record = result.ID
		}
	}
	return nil, nil
}

func (x *run) send(ctx context.Context, name, key string, body any) (apiclient.Result, error) {
	result, err := x.Sender.Send(ctx, apiclient.Command{Name: name, Key: key, Correlation: x.ImportID, Body: body})
	if err != nil {
		return result, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.summary.Commands[name]++
	if x.summary.Position.Compare(result.Position) < 0 {
		x.summary.Position = result.Position
	}
	return result, nil
}

// fail ends the import; the first failure is the one told.
func (x *run) fail(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.fatal == nil {
		x.fatal = err
	}
	x.stop()
}
