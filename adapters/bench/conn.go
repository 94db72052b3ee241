package bench

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strconv"
	"time"
)

// conn is one kept connection. It reads just enough of HTTP/1.1 for the answers
// of this program: the generator shares its cores with what it measures, and
// net/http's client alone would take a third of them.
type conn struct {
	net  net.Conn
	in   *bufio.Reader
	body []byte
}

func dial(ctx context.Context, address string) (*conn, error) {
	c, err := (&net.Dialer{Timeout: 5 * time.Second}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err //nolint:wrapcheck // names the address
	}
	return &conn{net: c, in: bufio.NewReaderSize(c, 16<<10)}, nil
}

func (c *conn) close() { _ = c.net.Close() }

// do sends a whole request and reads the answer. The body is good until the
// next request. It fails unless the status is one of success.
func (c *conn) do(request []byte) ([]byte, error) {
	if _, err := c.net.Write(request); err != nil {
		return nil, fmt.Errorf("send: %w", err)
	}
	status, err := c.answer()
	if err != nil {
		return nil, fmt.Errorf("read the answer: %w", err)
	}
	if status >= 300 {
		line, _, _ := bytes.Cut(request, []byte(" HTTP/1.1"))
		return c.body, &refusal{status, fmt.Sprintf("%s: %d: %.300s", line, status, c.body)}
	}
	return c.body, nil
}

// refusal is an answer that was not success.
type refusal struct {
	status int
	text   string
}

func (r *refusal) Error() string { return r.text }

func (c *conn) answer() (status int, err error) {
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, fmt.Errorf("not HTTP: %q", line)
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, fmt.Errorf("not HTTP: %q", line)
	}
	length, chunked := -1, false
	for {
		if line, err = c.in.ReadSlice('\n'); err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if value, ok := bytes.CutPrefix(line, []byte("Content-Length: ")); ok {
			if length, err = strconv.Atoi(string(value)); err != nil {
				return 0, fmt.Errorf("length %q: %w", value, err)
			}
		}
		chunked = chunked || bytes.Equal(line, []byte("Transfer-Encoding: chunked"))
	}
	c.body = c.body[:0]
	switch {
	case chunked:
		return status, c.chunks()
	case length < 0:
		return 0, errors.New("an answer without length")
	}
	return status, c.take(length)
}

func (c *conn) chunks() error {
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err //nolint:wrapcheck // wrapped by do
		}
		size, err := strconv.ParseUint(string(bytes.TrimRight(line, "\r\n")), 16, 31)
		if err != nil {
			return fmt.Errorf("chunk %q: %w", line, err)
		}
		if err := c.take(int(size)); err != nil {
			return err
		}
		if _, err := c.in.Discard(2); err != nil || size == 0 {
			return err //nolint:wrapcheck // wrapped by do
		}
	}
}

// take appends the next n bytes to the body.
func (c *conn) take(n int) error {
	at := len(c.body)
	if cap(c.body) < at+n {
		c.body = append(make([]byte, 0, 2*(at+n)), c.body...)
	}
	c.body = c.body[:at+n]
	_, err := io.ReadFull(c.in, c.body[at:])
	return err //nolint:wrapcheck // wrapped by do
}
