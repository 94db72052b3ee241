package redisviews

import (
	"context"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// Document returns the JSON of one document, nil if there is none. It takes one
// round trip: the mark of completeness is read along, so that an emptied Redis
// never looks like a record that does not exist.
func (s *Store) Document(ctx context.Context, m projections.Model, id string) ([]byte, error) {
	var document []byte
	err := s.read(ctx, m, func(prefix string) (complete bool, err error) {
		values, err := s.mget(ctx, "read document", []string{prefix + "complete", prefix + "d:" + id})
		if err != nil {
			return false, err
		}
		document = text(values[1])
		return values[0] != nil, nil
	})
	return document, err
}

// read runs fn on the build to read, and again if that has gone meanwhile. In a
// steady context it is the build of the first read, or none.
func (s *Store) read(ctx context.Context, m projections.Model, fn func(prefix string) (complete bool, err error)) error {
	pins := projections.PinsOf(ctx)
	for range 3 {
		prefix, err := pins.Of(m.Name), error(nil)
		if prefix == "" {
			prefix, err = s.readPrefix(ctx, m)
		}
		if err != nil {
			return err
		}
		complete, err := fn(prefix)
		if err != nil {
			return err
		}
		if complete {
			if pins.Read(m.Name, prefix) {
				return nil
			}
			continue // another read of the same answer was faster, on another build
		}
		if pins.Of(m.Name) != "" {
			break
		}
		s.forgetServed(m.Name)
	}
	return projections.ErrBuilding.Because("the read model %s is being built from the log; try again shortly", m.Name)
}

// Scan returns the documents of one stretch of an index in two round trips.
func (s *Store) Scan(ctx context.Context, m projections.Model, scan projections.Scan) (projections.Scanned, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	var scanned projections.Scanned
	err := s.read(ctx, m, func(prefix string) (bool, error) {
		pipe := s.client.Pipeline()
		complete := pipe.Exists(ctx, prefix+"complete")
		total := pipe.ZCard(ctx, prefix+"i:"+scan.Index)
		members := stretches(ctx, pipe, prefix+"i:", scan)
		_, err := pipe.Exec(ctx)
		if err != nil {
			return false, failed(ctx, "read index", err)
		}
		scanned = projections.Scanned{Members: merged(members, scan), Total: total.Val()}
		if complete.Val() == 0 || len(scanned.Members) == 0 || scan.Bare {
			return complete.Val() == 1, nil
		}
		scanned.Documents, err = s.whole(ctx, prefix, ids(scanned.Members))
		return scanned.Documents != nil, err
	})
	return scanned, err
}

// whole returns the documents of ids, or nil if the build has gone meanwhile:
// documents that are missing for that reason are not to look deleted.
func (s *Store) whole(ctx context.Context, prefix string, ids []string) ([][]byte, error) {
	documents := make([][]byte, 0, len(ids))
	for some := range slices.Chunk(ids, loadAtOnce) {
		keys := make([]string, 1, 1+len(some))
		keys[0] = prefix + "complete"
		for _, id := range some {
			keys = append(keys, prefix+"d:"+id)
		}
		values, err := s.mget(ctx, "read documents", keys)
		if err != nil || values[0] == nil {
			return nil, err
		}
		for _, v := range values[1:] {
			documents = append(documents, text(v))
		}
	}
	return documents, nil
}

// stretches asks for the members of a scan, of each index that it is of.
func stretches(ctx context.Context, pipe redis.Pipeliner, prefix string, scan projections.Scan) []*redis.StringSliceCmd {
	if len(scan.Union) == 0 {
		return []*redis.StringSliceCmd{stretch(ctx, pipe, prefix+scan.Index, scan)}
	}
	all := make([]*redis.StringSliceCmd, len(scan.Union))
	for i, index := range scan.Union {
		all[i] = stretch(ctx, pipe, prefix+index, scan)
	}
	return all
}

// merged is the stretch of several indexes read as one.
func merged(stretches []*redis.StringSliceCmd, scan projections.Scan) []string {
	if len(stretches) == 1 {
		return stretches[0].Val()
	}
	var all []string
	for _, s := range stretches {
		all = append(all, s.Val()...)
	}
	slices.Sort(all)
	all = slices.Compact(all) // a document may stand in several
	if scan.Reverse {
		slices.Reverse(all)
	}
	return all[:min(len(all), scan.Limit)]
}

// stretch asks for the members of a scan.
func stretch(ctx context.Context, pipe redis.Pipeliner, key string, scan projections.Scan) *redis.StringSliceCmd {
	from, to := "-", "+"
	if scan.Below != "" {
		to = "(" + scan.Below
	}
	if scan.After != "" && !scan.Reverse {
		from = "(" + scan.After
	}
	if scan.After != "" && scan.Reverse && (scan.Below == "" || scan.After < scan.Below) {
		to = "(" + scan.After
	}
	by := &redis.ZRangeBy{Min: from, Max: to, Count: int64(max(scan.Limit, 0))}
	if scan.Reverse {
		return pipe.ZRevRangeByLex(ctx, key, by)
	}
	return pipe.ZRangeByLex(ctx, key, by)
}

// ids are what stands behind the last NUL of each member.
func ids(members []string) []string {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m[strings.LastIndexByte(m, 0)+1:]
	}
	return ids
}
