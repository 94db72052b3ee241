package httpapi

import (
	"bytes"
	"compress/gzip"
	"embed"
	"io"
	"net/http"
	"path"
	"strings"
)

// swaggerUI is served from the binary, so the reference needs no network.
//
//go:embed swaggerui
var swaggerUI embed.FS

// mountDocs serves the browsable reference.
func (s *service) mountDocs() {
	for url, file := range map[string]string{
		"/docs": "index.html", "/docs/": "index.html", "/docs/start.js": "start.js",
		"/docs/swagger-ui.css": "swagger-ui.css.gz", "/docs/swagger-ui-bundle.js": "swagger-ui-bundle.js.gz",
		"/docs/favicon-32x32.png": "favicon-32x32.png",
	} {
		s.page(url, "docs", everyone(), asset(file))
	}
}

func asset(file string) http.Handler {
	types := map[string]string{".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".png": "image/png"}
	name, packed := strings.CutSuffix(file, ".gz")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := swaggerUI.ReadFile("swaggerui/" + file)
		if err != nil { // a test reads every file, so this is not seen in production
			panic(err)
		}
		w.Header().Set("Content-Type", types[path.Ext(name)])
		securePage(w.Header(), docsPolicy)
		w.Header().Set("Cache-Control", "private, max-age=3600")
		switch {
		case !packed:
			_, _ = w.Write(body)
		case strings.Contains(r.Header.Get("Accept-Encoding"), "gzip"):
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(body)
		default:
			plain, err := gzip.NewReader(bytes.NewReader(body))
			if err != nil {
				panic(err)
			}
			_, _ = io.Copy(w, plain)
		}
	})
}
