// Package apiclient calls the public HTTP interface the way any other program
// would, for the command-line tools. It owns keeping connections open, trying
// again while the server is out of reach, and reading problem documents. It
// knows nothing of what the commands mean.
package apiclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
)

const (
	attemptTimeout = 30 * time.Second // of one request; a server that hangs is tried again
	largestAnswer  = 64 << 20
)

// Client talks to one server as one caller. It is safe for concurrent use.
type Client struct {
	base  *url.URL
	token string
	http  *http.Client
	// Patience is how long one request is repeated while the server is out of
	// reach or asks for slower callers.
	Patience time.Duration
	// Pause waits between two attempts. It fails when ctx ends first.
	Pause func(ctx context.Context, d time.Duration) error
}

// New is a client of the server at base that keeps up to connections open.
func New(base, token string, connections int) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(base, "/"))
	if err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") {
		return nil, fmt.Errorf("server %q: want a URL such as http://127.0.0.1:8080", base)
	}
	transport, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		transport = &http.Transport{}
	}
	transport = transport.Clone()
	// The default keeps two idle connections per host: at 32 requests in flight
	// nearly every one would be a new connection.
	transport.MaxIdleConns, transport.MaxIdleConnsPerHost = connections, connections
	return &Client{
		base: u, token: token, http: &http.Client{Transport: transport},
		Patience: time.Minute, Pause: pause,
	}, nil
}

// Command is one request to change something.
type Command struct {
	Name        string // of the command, "move-deal"
	Key         string // Idempotency-Key: repeating the command under it changes nothing
	Correlation string // X-Correlation-ID
	IfMatch     string // ETag of the record as the sender knows it
	Body        any
}

// Result is the answer to a command; a repeat gets the first one.
type Result struct {
	ID       string          `json:"id"`
	Stream   string          `json:"stream"`
	Revision uint64          `json:"revision"`
	Position domain.Position `json:"position"`
	Events   []string        `json:"events"`
}

// Send sends a command. It fails with a *Problem the server answered, or with
// an *UnreachableError once patience has run out.
func (c *Client) Send(ctx context.Context, cmd Command) (Result, error) {
	var result Result
	err := c.Ask(ctx, cmd, &result)
	return result, err
}

// Ask is Send for what is answered with something else than a Result.
func (c *Client) Ask(ctx context.Context, cmd Command, out any) error {
	body, err := json.Marshal(cmd.Body)
	if err != nil {
		return fmt.Errorf("encode %s: %w", cmd.Name, err)
	}
	header := http.Header{"Content-Type": {"application/json"}}
	for name, value := range map[string]string{"Idempotency-Key": cmd.Key, "X-Correlation-ID": cmd.Correlation, "If-Match": cmd.IfMatch} {
		if value != "" {
			header.Set(name, value)
		}
	}
	return c.repeat(ctx, func(ctx context.Context) error {
		err := c.once(ctx, http.MethodPost, "/v1/commands/"+cmd.Name, nil, header, body, out)
		if p, ok := errors.AsType[*Problem](err); ok {
			p.outdated = cmd.IfMatch != "" && p.Code == "conflict"
		}
		return err
	})
}

// Get answers a query into out. Errors are those of Send.
func (c *Client) Get(ctx context.Context, path string, query url.Values, out any) error {
	return c.repeat(ctx, func(ctx context.Context) error {
		return c.once(ctx, http.MethodGet, path, query, nil, nil, out)
	})
}

func (c *Client) once(ctx context.Context, method, path string, query url.Values, header http.Header, body []byte, out any) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	target := *c.base
	target.Path += path
	target.RawQuery = query.Encode()
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Accept", "application/json, application/problem+json")
	if c.token != "" {
		request.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(request)
	if err != nil {
		return &transportError{err}
	}
	defer func() { _ = response.Body.Close() }() // all that was wanted of it is read
	text, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer+1))
	if err != nil {
		return &transportError{fmt.Errorf("read the answer to %s %s: %w", method, path, err)}
	}
	if len(text) > largestAnswer {
		return errors.New("the answer to " + method + " " + path + " is larger than any this program asks for")
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return problemOf(response, text)
	}
	if err := json.Unmarshal(text, out); err != nil {
		return fmt.Errorf("the answer to %s %s is not what this version understands (is %s the server's address?): %w", method, path, c.base, err)
	}
	return nil
}
