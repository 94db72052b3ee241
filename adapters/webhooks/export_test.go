package webhooks

import (
	"context"
	"net"
	"net/http"
	"time"
)

// Through makes a deliverer send through r instead of the network.
func (d *Deliverer) Through(r http.RoundTripper) {
	for _, client := range d.sender.clients {
		client.Transport = r
	}
}

// Post sends a message once, and tells what came of it.
func Post(ctx context.Context, g Guard, names *net.Resolver, timeout time.Duration, address string) (status int, reason string) {
	s := newSender(g, names, time.Now)
	for _, client := range s.clients {
		client.Timeout = timeout
	}
	defer func() {
		for _, client := range s.clients {
			client.CloseIdleConnections()
		}
	}()
	a := s.send(ctx, message{url: address, id: "m", secrets: []string{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}, body: []byte("{}")})
	return a.status, a.reason
}

// Pause is how long to wait after attempts have failed.
func Pause(attempts int, asked time.Duration) time.Duration { return pause(attempts, asked) }
