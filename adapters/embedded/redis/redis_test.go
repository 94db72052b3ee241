package redis_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/embedded/redis"
	"github.com/annals-crm/annals/adapters/redisviews/redistest"
)

func started(tb testing.TB) *goredis.Client {
	tb.Helper()
	server, err := redis.Start()
	require.NoError(tb, err)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr()})
	tb.Cleanup(func() {
		_ = client.Close()
		server.Close()
	})
	return client
}

// outcome is a reply in a form that compares: what has no order is put in one.
func outcome(name string, reply any, err error) string {
	if err != nil {
		return "error " + err.Error()
	}
	if items, ok := reply.([]any); ok {
		switch name {
		case "hkeys":
			slices.SortFunc(items, func(a, b any) int { return compareText(a, b) })
		case "scan":
			if keys, ok := items[1].([]any); ok {
				slices.SortFunc(keys, compareText)
			}
		}
	}
	return fmt.Sprint(reply)
}

func compareText(a, b any) int {
	return slices.Compare([]byte(fmt.Sprint(a)), []byte(fmt.Sprint(b)))
}

// TestLikeRedis sends the same random commands here and to a real server.
func TestLikeRedis(t *testing.T) {
	options, err := goredis.ParseURL(redistest.Start(t))
	require.NoError(t, err)
	options.Protocol = 2
	real := goredis.NewClient(options)
	defer real.Close() //nolint:errcheck // nothing to lose
	for seed := range uint64(10) {
		ours := started(t)
		require.NoError(t, real.FlushAll(t.Context()).Err())
		random := rand.New(rand.NewPCG(seed, 7)) //nolint:gosec // a test wants the same numbers again
		for range 1500 {
			args := command(random)
			want, wantErr := real.Do(t.Context(), args...).Result()
			got, gotErr := ours.Do(t.Context(), args...).Result()
			name := args[0].(string) //nolint:errcheck // it is one
			require.Equal(t, outcome(name, want, wantErr), outcome(name, got, gotErr), "%q", args)
		}
		assert.Equal(t, real.DBSize(t.Context()).Val(), ours.DBSize(t.Context()).Val())
		for _, key := range []string{"h1", "h2"} {
			assert.Equal(t, real.HGetAll(t.Context(), key).Val(), ours.HGetAll(t.Context(), key).Val())
		}
	}
}

// command is a random command over few keys, so that they collide in every way.
func command(random *rand.Rand) []any {
	pick := func(of ...any) any { return of[random.IntN(len(of))] }
	key := func(kind string) any { // now and then one of another kind
		return pick(kind+"1", kind+"2", kind+"1", kind+"2", kind+"1", kind+"2", kind+"1", "s1", "h1", "z1", "l1")
	}
	number := func() any { return random.IntN(9) - 4 }
	word := func() any { return fmt.Sprintf("%c%d", 'a'+random.IntN(4), random.IntN(40)) }
	low, high := pick("-", "(a1", "[b", "(b22", "[c3", "+"), pick("+", "[d", "(c30", "[b2", "(a", "-")
	by := pick(0, 0, 0, number())
	switch random.IntN(24) {
	case 0:
		return []any{"set", key("s"), word()}
	case 1:
		return []any{"mset", "s1", word(), "s2", ""}
	case 2:
		return []any{"mget", key("s"), key("s"), "none"}
	case 3:
		return []any{"del", key("s"), key("z"), "none"}
	case 4:
		return []any{"exists", key("s"), key("h"), "none"}
	case 5:
		return []any{"hincrby", key("h"), word(), number()}
	case 6:
		return []any{"hset", key("h"), word(), pick("5", "x"), word(), "7"}
	case 7:
		return []any{"hget", key("h"), word()}
	case 8:
		return []any{"hdel", key("h"), word(), word(), word()}
	case 9:
		return []any{"hkeys", key("h")}
	case 10, 11:
		return []any{"zadd", key("z"), 0, word(), 0, word(), 0, word()}
	case 12:
		return []any{"zadd", "z3", pick(number(), "1.5", "x"), word(), number(), word()}
	case 13:
		return []any{"zrem", pick(key("z"), "z3"), word(), word(), word(), word()}
	case 14:
		return []any{"zcard", pick(key("z"), "z3")}
	case 15:
		return []any{"zrange", pick(key("z"), "z3"), number(), number(), "withscores"}
	case 16:
		return []any{"zrange", key("z"), number(), number()}
	case 17:
		return []any{"zrangebylex", key("z"), low, high, "limit", random.IntN(3), pick(-1, 2, 5, 100)}
	case 18:
		return []any{"zrevrangebylex", key("z"), high, low, "limit", random.IntN(3), pick(-1, 2, 5, 100)}
	case 19:
		return []any{"rpush", key("l"), word(), word()}
	case 20:
		return []any{pick("lrange", "lrange", "ltrim"), key("l"), number(), number()}
	case 21:
		bound := func() any { return pick("-inf", "+inf", number(), fmt.Sprintf("(%d", number()), "1.5", "x") }
		return []any{"zcount", pick(key("z"), "z3"), bound(), bound()}
	case 22:
		bound := func() any { return pick("-inf", "+inf", number(), fmt.Sprintf("(%d", number()), "1.5", "x") }
		if random.IntN(3) == 0 {
			return []any{"zrangebyscore", pick(key("z"), "z3"), bound(), bound()}
		}
		return []any{"zrangebyscore", pick(key("z"), "z3"), bound(), bound(), "withscores", "limit", number(), number()}
	default:
		return []any{pick("get", "ttl", "zcard").(string), pick("none", key("s"), by)} //nolint:errcheck // it is one
	}
}

