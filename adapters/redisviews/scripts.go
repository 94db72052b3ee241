package redisviews

import (
	"context"
	"errors"
	"strings"

	"github.com/redis/go-redis/v9"
)

// counting is a script that counts the values of sets up to bounds, which ascend.
// Redis takes longer to read a command, and we to write it, than it takes to
// count. Where as many are up to one bound as up to a later one, or none up to a
// later one, nothing is counted in between.
const counting = `
local counts, n, set = {}, 0, nil
local function between(fewest, from, most, to)
  if fewest == most then
    for i = n + from + 1, n + to - 1 do counts[i] = most end
  elseif to - from > 1 then
    local half = math.floor((from + to) / 2)
    local count = redis.call('ZCOUNT', set, '-inf', ARGV[half])
    counts[n + half] = count
    between(fewest, from, count, half)
    between(count, half, most, to)
  end
end
for _, key in ipairs(KEYS) do
  set = key
  local most = redis.call('ZCOUNT', set, '-inf', ARGV[#ARGV])
  counts[n + #ARGV] = most
  between(0, 0, most, #ARGV)
  n = n + #ARGV
end
return counts`

// following is a script that finds the least value greater than one in any of the
// sets; it answers with none if there is none.
const following = `
local least
for _, set in ipairs(KEYS) do
  local value = tonumber(redis.call('ZRANGEBYSCORE', set, '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, 1)[2])
  if value and not (least and least <= value) then least = value end
end
return {least}`

// How much one script looks up: at most so much that Redis answers nobody else for
// half a millisecond, a whole one on a busy machine; and what is counted not so
// little that scripts cost more than the commands, as in a search, which takes many.
const (
	scriptMost  = 1024
	scriptLeast = 256
)

// asker queues what is asked in one round.
type asker struct {
	queue   func(args ...any) *redis.Cmd
	script  func(script string, keys []string, args ...any) *redis.Cmd // nil: Redis takes none
	samples string                                                     // prefix of sets
}

// asker asks in pipe.
func (r *rounds) asker(ctx context.Context, pipe *reads) asker {
	a := asker{samples: r.prefix + "s:"}
	a.queue = func(args ...any) *redis.Cmd { return pipe.Do(ctx, args...) }
	if !r.store.unscripted.Load() {
		a.script = func(script string, keys []string, args ...any) *redis.Cmd {
			return pipe.EvalRO(ctx, script, keys, args...)
		}
	}
	return a
}

// keys are those of sets of samples.
func (a asker) keys(sets []string) []string {
	keys := make([]string, len(sets))
	for i, set := range sets {
		keys[i] = a.samples + set
	}
	return keys
}

// ask queues a command about a set of samples.
func (a asker) ask(command, set string, args ...any) *redis.Cmd {
	return a.queue(append([]any{command, a.samples + set}, args...)...)
}

// refused tells whether an error is that of a server that takes no scripts: the
// embedded one, or one whose user may not run them. In a transaction it does not
// say what it was that it refused.
func refused(err error) bool {
	reply := redis.Error(nil)
	if !errors.As(err, &reply) {
		return false
	}
	text := reply.Error()
	return strings.HasPrefix(text, "ERR unknown command") || strings.HasPrefix(text, "NOPERM ") || strings.HasPrefix(text, "EXECABORT ")
}
