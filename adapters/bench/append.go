package bench

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
)

// commands holds a command over HTTP against the bare client, which appends an
// event of the same size with an expected revision to streams as numerous.
func (b *bench) commands(ctx context.Context) error {
	if err := b.filled(ctx, fewEvents); err != nil {
		return err
	}
	if err := b.register(ctx); err != nil {
		return err
	}
	b.report.section("Command over HTTP, acknowledged durable, beside AppendToStream of the bare client on the same node", "bare")
	for _, count := range []int{1, 8, 64} {
		moving, err := b.movers(ctx, count)
		if err != nil {
			return err
		}
		err = b.besideAppend(ctx, "move-deal", count, moving)
		moving.end()
		if err != nil {
			return err
		}
	}
	return nil
}

// register is told apart, as it makes three appends where others make one: the
// e-mail address is reserved, a number is taken, and the file is written.
func (b *bench) register(ctx context.Context) error {
	b.report.section("register-customer (three appends: address reserved, number taken, file written) beside one bare append", "bare")
	for _, count := range []int{8, 64} {
		registering, err := b.registering(ctx, count)
		if err != nil {
			return err
		}
		err = b.beside(ctx, "register-customer", count, registering, goal{}, goal{})
		registering.end()
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) besideAppend(ctx context.Context, what string, count int, ours *callers) error {
	return b.beside(ctx, what, count, ours, atLeast(0.6), goal{most: 2.5})
}

func (b *bench) beside(ctx context.Context, what string, count int, ours *callers, rate, tail goal) error {
	bare, err := b.appenders(count)
	if err != nil {
		return err
	}
	defer bare.end()
	var a, z sample
	if err := b.alternate(ctx, contender{bare, &a}, contender{ours, &z}); err != nil {
		return err
	}
	theirs, mine := a.sorted(), z.sorted()
	what += fmt.Sprintf(", %d callers", count)
	if count == 1 {
		what = what[:len(what)-1]
	}
	b.report.compare(what, z.rate(), a.rate(), " /s", rate)
	b.report.compare("  half within", milliseconds(quantile(mine, 0.5)), milliseconds(quantile(theirs, 0.5)), " ms", goal{}, z.costs(b.config.Processes), a.costs(b.config.Processes))
	b.report.compare("  99 % within", milliseconds(quantile(mine, 0.99)), milliseconds(quantile(theirs, 0.99)), " ms", tail)
	return nil
}

// appenders append with the bare client to streams of their own. The events
// have a type that no read model reacts to, and cost nobody anything to encode:
// nothing but the limit itself is measured.
func (b *bench) appenders(count int) (*callers, error) {
	data, err := json.Marshal(deal.StageMoved{
		DealID: uuid.NewString(), CustomerID: uuid.NewString(), Owner: owner(1), From: policy.Opportunity, To: policy.Lead,
		Direction: deal.Backward, Reason: "budget was cut", FromProbability: 25, Probability: 10,
		Amount: domain.Money{Minor: 12_500_000, Currency: "CNY"}, EnteredAt: started(0), MovedAt: started(1), MovedOn: "2024-05-31",
	})
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	meta, err := json.Marshal(metaOf(uuid.NewString()))
	if err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return newCallers(count, func(int) (op, func(), error) {
		streams, revisions := make([]string, max(moved/count, 1)), make([]esdb.ExpectedRevision, max(moved/count, 1))
		for i := range streams {
			streams[i], revisions[i] = "bench-"+uuid.NewString(), esdb.NoStream{}
		}
		return func(ctx context.Context, n int) error {
			at := n % len(streams)
			done, err := b.bare.AppendToStream(ctx, streams[at], esdb.AppendToStreamOptions{ExpectedRevision: revisions[at]},
				esdb.EventData{EventID: uuid.New(), EventType: "bench.appended.v1", ContentType: esdb.ContentTypeJson, Data: data, Metadata: meta})
			if err != nil {
				return err //nolint:wrapcheck // wrapped by the section
			}
			revisions[at] = esdb.Revision(done.NextExpectedVersion)
			return nil
		}, func() {}, nil
	})
}
