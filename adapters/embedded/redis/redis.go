// Package redis is the read-model server a laptop lacks: a Redis in process,
// empty at start and filled from the log, reachable on loopback only.
package redis

import (
	"fmt"

	"github.com/alicebob/miniredis/v2"
)

// Server is a running server.
type Server struct{ mini *miniredis.Miniredis }

// Start starts a server on a free loopback port.
func Start() (*Server, error) {
	mini := miniredis.NewMiniRedis()
	if err := mini.StartAddr("127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("start embedded redis: %w", err)
	}
	return &Server{mini}, nil
}

// Addr is the host and port it listens on.
func (s *Server) Addr() string { return s.mini.Addr() }

// Close stops the server; what it held is gone.
func (s *Server) Close() { s.mini.Close() }
