package redisviews

import (
	"context"
	"slices"

	"github.com/redis/go-redis/v9"
)

func (c *compared) indexes(ctx context.Context) error {
	return c.names(ctx, "i:", compareKeys, func(names []string) error {
		all := make([][2]*redis.StringSliceCmd, len(names))
		err := c.both(ctx, func(pipe redis.Pipeliner, prefix string, side int) {
			for i, name := range names {
				all[i][side] = pipe.ZRangeByLex(ctx, prefix+"i:"+name, &redis.ZRangeBy{Min: "-", Max: "+", Count: compareMembers})
			}
		})
		if err != nil {
			return err
		}
		for i, name := range names {
			more, after := c.stretch(name, compareMembers, all[i][0].Val(), all[i][1].Val())
			if more {
				if err := c.longIndex(ctx, name, after); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// longIndex goes on with an index behind a member.
func (c *compared) longIndex(ctx context.Context, name, after string) error {
	for more := true; more; {
		var members [2]*redis.StringSliceCmd
		err := c.both(ctx, func(pipe redis.Pipeliner, prefix string, side int) {
			members[side] = pipe.ZRangeByLex(ctx, prefix+"i:"+name, &redis.ZRangeBy{Min: "(" + after, Max: "+", Count: compareMore})
		})
		if err != nil {
			return err
		}
		more, after = c.stretch(name, compareMore, members[0].Val(), members[1].Val())
	}
	return nil
}

// stretch compares the members of an index as far as both sides were read, of
// which each was asked for so many. It tells whether there may be more behind
// the last that was compared.
func (c *compared) stretch(name string, asked int, served, built []string) (more bool, after string) {
	for _, side := range [][]string{served, built} {
		if len(side) == asked && (!more || side[asked-1] < after) {
			more, after = true, side[asked-1]
		}
	}
	for len(served)+len(built) > 0 {
		var member string
		inServed := len(served) > 0 && (len(built) == 0 || served[0] <= built[0])
		inBuilt := len(built) > 0 && (len(served) == 0 || built[0] <= served[0])
		if inServed {
			member, served = served[0], served[1:]
		}
		if inBuilt {
			member, built = built[0], built[1:]
		}
		if more && member > after {
			break
		}
		c.found.Member(name, member, inServed, inBuilt)
	}
	return more, after
}

func (c *compared) samples(ctx context.Context) error {
	return c.names(ctx, "s:", compareKeys, func(names []string) error {
		all := make([][2]*redis.ZSliceCmd, len(names))
		err := c.both(ctx, func(pipe redis.Pipeliner, prefix string, side int) {
			for i, name := range names {
				all[i][side] = pipe.ZRangeWithScores(ctx, prefix+"s:"+name, 0, compareMembers-1)
			}
		})
		if err != nil {
			return err
		}
		for i, name := range names {
			served, built := all[i][0].Val(), all[i][1].Val()
			if len(served) < compareMembers && len(built) < compareMembers {
				c.values(name, served, built)
			} else if err := c.longSet(ctx, name); err != nil {
				return err
			}
		}
		return nil
	})
}

// longSet goes through a set by rank. As long as both builds hold the same at
// the same ranks nothing differs; otherwise it is read whole, because what is
// missing on one side moves all ranks behind it.
func (c *compared) longSet(ctx context.Context, name string) error {
	var same int64
	for from := int64(0); ; from += compareMore {
		served, built, err := c.ranks(ctx, name, from, from+compareMore-1)
		if err != nil {
			return err
		}
		if !slices.Equal(served, built) {
			if served, built, err = c.ranks(ctx, name, 0, -1); err != nil {
				return err
			}
			c.values(name, served, built)
			return nil
		}
		same += int64(len(served))
		if len(served) < compareMore {
			c.found.SameSamples(same)
			return nil
		}
	}
}

func (c *compared) ranks(ctx context.Context, name string, from, to int64) (served, built []redis.Z, err error) {
	var values [2]*redis.ZSliceCmd
	err = c.both(ctx, func(pipe redis.Pipeliner, prefix string, side int) {
		values[side] = pipe.ZRangeWithScores(ctx, prefix+"s:"+name, from, to)
	})
	if err != nil {
		return nil, nil, err
	}
	return values[0].Val(), values[1].Val(), nil
}

// values compares the values of all documents in a set.
func (c *compared) values(name string, served, built []redis.Z) {
	was, is := byID(served), byID(built)
	for _, z := range served {
		id, _ := z.Member.(string)
		c.found.Sample(name, id, was[id], is[id])
	}
	for _, z := range built {
		id, _ := z.Member.(string)
		if was[id] == nil {
			c.found.Sample(name, id, nil, is[id])
		}
	}
}

func byID(values []redis.Z) map[string]*int64 {
	all := make(map[string]*int64, len(values))
	for _, z := range values {
		id, _ := z.Member.(string)
		value := int64(z.Score)
		all[id] = &value
	}
	return all
}
