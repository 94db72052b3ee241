package httpapi

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"
)

// deprecation is the notice that an operation will be removed. docs/api.md says
// what callers may rely on.
type deprecation struct {
	since     time.Time // from then on nothing new should use it
	sunset    time.Time // no release from before then is without it
	successor string    // name of the operation to use instead; empty: there is none
}

// deprecated declares that an operation will be removed. Nothing else has to be
// done: headers, the OpenAPI document, clients and metrics tell of it.
func (r route) deprecated(since, sunset time.Time, successor string) route {
	r.ends = &deprecation{since, sunset, successor}
	return r
}

// deprecations find the notice that a request has to be answered with. They are
// asked before anything else, so that every answer carries it.
type deprecations struct {
	router *mux.Router // nil: no operation is deprecated, and asking costs nothing
	routes map[string]route
}

func (d *deprecations) add(r route) {
	if d.router == nil {
		d.router, d.routes = mux.NewRouter().SkipClean(true), map[string]route{}
	}
	d.routes[r.name] = r
	d.router.Name(r.name).Methods(r.method).Path(r.path)
}

// of is nil if r is for no deprecated operation. Paths are those of all
// operations, by name.
func (d *deprecations) of(r *http.Request, paths map[string]string) *notice {
	if d.router == nil {
		return nil
	}
	var match mux.RouteMatch
	if !d.router.Match(r, &match) {
		return nil
	}
	found := d.routes[match.Route.GetName()]
	n := &notice{operation: found.name, deprecation: *found.ends, links: []string{
		`<` + reference(found) + `>; rel="deprecation"; type="text/html"`,
	}}
	if path, ok := paths[found.ends.successor]; ok {
		if path, ok = filled(path, match.Vars); ok {
			n.links = append(n.links, `<`+path+`>; rel="successor-version"`)
		}
	}
	return n
}

// reference is where the browsable reference tells of an operation.
func reference(r route) string {
	return "/docs#/" + url.PathEscape(r.tag) + "/" + r.name
}

// filled is a path with its variables replaced, unless one is not known.
func filled(path string, vars map[string]string) (string, bool) {
	for name, value := range vars {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(value))
	}
	return path, !strings.Contains(path, "{")
}

// notice is what the answer to one call of a deprecated operation says.
type notice struct {
	deprecation
	operation string
	links     []string
	said      bool
}

// say puts the notice into the headers of an answer (RFC 9745, RFC 8594). It is
// done last, as others set Link, and once.
func (n *notice) say(h http.Header) {
	if n == nil || n.said {
		return
	}
	n.said = true
	h.Set("Deprecation", "@"+strconv.FormatInt(n.since.Unix(), 10))
	h.Set("Sunset", n.sunset.UTC().Format(http.TimeFormat))
	for _, link := range n.links {
		h.Add("Link", link)
	}
}