func TestManyMembersStayInOrder(t *testing.T) {
	client := started(t)
	random := rand.New(rand.NewPCG(1, 1)) //nolint:gosec // a test wants the same numbers again
	want := map[string]bool{}
	for range 300 {
		pipe := client.Pipeline()
		for range 50 {
			member := fmt.Sprintf("%05d", random.IntN(4000))
			if random.IntN(3) == 0 {
				pipe.ZRem(t.Context(), "z", member)
				delete(want, member)
			} else {
				pipe.ZAdd(t.Context(), "z", goredis.Z{Member: member})
				want[member] = true
			}
		}
		_, err := pipe.Exec(t.Context())
		require.NoError(t, err)
	}
	sorted := make([]string, 0, len(want))
	for member := range want {
		sorted = append(sorted, member)
	}
	slices.Sort(sorted)
	assert.Equal(t, sorted, client.ZRange(t.Context(), "z", 0, -1).Val())
	for _, i := range []int{0, 1, len(sorted) / 2, len(sorted) - 1} {
		assert.Equal(t, sorted[i:i+1], client.ZRange(t.Context(), "z", int64(i), int64(i)).Val())
		from, err := client.Do(t.Context(), "zrangebylex", "z", "["+sorted[i], "+", "limit", 0, 3).StringSlice()
		require.NoError(t, err)
		assert.Equal(t, sorted[i:min(i+3, len(sorted))], from)
	}
}

func TestTransactions(t *testing.T) {
	client := started(t)
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			for range 50 {
				for {
					err := client.Watch(t.Context(), func(tx *goredis.Tx) error {
						n, err := tx.Get(t.Context(), "n").Int()
						if err != nil && !errors.Is(err, goredis.Nil) {
							return err //nolint:wrapcheck // told below
						}
						_, err = tx.TxPipelined(t.Context(), func(pipe goredis.Pipeliner) error {
							pipe.Set(t.Context(), "n", n+1, 0)
							pipe.HIncrBy(t.Context(), "h", "n", 1)
							return nil
						})
						return err //nolint:wrapcheck // told below
					}, "n")
					if err == nil {
						break
					}
					assert.ErrorIs(t, err, goredis.TxFailedErr)
				}
			}
		})
	}
	writers.Wait()
	assert.Equal(t, "400", client.Get(t.Context(), "n").Val())
	assert.Equal(t, "400", client.HGet(t.Context(), "h", "n").Val())
}

func TestRefusedCommandSpoilsTheTransaction(t *testing.T) {
	client := started(t)
	pipe := client.TxPipeline()
	pipe.Set(t.Context(), "k", 1, 0)
	pipe.Do(t.Context(), "nonsense")
	_, err := pipe.Exec(t.Context())
	require.Error(t, err)
	assert.Zero(t, client.Exists(t.Context(), "k").Val())
}

func TestFlushSpoilsAWatch(t *testing.T) {
	client := started(t)
	require.NoError(t, client.Set(t.Context(), "k", 1, 0).Err())
	err := client.Watch(t.Context(), func(tx *goredis.Tx) error {
		require.NoError(t, client.FlushAll(t.Context()).Err())
		_, err := tx.TxPipelined(t.Context(), func(pipe goredis.Pipeliner) error {
			pipe.Set(t.Context(), "k", 2, 0)
			return nil
		})
		return err //nolint:wrapcheck // told below
	}, "k")
	require.ErrorIs(t, err, goredis.TxFailedErr)
}

func TestExpiry(t *testing.T) {
	client := started(t)
	require.NoError(t, client.Set(t.Context(), "long", 1, time.Hour).Err())
	assert.Equal(t, time.Hour, client.TTL(t.Context(), "long").Val())
	require.NoError(t, client.Set(t.Context(), "short", 1, 5*time.Millisecond).Err())
	require.Eventually(t, func() bool { return client.Exists(t.Context(), "short").Val() == 0 }, 5*time.Second, time.Millisecond)
}

func TestNonsenseEndsTheConnection(t *testing.T) {
	server, err := redis.Start()
	require.NoError(t, err)
	defer server.Close()
	for _, nonsense := range []string{"GET / HTTP/1.1\r\n\r\n", "*1\r\n$-5\r\n", "*99999999999\r\n", "*1\r\n:5\r\n"} {
		conn, err := net.Dial("tcp", server.Addr()) //nolint:noctx // loopback
		require.NoError(t, err)
		_, err = conn.Write([]byte(nonsense))
		require.NoError(t, err)
		require.NoError(t, conn.SetReadDeadline(time.Now().Add(5*time.Second)))
		_, err = bufio.NewReader(conn).ReadByte()
		require.Error(t, err)
		assert.False(t, errors.Is(err, net.ErrClosed))
		_ = conn.Close()
	}
}

func TestCloseEndsConnections(t *testing.T) {
	server, err := redis.Start()
	require.NoError(t, err)
	client := goredis.NewClient(&goredis.Options{Addr: server.Addr(), MaxRetries: -1})
	defer client.Close() //nolint:errcheck // nothing to lose
	require.NoError(t, client.Ping(t.Context()).Err())
	server.Close()
	require.Error(t, client.Ping(t.Context()).Err())
	server.Close()
}
