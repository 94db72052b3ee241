package httpapi

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"net/http"
	"os"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humamux"
)

// bodies reads and checks request bodies before huma decodes them.
type bodies struct {
	limits  Limits
	buffers sync.Pool
}

func newBodies(limits Limits) *bodies {
	return &bodies{limits: limits, buffers: sync.Pool{New: func() any { return new(bytes.Buffer) }}}
}

// body is the station that hands huma a body already read and checked.
func (s *service) body(hc huma.Context, next func(huma.Context)) {
	r, w := humamux.Unwrap(hc)
	buffer, ok := s.bodies.buffers.Get().(*bytes.Buffer)
	if !ok {
		buffer = new(bytes.Buffer)
	}
	defer func() {
		if buffer.Cap() <= 64<<10 { // one large body must not be kept for ever
			buffer.Reset()
			s.bodies.buffers.Put(buffer)
		}
	}()
	if err := s.bodies.read(buffer, w, r); err != nil {
		s.refuse(hc, err)
		return
	}
	r.Header.Set("Content-Type", "application/json") // huma knows no other spelling
	r.Body = io.NopCloser(bytes.NewReader(buffer.Bytes()))
	next(hc)
}

func (b *bodies) read(into *bytes.Buffer, w http.ResponseWriter, r *http.Request) error {
	if !isJSON(r.Header.Get("Content-Type")) || r.Header.Get("Content-Encoding") != "" {
		return errMedia
	}
	if r.ContentLength > b.limits.BodyBytes {
		return errBodyLarge.Because("the body has %d bytes; at most %d are accepted", r.ContentLength, b.limits.BodyBytes)
	}
	_, err := into.ReadFrom(http.MaxBytesReader(w, r.Body, b.limits.BodyBytes))
	if _, large := errors.AsType[*http.MaxBytesError](err); large {
		return errBodyLarge.Because("the body is larger than the %d bytes that are accepted", b.limits.BodyBytes)
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return errBodySlow
	case err != nil:
		return errBodyRead
	case len(bytes.TrimSpace(into.Bytes())) == 0:
		return errNoBody
	}
	return scan(into.Bytes(), b.limits.Depth)
}

func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	media, _, err := mime.ParseMediaType(contentType)
	return err == nil && media == "application/json"
}
