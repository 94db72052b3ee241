package redisviews

import (
	"context"
	"slices"
	"time"
)

// logsKey is the hash of logs, each with the time since which it is known to
// keep read models here.
const logsKey = "logs"

// Share puts on record that read models of this log are kept here, and returns
// the other logs that had theirs here before. Nobody reads those by mistake;
// but if nobody reads them at all, they take memory for nothing.
func (s *Store) Share(ctx context.Context, now time.Time) (others []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, s.config.ReadTimeout)
	defer cancel()
	known, err := s.client.HKeys(ctx, logsKey).Result()
	if err != nil {
		return nil, failed(ctx, "read logs", err)
	}
	for _, log := range known {
		if log != s.config.Log {
			others = append(others, log)
		}
	}
	slices.Sort(others)
	if len(others) < len(known) {
		return others, nil
	}
	return others, failed(ctx, "note log", s.client.HSet(ctx, logsKey, s.config.Log, now.UTC().Format(time.RFC3339)).Err())
}
