package main

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/domain"
)

// patience is how long the log may take before callers hear of it.
const patience = time.Second

// answerMeanwhile answers on the listener while there is no log to start with:
// the process is alive, and says what is missing. After stop the listener is
// free for the real thing.
func (p *parts) answerMeanwhile(ctx context.Context, missing func() string) (stop func()) {
	handler := httpapi.New(httpapi.Config{
		Auth: nobodyKnown{}, Logger: p.config.log, Version: version(),
		Ready: func(context.Context) []string { return []string{missing()} },
	})
	ctx, cancel := context.WithCancel(ctx)
	on := &lent{Listener: p.listener}
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-time.After(patience):
		case <-ctx.Done():
			return
		}
		answered, _ := p.answeringOn(on)
		if err := httpapi.NewServer(handler, httpapi.Limits{}, p.config.log, p.config.shutdown).Serve(ctx, answered); err != nil {
			p.config.log.Warn("requests were not answered while waiting", "error", err)
		}
	}()
	return func() {
		cancel()
		<-done
		on.giveBack()
	}
}

// nobodyKnown stands in for the callers, who are in the log.
type nobodyKnown struct{}

func (nobodyKnown) Caller(context.Context, string) (httpapi.Caller, error) {
	return httpapi.Caller{}, domain.ErrUnavailable
}

// lent is a listener that stays open when its borrower closes it.
type lent struct {
	net.Listener
	accepting sync.Mutex
	closed    atomic.Bool
}

func (l *lent) Accept() (net.Conn, error) {
	l.accepting.Lock()
	defer l.accepting.Unlock()
	if l.closed.Load() {
		return nil, net.ErrClosed
	}
	return l.Listener.Accept()
}

func (l *lent) Close() error {
	l.closed.Store(true)
	return l.deadline(time.Now()) // ends an Accept under way
}

// giveBack returns once the borrower accepts no more.
func (l *lent) giveBack() {
	l.accepting.Lock()
	defer l.accepting.Unlock()
	_ = l.deadline(time.Time{}) // fails only on a closed listener
}

func (l *lent) deadline(at time.Time) error {
	if d, ok := l.Listener.(interface{ SetDeadline(at time.Time) error }); ok {
		return d.SetDeadline(at)
	}
	return l.Listener.Close()
}
