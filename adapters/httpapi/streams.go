package httpapi

import "sync"

// streams bounds how many answers go on without end, and ends them.
type streams struct {
	open   chan struct{}
	ending chan struct{} // closed when the server stops
	once   sync.Once
}

func newStreams(most int) *streams {
	return &streams{open: make(chan struct{}, most), ending: make(chan struct{})}
}

// enter fails with errTooManyStreams.
func (s *streams) enter() (leave func(), err error) {
	select {
	case s.open <- struct{}{}:
		return func() { <-s.open }, nil
	default:
		return nil, errTooManyStreams
	}
}

func (s *streams) end() { s.once.Do(func() { close(s.ending) }) }

// EndStreams ends all answers that go on without end, now and from now on. The
// server calls it when it stops.
func (s *service) EndStreams() { s.streams.end() }
