package callers_test

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/callers"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

// account is what was handed on; it refuses as long as err is set.
type account struct {
	mu   sync.Mutex
	told []string
	err  error
}

func (a *account) note(_ context.Context, tokenID string, at time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.err == nil {
		a.told = append(a.told, tokenID+" "+at.Format("02 15:04"))
	}
	return a.err
}

// noting runs a directory whose clock is that of the bubble, at 2000-01-01 00:00.
func noting(t *testing.T, a *account, log *slog.Logger) (d *callers.Directory, stop func()) {
	t.Helper()
	d = directoryAt(t, time.Now, nil, issued(1, "ann", "sales"), issued(2, "bob", "sales"), issued(3, "cem", "sales"), access.TokenRevoked{TokenID: "3"})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { d.NoteUses(ctx, a.note, log); close(done) }()
	return d, func() { cancel(); <-done }
}

func (a *account) mended() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.err = nil
}

func call(t *testing.T, d *callers.Directory, names ...string) {
	t.Helper()
	for _, name := range names {
		_, err := d.Caller(t.Context(), name)
		require.NoError(t, err)
	}
}

func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestUsesAreNotedWithinAMinuteAndOnceAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{}
		d, stop := noting(t, a, slog.New(slog.DiscardHandler))
		pass(10 * time.Minute)
		assert.Empty(t, a.told, "nobody called")

		call(t, d, "ann", "ann")
		_, err := d.Caller(t.Context(), "cem")
		require.ErrorIs(t, err, httpapi.ErrUnauthenticated)
		pass(callers.Every)
		assert.Equal(t, []string{"1 01 00:00"}, a.told, "and not that a token was tried that is none any more")
		call(t, d, "ann", "bob")
		pass(callers.Every)
		call(t, d, "ann", "bob")
		pass(callers.Every)
		assert.Equal(t, []string{"1 01 00:00", "2 01 00:00"}, a.told)

		pass(time.Hour)
		call(t, d, "ann")
		pass(24 * time.Hour)
		assert.Equal(t, []string{"1 01 00:00", "2 01 00:00", "1 01 01:00"}, a.told)
		stop()
	})
}

func TestUsesAreNotedAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{}
		d, stop := noting(t, a, slog.New(slog.DiscardHandler))
		call(t, d, "bob")
		stop()
		assert.Equal(t, []string{"2 01 00:00"}, a.told)
	})
}

func TestUsesAreNotedOnceTheLogIsThereAgain(t *testing.T) {
	for _, failure := range []error{domain.ErrUnavailable, errors.New("the disk is full")} {
		synctest.Test(t, func(t *testing.T) {
			var log bytes.Buffer
			a := &account{err: failure}
			d, stop := noting(t, a, slog.New(slog.NewTextHandler(&log, nil)))
			call(t, d, "ann")
			pass(90 * time.Minute)
			assert.Contains(t, log.String(), "not noted yet")
			a.mended()
			pass(callers.Every)
			assert.Equal(t, []string{"1 01 00:00"}, a.told, "the hour it was used in")
			stop()
		})
	}
}

// Tokens that are issued or revoked meanwhile change nothing about what is known
// of the others.
func TestUsesOutlastChangesOfTokens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &account{}
		ctx, cancel := context.WithCancel(t.Context())
		log := &growing{grown: make(chan domain.Recorded, 10)}
		log.add(t, issued(1, "ann", "sales"))
		state, err := commands.NewLive(ctx, log, log, access.Aggregate, access.TokensID, slog.New(slog.DiscardHandler))
		require.NoError(t, err)
		d := callers.New(state, nil, time.Now)
		go d.NoteUses(ctx, a.note, slog.New(slog.DiscardHandler))
		call(t, d, "ann")
		log.add(t, issued(2, "bob", "sales"))
		require.NoError(t, state.Await(t.Context(), 1))
		call(t, d, "bob")
		pass(callers.Every)
		call(t, d, "ann")
		pass(callers.Every)
		assert.ElementsMatch(t, []string{"1 01 00:00", "2 01 00:00"}, a.told)
		cancel()
		synctest.Wait()
	})
}

// growing is a log that tells its follower what is added.
type growing struct {
	commandstest.Memory
	grown chan domain.Recorded
}

func (g *growing) add(t *testing.T, e access.Event) {
	t.Helper()
	stream := access.Aggregate.Stream(access.TokensID)
	_, err := g.Append(t.Context(), stream, int64(len(g.Stream(stream)))-1, []domain.NewEvent{{ID: uuid.NewString(), Event: e}})
	require.NoError(t, err)
	all := g.Stream(stream)
	g.grown <- all[len(all)-1]
}

func (g *growing) Follow(ctx context.Context, _ string, _ uint64) iter.Seq2[domain.Recorded, error] {
	return func(yield func(domain.Recorded, error) bool) {
		for {
			select {
			case r := <-g.grown:
				if !yield(r, nil) {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

func BenchmarkCaller(b *testing.B) {
	d := directoryAt(b, time.Now, nil, issued(1, "ann", "sales"))
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := d.Caller(b.Context(), "ann"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
