package httpapi

import (
	"bytes"
	"net/http"
)

// keep holds an answer back until finish, to mask it.
func (c *call) keep() { c.kept = &bytes.Buffer{} }

// finish sends what was held back.
func (c *call) finish() {
	if c.kept == nil {
		return
	}
	body := masked(c.Header().Get("Content-Type"), c.kept.Bytes())
	c.kept = nil
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
