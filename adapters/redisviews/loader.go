package redisviews

import (
	"context"
	"encoding/json"
	"fmt"
	"iter"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// loadAtOnce bounds one MGET, so that a reply never gets absurdly long.
const loadAtOnce = 2000

type loader struct {
	store  *Store
	prefix string
}

// Loader reads back what this very version of m holds, served or not.
func (s *Store) Loader(m projections.Model) projections.Loader {
	return loader{s, s.prefix(m)}
}

// Documents returns the stored documents of ids, nil where there is none.
func (l loader) Documents(ctx context.Context, ids []string) ([][]byte, error) {
	documents := make([][]byte, 0, len(ids))
	for some := range slices.Chunk(ids, loadAtOnce) {
		keys := make([]string, len(some))
		for i, id := range some {
			keys[i] = l.prefix + "d:" + id
		}
		values, err := l.store.mget(ctx, "load documents", keys)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			documents = append(documents, text(v))
		}
	}
	return documents, nil
}

// Each yields every stored document. Only the one who commits to the version
// may rely on it: what is committed meanwhile may be left out.
func (l loader) Each(ctx context.Context) iter.Seq2[projections.Stored, error] {
	return func(yield func(projections.Stored, error) bool) {
		node := redis.Cmdable(l.store.client)
		if cluster, ok := l.store.client.(*redis.ClusterClient); ok {
			master, err := cluster.MasterForKey(ctx, l.prefix)
			if err != nil {
				yield(projections.Stored{}, failed(ctx, "read all documents", err))
				return
			}
			node = master
		}
		keys := node.Scan(ctx, 0, globEscape(l.prefix+"d:")+"*", loadAtOnce).Iterator()
		var some []string
		seen := map[string]bool{} // a scan may come by a key twice
		for keys.Next(ctx) {
			id := strings.TrimPrefix(keys.Val(), l.prefix+"d:")
			if seen[id] {
				continue
			}
			seen[id] = true
			if some = append(some, id); len(some) == loadAtOnce {
				if !l.yield(ctx, some, yield) {
					return
				}
				some = some[:0]
			}
		}
		if err := keys.Err(); err != nil {
			yield(projections.Stored{}, failed(ctx, "read all documents", err))
			return
		}
		l.yield(ctx, some, yield)
	}
}

func (l loader) yield(ctx context.Context, ids []string, yield func(projections.Stored, error) bool) bool {
	documents, err := l.Documents(ctx, ids)
	if err != nil {
		return yield(projections.Stored{}, err) && false
	}
	for i, text := range documents {
		if text != nil && !yield(projections.Stored{ID: ids[i], Text: text}, nil) {
			return false
		}
	}
	return true
}

// Parked lists the streams that have parked events.
func (l loader) Parked(ctx context.Context) ([]string, error) {
	ctx, cancel := context.WithTimeout(ctx, l.store.config.ReadTimeout)
	defer cancel()
	streams, err := l.store.client.HKeys(ctx, l.prefix+"parked").Result()
	return streams, failed(ctx, "list parked streams", err)
}

// Marks tells how far each version has come; one never built is at the start.
func (s *Store) Marks(ctx context.Context, models ...projections.Model) ([]projections.Mark, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	pipe := s.client.Pipeline()
	for _, m := range models {
		pipe.Get(ctx, s.prefix(m)+"position")
	}
	replies, _ := pipe.Exec(ctx) // errors are looked at one by one: a missing key counts as one here
	marks := make([]projections.Mark, len(models))
	for i, reply := range replies {
		if err := failed(ctx, "read position", reply.Err()); err != nil {
			return nil, err
		}
		var err error
		if marks[i], err = projections.ParseMark(stringReply(reply)); err != nil {
			return nil, fmt.Errorf("%s: %w", models[i].Prefix(), err)
		}
	}
	return marks, nil
}

// Parked lists the parked events of a version, by stream and in order.
func (s *Store) Parked(ctx context.Context, m projections.Model) ([]projections.Parked, error) {
	streams, err := loader{s, s.prefix(m)}.Parked(ctx)
	if err != nil || len(streams) == 0 {
		return nil, err
	}
	slices.Sort(streams)
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	var all []projections.Parked
	for _, stream := range streams {
		entries, err := s.client.LRange(ctx, s.prefix(m)+"parked:"+stream, 0, -1).Result()
		if err := failed(ctx, "read parked events", err); err != nil {
			return nil, err
		}
		for _, entry := range entries {
			var p projections.Parked
			if err := json.Unmarshal([]byte(entry), &p); err != nil {
				return nil, fmt.Errorf("parked event of %s: %w", stream, err)
			}
			all = append(all, p)
		}
	}
	return all, nil
}

// mget reads keys of one slot.
func (s *Store) mget(ctx context.Context, doing string, keys []string) ([]any, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	values, err := s.client.MGet(ctx, keys...).Result()
	return values, failed(ctx, doing, err)
}

func text(reply any) []byte {
	if v, ok := reply.(string); ok {
		return []byte(v)
	}
	return nil
}

// stringReply is the reply as text; empty if the key is missing.
func stringReply(reply interface{ String() string }) string {
	if v, ok := reply.(interface{ Val() string }); ok {
		return v.Val()
	}
	return ""
}
