package apiclient

import (
	"context"
	"io"
	"net/http"
	"net/url"
)

// Stream answers a query in whatever form it asks for, as it comes in. The
// caller closes it; an answer that is cut off ends in an error. Errors are those
// of Send.
func (c *Client) Stream(ctx context.Context, path string, query url.Values) (io.ReadCloser, error) {
	var body io.ReadCloser
	err := c.repeat(ctx, func(ctx context.Context) error {
		target := *c.base
		target.Path += path
		target.RawQuery = query.Encode()
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), http.NoBody)
		if err != nil {
			return err
		}
		if c.token != "" {
			request.Header.Set("Authorization", "Bearer "+c.token)
		}
		response, err := c.http.Do(request)
		if err != nil {
			return &transportError{err}
		}
		if response.StatusCode < http.StatusMultipleChoices {
			body = response.Body
			return nil
		}
		defer func() { _ = response.Body.Close() }() // all that was wanted of it is read
		text, err := io.ReadAll(io.LimitReader(response.Body, largestAnswer))
		if err != nil {
			return &transportError{err}
		}
		return problemOf(response, text)
	})
	return body, err
}
