package bench

import (
	"context"
	"fmt"
	"net/url"

	"github.com/annals-crm/annals/domain/policy"
)

const everyday = 8 // callers

// queries measures what applications read all day.
func (b *bench) queries(ctx context.Context) error {
	if err := b.filled(ctx, b.config.Events); err != nil {
		return err
	}
	b.report.section(fmt.Sprintf("Everyday queries, %d callers, over %s customers, %s deals, %s tickets", everyday,
		number(float64(b.seed.customers())), number(float64(b.seed.deals())), number(float64(b.seed.tickets()))), "")
	pages := make([][]byte, 0, 2*owners)
	for n := range owners {
		for _, stage := range []string{policy.Lead, policy.Opportunity} {
			filter := url.Values{"stage": {stage}, "owner": {owner(n)}, "limit": {"50"}}
			pages = append(pages, b.requests.get("/v1/queries/deals?"+filter.Encode()))
		}
	}
	records := make([][]byte, b.seed.deals())
	for n := range records {
		records[n] = b.requests.get("/v1/queries/deals/" + b.seed.id("deal", n))
	}
	queue := b.requests.get("/v1/queries/tickets?limit=50")
	sales := b.requests.get("/v1/queries/dashboards/sales?by=month")
	for _, q := range []struct {
		what string
		pick func(caller, n int) []byte
		goal float64
	}{
		{"record by id", func(caller, n int) []byte { return records[(n*everyday+caller)*7919%len(records)] }, 12_000},
		{"page of 50 by stage and owner", func(caller, n int) []byte { return pages[(n*everyday+caller)%len(pages)] }, 5000},
		{"dashboard", func(int, int) []byte { return sales }, 10_000},
		{"ticket queue, first 50 by due time", func(int, int) []byte { return queue }, 5000},
	} {
		s, err := b.ask(ctx, everyday, q.pick)
		if err != nil {
			return err
		}
		b.report.figure(q.what+", per second", s.rate(), "", atLeast(q.goal))
		b.report.figure("  99 % within", milliseconds(quantile(s.sorted(), 0.99)), " ms", goal{}, s.costs(b.config.Processes))
	}
	return nil
}

// operations measures what applications change all day.
func (b *bench) operations(ctx context.Context) error {
	if err := b.filled(ctx, b.config.Events); err != nil {
		return err
	}
	b.report.section(fmt.Sprintf("Everyday commands, %d callers, each durable when answered", everyday), "")
	for _, o := range []struct {
		what  string
		begin func(ctx context.Context, count int) (*callers, error)
		goal  float64
	}{
		{"register a customer with an e-mail address that must be new", b.registering, 5000},
		{"read and move a deal", b.readers, 4000},
		{"open and resolve a ticket", b.openers, 3500},
	} {
		doing, err := o.begin(ctx, everyday)
		if err != nil {
			return err
		}
		s, err := b.measure(ctx, doing)
		doing.end()
		if err != nil {
			return err
		}
		b.report.figure(o.what+", per second", s.rate(), "", atLeast(o.goal))
		b.report.figure("  99 % within", milliseconds(quantile(s.sorted(), 0.99)), " ms", goal{}, s.costs(b.config.Processes))
	}
	return nil
}

// readers read a deal and then move it.
func (b *bench) readers(ctx context.Context, count int) (*callers, error) {
	return newCallers(count, func(caller int) (op, func(), error) {
		c, err := dial(ctx, b.config.Server)
		if err != nil {
			return nil, nil, err
		}
		m := b.newMover(c, caller, count)
		return func(_ context.Context, n int) error {
			if _, err := c.do(b.requests.get("/v1/queries/deals/" + m.deals[n%len(m.deals)])); err != nil {
				return err
			}
			_, _, err := m.move(n)
			return err
		}, c.close, m.settle()
	})
}

// openers open a ticket and then resolve it.
func (b *bench) openers(ctx context.Context, count int) (*callers, error) {
	return connected(ctx, count, b.config.Server, func(_ int, c *conn) op {
		var request []byte
		return func(_ context.Context, n int) error {
			request = b.requests.post(request[:0], "open-ticket", "", fmt.Sprintf(
				`{"subject":"Fan makes noise","description":"Since Monday, under load.","channel":"phone","customer_id":"%s","assignee":"agent%02d"}`,
				b.seed.id("customer", n), n%owners))
			answer, err := c.do(request)
			if err != nil {
				return err
			}
			ticket, err := field(answer, "id")
			if err != nil {
				return err
			}
			request = b.requests.post(request[:0], "resolve-ticket", "", `{"ticket_id":"`+ticket+`","cause":"worn bearing","solution":"fan replaced"}`)
			_, err = c.do(request)
			return err
		}
	})
}
