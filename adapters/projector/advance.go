package projector

import (
	"context"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

const (
	// spreadFrom is the page size from which folding in parallel pays.
	spreadFrom = 64
	// commitFrom is how many changes make a transaction worth sending on its
	// own, so that Redis works while the next model is folded.
	commitFrom = 1000
)

// advance takes every track that is not there yet over the page. Commits are
// gathered: small pages cost one transaction for all models together, on a
// large one the workers fold while Redis writes.
func (l *lane) advance(ctx context.Context, page domain.Page) error {
	behind := make(chan *track, len(l.tracks))
	for _, t := range l.tracks {
		if t.mark.Position.Compare(page.To) < 0 {
			behind <- t
		} else {
			t.show(l.name, domain.Page{CaughtUp: page.CaughtUp}, l.p.config.Now())
		}
	}
	close(behind)
	if len(page.Events) < spreadFrom {
		return l.work(ctx, page, behind)
	}
	group, ctx := errgroup.WithContext(ctx)
	for range min(runtime.GOMAXPROCS(0), len(behind)) {
		group.Go(func() error { return l.work(ctx, page, behind) })
	}
	return group.Wait() //nolint:wrapcheck // our own
}

// work folds tracks until none is left, and commits what it has folded.
func (l *lane) work(ctx context.Context, page domain.Page, behind <-chan *track) error {
	var folded []*track
	var commits []projections.Commit
	size := 0
	for t := range behind {
		commit, err := t.fold(ctx, page)
		if err != nil {
			return err
		}
		folded, commits = append(folded, t), append(commits, commit)
		if size += commit.Changes.Size(); size >= commitFrom {
			if err := l.commit(ctx, page, folded, commits); err != nil {
				return err
			}
			folded, commits, size = nil, nil, 0
		}
	}
	return l.commit(ctx, page, folded, commits)
}

func (l *lane) commit(ctx context.Context, page domain.Page, tracks []*track, commits []projections.Commit) error {
	if len(commits) == 0 {
		return nil
	}
	if err := l.p.config.Store.Commit(ctx, commits...); err != nil {
		return err //nolint:wrapcheck // the store says it best
	}
	now := l.p.config.Now()
	for i, t := range tracks {
		t.committed(commits[i])
		t.show(l.name, page, now)
		l.p.metrics.committed(t.model.Name, page, commits[i])
	}
	return nil
}
