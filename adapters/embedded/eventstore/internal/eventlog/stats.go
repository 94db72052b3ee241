package eventlog

import "sync/atomic"

// counters of this run.
type counters struct{ groups, events atomic.Uint64 }

// Stats of this run of the log.
type Stats struct {
	// Position is that of the last event readers can see.
	Position uint64
	// Events written since Open, and the syncs they took: the ratio says how well appends share them.
	Events, Groups uint64
	// Bytes on disk.
	Bytes uint64
}

// Stats is cheap enough to be asked for every few seconds.
func (l *Log) Stats() Stats {
	s := Stats{Position: l.Last(), Events: l.counts.events.Load(), Groups: l.counts.groups.Load()}
	if release, err := l.reading(); err == nil {
		s.Bytes = l.db.Metrics().DiskSpaceUsage()
		release()
	}
	return s
}
