package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Server serves a handler until told to stop, and bounds what a slow caller
// can hold on to.
type Server struct {
	http  *http.Server
	log   *slog.Logger
	grace time.Duration
}

// NewServer serves h. Grace is how long requests may take to finish once it is
// told to stop.
func NewServer(h http.Handler, limits Limits, logger *slog.Logger, grace time.Duration) *Server {
	limits = limits.orDefaults()
	s := &Server{log: logger, grace: grace, http: &http.Server{
		Handler:           h,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      limits.Deadline + 20*time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    limits.HeaderSize,
		ErrorLog:          slog.NewLogLogger(logger.Handler(), slog.LevelDebug),
	}}
	if endless, ok := h.(interface{ EndStreams() }); ok {
		s.http.RegisterOnShutdown(endless.EndStreams)
	}
	return s
}

// Serve answers requests on l until ctx ends, then lets those under way finish.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	failed := make(chan error, 1)
	go func() { failed <- s.http.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	s.log.InfoContext(ctx, "stopping; requests under way may finish", "grace", s.grace)
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.grace)
	defer cancel()
	if err := s.http.Shutdown(stop); err != nil {
		return errors.Join(fmt.Errorf("requests were cut off after %s: %w", s.grace, err), s.http.Close())
	}
	return nil
}
