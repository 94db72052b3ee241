package redisviews_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// naming counts commands by their name.
type naming struct {
	counting
	commands map[string]int
}

func (n *naming) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		for _, cmd := range cmds {
			n.commands[cmd.Name()]++
		}
		return next(ctx, cmds)
	}
}

// crowd is stays in many parts, some of which nobody comes to before the others
// are gone, and all of whose instants lie in the first days.
func crowd(parts int) (facts []projectionstest.Fact, instants []time.Time) {
	random, begin := rand.New(rand.NewPCG(7, 7)), time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range 5 * parts {
		s := projectionstest.Stay{Part: fmt.Sprint(i % parts), From: begin.Add(time.Duration(i%parts/50) * 24 * time.Hour).Add(time.Duration(random.IntN(20)) * time.Hour)}
		if i%3 > 0 {
			s.To = s.From.Add(time.Duration(1+random.IntN(50)) * time.Hour)
		}
		facts = append(facts, projectionstest.Fact{Stream: fmt.Sprint("stay-", i), Event: s})
	}
	for i := range 31 {
		instants = append(instants, begin.Add(time.Duration((i-3)*7)*time.Hour))
	}
	return facts, instants
}

// Who was in each of many parts at many instants is counted by few commands where
// Redis runs scripts, and is the same where it does not.
func TestManyPartsAtManyInstants(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			m, hook, reading := projectionstest.Stays(), &naming{commands: map[string]int{}}, client(t, url)
			facts, instants := crowd(300)
			events := projectionstest.History(facts...)
			plain := projectionstest.NewMemory()
			take(t, redisviews.New(client(t, url), redisviews.Config{}), m, projections.Mark{}, events...)
			take(t, plain, m, projections.Mark{}, events...)
			reading.AddHook(hook)
			s := redisviews.New(reading, redisviews.Config{ReadTimeout: time.Minute})
			for _, at := range [][]time.Time{instants, instants[:1], instants[30:], {instants[9], instants[4], instants[9]}, nil} {
				clear(hook.commands)
				ask := projections.Ask{States: []projections.States{{Name: "there", At: at}}}
				want, err := plain.Figures(t.Context(), m, ask)
				require.NoError(t, err)
				got, err := s.Figures(t.Context(), m, ask)
				require.NoError(t, err)
				require.Equal(t, present(want), present(got), "%d instants", len(at))
				if name == "redis" || name == "cluster" {
					assert.Zero(t, hook.commands["zcount"])
					assert.LessOrEqual(t, hook.commands["eval_ro"], 1+600*len(at)/900, "so many at once that Redis does not stand still")
				}
			}
		})
	}
}

// Whoever may not run scripts is told the same.
func TestWhoMayNotRunScripts(t *testing.T) {
	single, cluster := redistest.Start(t), redistest.StartCluster(t)
	for name, urls := range map[string][2]string{
		"redis":   {single, strings.Replace(single, "://", "://plain:secret@", 1)},
		"cluster": {cluster, strings.Replace(cluster, "://", "://plain:secret@", 1)},
	} {
		t.Run(name, func(t *testing.T) {
			admin := client(t, urls[0])
			require.NoError(t, admin.Do(t.Context(), "ACL", "SETUSER", "plain", "on", ">secret", "~*", "+@all", "-@scripting").Err())
			reading := client(t, urls[1])
			require.ErrorContains(t, reading.EvalRO(t.Context(), "return 1", []string{"a"}).Err(), "NOPERM")
			events := projectionstest.Business(60, 5)
			kept, plain := newAsking(redisviews.New(client(t, urls[0]), redisviews.Config{})), newAsking(projectionstest.NewMemory())
			kept.takeIn(t, events)
			plain.takeIn(t, events)
			clock := func() time.Time { return events[len(events)-1].RecordedAt.Add(36 * time.Hour) }
			published := policyOf(events)
			got := projections.Metrics{Views: redisviews.New(reading, redisviews.Config{ReadTimeout: time.Minute}), Policy: published, Now: clock}
			want := projections.Metrics{Views: plain, Policy: published, Now: clock}
			for _, q := range passing() {
				expected, err := want.Read(t.Context(), q.metric, q.filter)
				require.NoError(t, err)
				answer, err := got.Read(t.Context(), q.metric, q.filter)
				require.NoError(t, err)
				assert.Equal(t, expected, answer, "%+v", q)
			}
		})
	}
}
