package redisviews

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/annals-crm/annals/projections"
)

// Served returns the build of m that queries read; false if none is complete.
// It may be of an earlier version than m, or of a later one.
func (s *Store) Served(ctx context.Context, m projections.Model) (projections.Model, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	label, err := s.client.Get(ctx, s.about(m.Name, "served")).Result()
	if err := failed(ctx, "read served version", err); err != nil {
		return m, false, err
	}
	served, ok := m.Labelled(label)
	if !ok {
		return m, false, nil
	}
	// A pointer to keys that are gone points nowhere.
	complete, err := s.complete(ctx, served)
	return served, complete, err
}

// Serve makes queries read this build of m from now on, which has come at least
// as far as a mark. The one served before stays as it is, for a way back, until
// it is dropped. It fails with projections.ErrMoved if the build is not that far
// (any more): one that was emptied in this moment must not look complete.
func (s *Store) Serve(ctx context.Context, m projections.Model, at projections.Mark) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	err := s.finish(ctx, m, at)
	for errors.Is(err, redis.TxFailedErr) {
		err = s.finish(ctx, m, at) // it has come further meanwhile
	}
	if errors.Is(err, projections.ErrMoved) {
		return err
	} else if err != nil {
		return failed(ctx, "complete version", err)
	}
	err = s.client.Set(ctx, s.about(m.Name, "served"), m.Label(), 0).Err()
	s.forgetServed(m.Name)
	return failed(ctx, "serve version", err)
}

// Wanted returns the build of m's version that is to be served in the end. It
// outlives a restart, so a rebuild once begun is carried on.
func (s *Store) Wanted(ctx context.Context, m projections.Model) (projections.Model, error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	label, err := s.client.Get(ctx, s.about(m.Name, "wanted")).Result()
	if err := failed(ctx, "read wanted version", err); err != nil {
		return m, err
	}
	if wanted, ok := m.Labelled(label); ok && wanted.Version == m.Version {
		return wanted, nil
	}
	return m, nil
}

// Want asks for this build of m to be built and then served.
func (s *Store) Want(ctx context.Context, m projections.Model) error {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	return failed(ctx, "ask for version", s.client.Set(ctx, s.about(m.Name, "wanted"), m.Label(), 0).Err())
}

// finish marks a build as complete, if it is as far as at.
func (s *Store) finish(ctx context.Context, m projections.Model, at projections.Mark) error {
	position := s.prefix(m) + "position"
	return s.client.Watch(ctx, func(tx *redis.Tx) error { //nolint:wrapcheck // named by the caller
		stored, err := tx.Get(ctx, position).Result()
		if err != nil && !errors.Is(err, redis.Nil) {
			return err //nolint:wrapcheck // named by the caller
		}
		mark, err := projections.ParseMark(stored)
		if err != nil {
			return err //nolint:wrapcheck // names the mark
		}
		if mark.Position.Compare(at.Position) < 0 {
			return projections.ErrMoved
		}
		_, err = tx.TxPipelined(ctx, func(pipe redis.Pipeliner) error {
			return pipe.Set(ctx, s.prefix(m)+"complete", 1, 0).Err()
		})
		return err //nolint:wrapcheck // named by the caller
	}, position)
}

func (s *Store) complete(ctx context.Context, m projections.Model) (bool, error) {
	n, err := s.client.Exists(ctx, s.prefix(m)+"complete").Result()
	return n == 1, failed(ctx, "read served version", err)
}

// reader is a model as a program declares it; which build it reads depends on it.
type reader struct {
	name           string
	version, build int
}

// servedEntry remembers for a short time which build of a model is read.
type servedEntry struct {
	refresh sync.Mutex
	last    atomic.Pointer[served]
}

type served struct {
	prefix string // empty: nothing complete
	until  time.Time
}

// readPrefix is the prefix of the build to read. It fails with ErrBuilding if
// there is none.
func (s *Store) readPrefix(ctx context.Context, m projections.Model) (string, error) {
	reader := reader{m.Name, m.Version, m.Build}
	v, ok := s.served.Load(reader)
	if !ok {
		v, _ = s.served.LoadOrStore(reader, &servedEntry{})
	}
	entry := v.(*servedEntry) //nolint:errcheck // nothing else is stored there
	last := entry.last.Load()
	if last != nil && last.prefix != "" {
		if time.Now().Before(last.until) {
			return last.prefix, nil
		}
		// One caller looks again; the others go on with what they know, so
		// that nobody queues behind a slow answer.
		if !entry.refresh.TryLock() {
			return last.prefix, nil
		}
		defer entry.refresh.Unlock()
	}
	return s.lookUp(ctx, m, entry)
}

// forgetServed makes the next reader of a model look which build is served.
func (s *Store) forgetServed(name string) {
	s.served.Range(func(key, _ any) bool {
		if key.(reader).name == name { //nolint:errcheck // nothing else is stored there
			s.served.Delete(key)
		}
		return true
	})
}

// lookUp asks Redis which build to read. A program older than the served
// version reads its own if that is complete: it cannot know later documents.
func (s *Store) lookUp(ctx context.Context, m projections.Model, entry *servedEntry) (string, error) {
	build, ok, err := s.Served(ctx, m)
	if err != nil {
		return "", err
	}
	if ok && build.Version > m.Version {
		own, err := s.complete(ctx, m)
		if err != nil {
			return "", err
		}
		if own {
			build = m
		}
	}
	if !ok {
		entry.last.Store(&served{})
		return "", projections.ErrBuilding.Because("the read model %s is being built from the log; try again shortly", m.Name)
	}
	entry.last.Store(&served{s.prefix(build), time.Now().Add(s.config.ServedFor)})
	return s.prefix(build), nil
}
