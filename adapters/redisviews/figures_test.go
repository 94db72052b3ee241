package redisviews_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// counting counts round trips, but not those that a new connection begins with.
type counting struct{ trips atomic.Int64 }

func (c *counting) DialHook(next redis.DialHook) redis.DialHook {
	return func(ctx context.Context, network, addr string) (net.Conn, error) { return next(ctx, network, addr) }
}

func (c *counting) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.count(cmd)
		return next(ctx, cmd)
	}
}

func (c *counting) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		c.count(cmds[0])
		return next(ctx, cmds)
	}
}

func (c *counting) count(first redis.Cmder) {
	switch strings.ToLower(first.Name()) {
	case "hello", "client", "cluster", "command":
	default:
		c.trips.Add(1)
	}
}

func (c *counting) take() int64 { return c.trips.Swap(0) }

// A dashboard costs one round trip while nothing changes and two while
// something does, however many owners there are, and is right every time.
func TestRoundTripsOfADashboard(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			writer, reading := redisviews.New(client(t, url), redisviews.Config{}), client(t, url)
			hook := &counting{}
			reading.AddHook(hook)
			reader := redisviews.New(reading, redisviews.Config{ServedFor: time.Hour})
			sales := projections.Sales{Views: reader}

			m, mark := projections.DealModel, projections.Mark{}
			folder := m.Folder(writer.Loader(m))
			var facts []projectionstest.Fact
			for i := range 12 {
				id, currency := projectionstest.JobID(i), []string{"CNY", "EUR"}[i/4%2]
				facts = append(facts,
					projectionstest.Fact{Stream: "deal-" + id, Event: deal.Opened{
						DealID: id, Owner: "owner" + id[len(id)-1:], Amount: domain.Money{Minor: 100, Currency: currency}, Stage: "lead", OpenedOn: "2024-05-01",
					}},
					projectionstest.Fact{Stream: "deal-" + id, Event: deal.Won{
						DealID: id, Amount: domain.Money{Minor: int64(100 * i), Currency: currency}, OpenedOn: "2024-05-01", ClosedOn: "2024-05-31", CycleDays: int64(i * i),
					}})
			}
			events := projectionstest.History(facts...)
			for i, e := range events {
				changes, err := folder.Fold(t.Context(), []domain.Recorded{e})
				require.NoError(t, err)
				next := mark.At(e.Position)
				require.NoError(t, writer.Commit(t.Context(), projections.Commit{Model: m, From: mark, To: next, Changes: changes}))
				if mark = next; i == 0 {
					require.NoError(t, writer.Serve(t.Context(), m, projections.Mark{}))
				}
				_, err = reader.Document(t.Context(), m, "which build is served is known then, for a while")
				require.NoError(t, err)
				hook.take()
				got, err := sales.Dashboard(t.Context(), projections.ByOwner)
				require.NoError(t, err)
				if trips := hook.take(); i == 1 {
					assert.LessOrEqual(t, trips, int64(3), "changing begins")
				} else {
					assert.LessOrEqual(t, trips, int64(2), "event %d", i)
				}
				want, err := projections.Sales{Views: projectionstest.Folded(t, m, events[:i+1]...)}.Dashboard(t.Context(), projections.ByOwner)
				require.NoError(t, err)
				assert.Equal(t, want, got)
			}
			_, err := sales.Dashboard(t.Context(), projections.ByOwner)
			require.NoError(t, err)
			hook.take()
			_, err = sales.Dashboard(t.Context(), projections.ByOwner)
			require.NoError(t, err)
			assert.LessOrEqual(t, hook.take(), int64(1), "nothing has changed")
		})
	}
}
