package bench

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

// seed fills the log with records, as the domain decides them and as commands
// would have appended them, but without the detour over HTTP. Records are made
// in rounds: of every nine, two are customers, five deals and two tickets.
type seed struct {
	log    commands.EventStore
	space  uuid.UUID // ids differ between runs
	rounds int
	events int
	end    domain.Position
}

const (
	customersPerRound = 2
	dealsPerRound     = 5
	ticketsPerRound   = 2
	seedWriters       = 24
	owners            = 20
)

func newSeed(log commands.EventStore) *seed {
	return &seed{log: log, space: uuid.New()}
}

func (s *seed) customers() int { return s.rounds * customersPerRound }
func (s *seed) deals() int     { return s.rounds * dealsPerRound }
func (s *seed) tickets() int   { return s.rounds * ticketsPerRound }

func (s *seed) id(kind string, n int) string {
	return uuid.NewSHA1(s.space, fmt.Appendf(nil, "%s-%d", kind, n)).String()
}

// grow appends rounds until the log holds so many events.
func (s *seed) grow(ctx context.Context, events int) error {
	var written atomic.Int64
	var next atomic.Int64
	next.Store(int64(s.rounds))
	wanted := int64(events - s.events)
	ends := make([]domain.Position, seedWriters)
	group, ctx := errgroup.WithContext(ctx)
	for i := range seedWriters {
		group.Go(func() error {
			for written.Load() < wanted {
				n, end, err := s.round(ctx, int(next.Add(1)-1))
				if err != nil {
					return err
				}
				written.Add(int64(n))
				if end.Compare(ends[i]) > 0 {
					ends[i] = end
				}
			}
			return nil
		})
	}
	err := group.Wait()
	s.rounds, s.events = int(next.Load()), s.events+int(written.Load())
	for _, end := range ends {
		if end.Compare(s.end) > 0 {
			s.end = end
		}
	}
	return err
}

// more appends one round.
func (s *seed) more(ctx context.Context) error {
	n, end, err := s.round(ctx, s.rounds)
	if err != nil {
		return err
	}
	s.rounds, s.events, s.end = s.rounds+1, s.events+n, end
	return nil
}

// round appends the records of one round.
func (s *seed) round(ctx context.Context, n int) (events int, end domain.Position, err error) {
	write := func(stream string, facts []domain.Event) error {
		done, err := s.log.Append(ctx, stream, commands.NoStream, s.envelop(facts))
		events, end = events+len(facts), done.Position
		return err
	}
	for i := range customersPerRound {
		err = errors.Join(err, s.customer(n*customersPerRound+i, write))
	}
	for i := range dealsPerRound {
		err = errors.Join(err, s.deal(n*dealsPerRound+i, write))
	}
	for i := range ticketsPerRound {
		err = errors.Join(err, s.ticket(n*ticketsPerRound+i, write))
	}
	return events, end, err
}

func (s *seed) envelop(facts []domain.Event) []domain.NewEvent {
	cause := uuid.NewString()
	events := make([]domain.NewEvent, len(facts))
	for i, fact := range facts {
		events[i] = domain.NewEvent{ID: uuid.NewString(), Event: fact, Meta: metaOf(cause)}
	}
	return events
}

// metaOf is the metadata of an event as a command writes it.
func metaOf(cause string) domain.Meta {
	return domain.Meta{
		CorrelationID: cause, CausationID: cause, Command: "seed", PolicyVersion: 1,
		Actor: domain.Actor{ID: "bench", Role: "application"}, OccurredAt: domain.Instant(time.Now()),
	}
}

// filled grows the log and waits until every query sees all of it.
func (b *bench) filled(ctx context.Context, events int) error {
	if b.seed.events < events {
		if err := b.seed.grow(ctx, events); err != nil {
			return fmt.Errorf("fill the log: %w", err)
		}
	}
	return b.reached(ctx, b.seed.end)
}

// reached waits until the server's lists have taken in position.
func (b *bench) reached(ctx context.Context, position domain.Position) error {
	return b.answered(ctx, position, "/v1/queries/customers?limit=1", "/v1/queries/deals?limit=1", "/v1/queries/tickets?limit=1")
}

// everywhere waits until all read models have: a metric may be made of any.
func (b *bench) everywhere(ctx context.Context, position domain.Position) error {
	return b.answered(ctx, position, "/v1/queries/metrics/win_rate?period=whole")
}

// answered asks until all queries are answered as of position.
func (b *bench) answered(ctx context.Context, position domain.Position, queries ...string) error {
	c, err := dial(ctx, b.config.Server)
	if err != nil {
		return err
	}
	defer c.close()
	for _, query := range queries {
		request := b.requests.get(query + "&min_position=" + url.QueryEscape(position.String()))
		for {
			_, err := c.do(request)
			if err == nil {
				break
			}
			var refused *refusal
			if !errors.As(err, &refused) || refused.status != 503 || ctx.Err() != nil {
				return err
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return nil
}
