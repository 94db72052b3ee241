package httpapi

import (
	"net/http"

	"github.com/rs/cors"
)

// newCORS is nil without origins: browsers then keep pages of others away. No
// credentials of the browser are ever taken from another origin; a page sends
// its token as bearer token.
func newCORS(origins []string) *cors.Cors {
	if len(origins) == 0 {
		return nil
	}
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost},
		AllowedHeaders: []string{
			"Accept", "Accept-Language", "Authorization", "Content-Type", "Idempotency-Key", "If-Match", "If-None-Match",
			"Last-Event-ID", "Traceparent", "X-Correlation-ID",
		},
		ExposedHeaders: []string{
			"Content-Disposition", "Content-Language", "Deprecation", "ETag", "Link", "Location", "RateLimit", "RateLimit-Policy",
			"Retry-After", "Sunset", "X-Position",
		},
		MaxAge: 600, // seconds
	})
}

// crossOrigin says which other origins may read the answer, and answers a
// browser that asks beforehand, which it does without a token.
func (s *service) crossOrigin(w http.ResponseWriter, r *http.Request) (answered bool) {
	if s.cors == nil {
		return false
	}
	s.cors.HandlerFunc(w, r)
	return r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != ""
}
