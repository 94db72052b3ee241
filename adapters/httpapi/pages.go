package httpapi

import (
	"encoding/json"
	"net/http"
	"sync"

	"github.com/annals-crm/annals/domain/access"
)

// pageNames names what stands beside the operations, for scopes and metrics.
var pageNames = []string{makeBackup, "docs", "metrics", "openapi"}

// mountPages serves what stands beside the operations: the OpenAPI document,
// its browsable form, and the metrics.
func (s *service) mountPages() {
	s.page("/openapi.json", "openapi", everyone(), document("application/openapi+json", s.api.OpenAPI().MarshalJSON))
	s.page("/openapi.yaml", "openapi", everyone(), document("application/openapi+yaml", s.api.OpenAPI().YAML))
	s.page("/metrics", "metrics", roles(access.Application, access.Auditor), s.metrics.handler())
	s.mountDocs()
}

func (s *service) page(path, name string, who rights, h http.Handler) {
	s.get(http.MethodGet, path, s.guarded(name, who, h))
}

// document serves a text that is made when first asked for.
func document(contentType string, text func() ([]byte, error)) http.Handler {
	once := sync.OnceValues(text)
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		body, err := once()
		if err != nil { // a test reads every document, so this is not seen in production
			panic(err)
		}
		w.Header().Set("Content-Type", contentType)
		_, _ = w.Write(body)
	})
}

// healthz says that the process is alive.
func (s *service) healthz(w http.ResponseWriter, r *http.Request) {
	callOf(r.Context()).operation = "healthz"
	status(w, map[string]string{"status": "alive"})
}

func status(w http.ResponseWriter, body map[string]string) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body)
}
