package webhooks

import (
	"context"
	"encoding/json"
	"time"
)

const (
	journalMost = 1000 // attempts that are kept to look at
	// The place is kept after so many attempts, or so long after it moved: a killed
	// process repeats no more than that.
	keepAfter = 100
	keepEvery = 100 * time.Millisecond
	// keepTimeout bounds how long that may take.
	keepTimeout = 5 * time.Second
)

// moved notes that the place is to be kept, and an attempt, if there was one.
func (j *job) moved(a *attempt) {
	if j.movedAt.IsZero() {
		j.movedAt = j.d.config.Now()
	}
	if a != nil {
		j.journal = append(j.journal, *a)
	}
}

// untilKept is how long the place need not be kept.
func (j *job) untilKept() time.Duration {
	switch {
	case j.movedAt.IsZero():
		return time.Hour
	case len(j.journal) >= keepAfter:
		return 0
	}
	return max(j.movedAt.Add(keepEvery).Sub(j.d.config.Now()), 0)
}

// keep keeps the place and the journal, also when the work is being stopped. A
// Redis out of reach costs repeats at most.
func (j *job) keep(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTimeout)
	defer cancel()
	j.show()
	err := j.save(ctx)
	if err != nil && !j.unkept {
		j.d.config.Logger.WarnContext(ctx, "the place of a webhook is not kept", "webhook", j.id, "error", err)
	}
	j.unkept, j.journal, j.movedAt = err != nil, nil, time.Time{}
}

func (j *job) save(ctx context.Context) error {
	state, err := json.Marshal(j.place.progress(j.calm.until))
	if err != nil {
		return err
	}
	lines := make([]string, len(j.journal))
	for i, a := range j.journal {
		line, err := json.Marshal(a.Attempt)
		if err != nil {
			return err
		}
		lines[i] = string(line)
	}
	return j.d.config.Store.SaveDeliveries(ctx, j.id, string(state), lines, journalMost) //nolint:wrapcheck // the store says it best
}

// checkpoint puts the place into the log, if it has moved.
func (j *job) checkpoint(ctx context.Context) {
	if !j.unsaved {
		return
	}
	if err := j.d.config.Decisions.Checkpoint(ctx, j.id, j.place.progress(j.calm.until)); err != nil {
		j.d.config.Logger.WarnContext(ctx, "the place of a webhook was not recorded", "webhook", j.id, "error", err)
		return
	}
	j.unsaved = false
}
