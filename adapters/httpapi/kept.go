package httpapi

import (
	"bytes"
	"net/http"
	"strings"
)

// keep holds an answer back until finish, to mask it.
func (c *call) keep() { c.kept = &bytes.Buffer{} }

// finish sends what was held back.
func (c *call) finish() {
	if c.kept == nil {
		return
	}
	body := c.kept.Bytes()
	c.kept = nil
	if kind := c.Header().Get("Content-Type"); kind == "" || strings.HasPrefix(kind, "text/") || strings.Contains(kind, "json") {
		body = Masked(body)
	}
	c.Header().Del("Content-Length") // of what it was
	c.ResponseWriter.WriteHeader(orDefault(c.status, http.StatusOK))
	_, _ = c.ResponseWriter.Write(body) // a caller who is gone needs no answer
}

// FlushError sends what was written so far, unless it is held back.
func (c *call) FlushError() error {
	if c.kept != nil {
		return nil
	}
	c.begin(http.StatusOK)
	return http.NewResponseController(c.ResponseWriter).Flush()
}
