package apiclient

import (
	"context"
	"crypto/x509"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Answer is what a server said to one request, whether it did what it was asked
// or not.
type Answer struct {
	Status       int
	Body         []byte
	Sent         time.Time // the request, by our clock
	Took         time.Duration
	Date         time.Time           // of the answer, by its clock and in whole seconds; zero if it did not say
	Certificates []*x509.Certificate // it showed, its own first; none without TLS
}

// Probe asks once, for whoever wants to know how a server is rather than what it
// has. It fails only if there is no answer.
func (c *Client) Probe(ctx context.Context, path string) (Answer, error) {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	target := *c.base
	target.Path += path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
	if err != nil {
		return Answer{}, err
	}
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	a := Answer{Sent: time.Now()}
	response, err := c.http.Do(request)
	if err != nil {
		return a, &transportError{err}
	}
	defer func() { _ = response.Body.Close() }() // all that was wanted of it is read
	a.Took, a.Status = time.Since(a.Sent), response.StatusCode
	if a.Body, err = io.ReadAll(io.LimitReader(response.Body, largestAnswer)); err != nil {
		return a, &transportError{fmt.Errorf("read the answer to %s: %w", path, err)}
	}
	if date, err := http.ParseTime(response.Header.Get("Date")); err == nil {
		a.Date = date
	}
	if response.TLS != nil {
		a.Certificates = response.TLS.PeerCertificates
	}
	return a, nil
}
