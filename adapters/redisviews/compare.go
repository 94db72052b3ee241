package redisviews

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

const (
	compareDocuments = 1000 // read from each build at a time
	compareKeys      = 200  // indexes, sets or groups at a time
	compareMembers   = 100  // of each of those; whoever has more is gone through alone
	compareMore      = 5000 // then at a time
	compareAttempts  = 200  // to find both builds at one position, some ten seconds
)

// compared is two builds on their way to be compared.
type compared struct {
	*Store
	served, built projections.Model
	found         projections.Comparer
	at            projections.Mark
}

// Compare holds two builds of a read model against each other, piece by piece,
// each piece as of one position. Both go on meanwhile, and must: it fails with
// ErrUnsteady if they cannot be found at the same position.
func (s *Store) Compare(ctx context.Context, served, built projections.Model) (projections.Comparison, error) {
	c := &compared{Store: s, served: served, built: built}
	for _, part := range []func(context.Context) error{c.documents, c.counts, c.indexes, c.samples} {
		if err := part(ctx); err != nil {
			return projections.Comparison{}, fmt.Errorf("compare %s with %s: %w", served.Prefix(), built.Prefix(), err)
		}
	}
	return c.found.Result(served, built, c.at.Position), nil
}

// both queues the same reads for each build and runs them once they show one
// position. Ask is called with the prefix of the served build first.
func (c *compared) both(ctx context.Context, ask func(pipe redis.Pipeliner, prefix string, side int)) error {
	for attempt := range compareAttempts {
		marks, err := c.bothOnce(ctx, ask)
		if err != nil {
			return err
		}
		if marks[0].Position == marks[1].Position {
			c.at = marks[0]
			return nil
		}
		select {
		case <-time.After(min(time.Duration(attempt+1)*time.Millisecond, 100*time.Millisecond)):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return projections.ErrUnsteady
}

// bothOnce is one attempt. Each build is read in one transaction with its mark;
// on a single node both are one, on a cluster they lie in different slots.
func (c *compared) bothOnce(ctx context.Context, ask func(redis.Pipeliner, string, int)) (marks [2]projections.Mark, err error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.CommitTimeout)
	defer cancel()
	var where [2]*redis.SliceCmd
	pipe := c.client.TxPipeline()
	for side, m := range []projections.Model{c.served, c.built} {
		where[side] = pipe.MGet(ctx, c.prefix(m)+"position")
		ask(pipe, c.prefix(m), side)
		if c.cluster || side == 1 {
			if _, err := pipe.Exec(ctx); failed(ctx, "compare", err) != nil {
				return marks, failed(ctx, "compare", err)
			}
			pipe = c.client.TxPipeline()
		}
	}
	for side := range where {
		if marks[side], err = projections.ParseMark(string(text(where[side].Val()[0]))); err != nil {
			return marks, err
		}
	}
	return marks, nil
}

// names lists what keys of both builds have behind their prefix and kind, each
// once, in pieces.
func (c *compared) names(ctx context.Context, kind string, atOnce int, take func([]string) error) error {
	seed, seen := maphash.MakeSeed(), map[uint64]bool{} // hashes: there may be millions
	var some []string
	for _, m := range []projections.Model{c.served, c.built} {
		prefix := c.prefix(m) + kind
		node, err := c.node(ctx, prefix)
		if err != nil {
			return err
		}
		keys := node.Scan(ctx, 0, globEscape(prefix)+"*", dropAtOnce).Iterator()
		for keys.Next(ctx) {
			name := keys.Val()[len(prefix):]
			sum := maphash.String(seed, name)
			if seen[sum] {
				continue
			}
			seen[sum] = true
			if some = append(some, name); len(some) == atOnce {
				if err := take(some); err != nil {
					return err
				}
				some = some[:0]
			}
		}
		if err := failed(ctx, "compare", keys.Err()); err != nil {
			return err
		}
	}
	if len(some) == 0 {
		return nil
	}
	return take(some)
}

// node is where all keys of a build are.
func (c *compared) node(ctx context.Context, key string) (redis.Cmdable, error) {
	if cluster, ok := c.client.(*redis.ClusterClient); ok {
		node, err := cluster.MasterForKey(ctx, key)
		return node, failed(ctx, "compare", err)
	}
	return c.client, nil
}

func (c *compared) documents(ctx context.Context) error {
	return c.names(ctx, "d:", compareDocuments, func(ids []string) error {
		var texts [2]*redis.SliceCmd
		err := c.both(ctx, func(pipe redis.Pipeliner, prefix string, side int) {
			keys := make([]string, len(ids))
			for i, id := range ids {
				keys[i] = prefix + "d:" + id
			}
			texts[side] = pipe.MGet(ctx, keys...)
		})
		if err != nil {
			return err
		}
		for i, id := range ids {
			if err := c.found.Document(id, text(texts[0].Val()[i]), text(texts[1].Val()[i])); err != nil {
				return fmt.Errorf("document %s: %w", id, err)
			}
		}
		return nil
	})
}

func (c *compared) counts(ctx context.Context) error {
	return c.names(ctx, "c:", compareKeys, func(groups []string) error {
		all := make([][2]*redis.MapStringStringCmd, len(groups))
		err := c.both(ctx, func(pipe redis.Pipeliner, prefix string, side int) {
			for i, group := range groups {
				all[i][side] = pipe.HGetAll(ctx, prefix+"c:"+group)
			}
		})
		if err != nil {
			return err
		}
		for i, group := range groups {
			served, one := numbers(all[i][0].Val())
			built, two := numbers(all[i][1].Val())
			if err := errors.Join(one, two); err != nil {
				return fmt.Errorf("counts %s: %w", group, err)
			}
			fields := map[string]bool{}
			for field := range served {
				fields[field] = true
			}
			for field := range built {
				fields[field] = true
			}
			for _, field := range sorted(fields) {
				c.found.Count(group, field, served[field], built[field])
			}
		}
		return nil
	})
}

func sorted(set map[string]bool) []string {
	all := make([]string, 0, len(set))
	for name := range set {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}
