// Package redis is the read-model server a laptop lacks: a Redis in process,
// empty at start and filled from the log, reachable on loopback only.
//
// It speaks Redis's own protocol, so the same client code runs against it and
// against a real server, and knows the commands that read models use. Nothing
// is written to disk: whatever is lost is built from the log. Ordered sets are
// kept in order, so reading a page, a rank or a median does not get slower with
// what is stored.
package redis

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
)

// Server is a running server.
type Server struct {
	listener net.Listener
	db       *db

	mu      sync.Mutex
	closed  bool
	conns   map[net.Conn]bool
	running sync.WaitGroup
}

// Start starts a server on a free loopback port.
func Start() (*Server, error) {
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("start embedded redis: %w", err)
	}
	s := &Server{listener: listener, db: newDB(), conns: map[net.Conn]bool{}}
	s.running.Go(s.accept)
	return s, nil
}

// Addr is the host and port it listens on.
func (s *Server) Addr() string { return s.listener.Addr().String() }

// Close stops the server; what it held is gone.
func (s *Server) Close() {
	s.mu.Lock()
	s.closed = true
	_ = s.listener.Close() // it fails only if it was closed before
	for conn := range s.conns {
		_ = conn.Close()
	}
	s.mu.Unlock()
	s.running.Wait()
}

func (s *Server) accept() {
	for {
		conn, err := s.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			continue // that connection failed, not the listener
		}
		s.mu.Lock()
		if s.closed {
			_ = conn.Close()
		} else {
			s.conns[conn] = true
			s.running.Go(func() { s.serve(conn) })
		}
		s.mu.Unlock()
	}
}

func (s *Server) serve(conn net.Conn) {
	session := newSession(s.db, conn)
	session.run()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, conn)
	_ = conn.Close()
}
