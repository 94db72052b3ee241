package httpapi

import (
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
)

// Dependency is one thing that the process needs, or uses, to do its work.
type Dependency struct {
	Name    string    `json:"name"`   // log, redis, policy, projector, read-models/deals …
	Status  string    `json:"status"` // one of those below
	Needed  bool      `json:"needed"` // requests cannot be answered without it
	Since   time.Time `json:"since"`  // when this process first saw it so
	Latency float64   `json:"latency_seconds"`
	Detail  string    `json:"detail,omitempty"` // what is wrong, in words; never an address or a secret
}

// What a dependency can be.
const (
	Fine     = "ok"
	Failing  = "failing"
	Building = "building" // a read model that is not complete yet
)

var (
	// errNotReady says that the program cannot answer requests yet.
	errNotReady     = &domain.Error{Kind: domain.Unavailable, Code: "not_ready", Message: "requests cannot be answered yet; see details"}
	errNoDependency = &domain.Error{Kind: domain.Missing, Code: "no_such_dependency", Message: "there is no dependency of this name; /readyz lists them"}
)

const readyPath = "/readyz"

// readyz says whether requests can be answered, and if not what is missing; with
// all that the process depends on, or below its path one of these alone.
func (s *service) readyz(w http.ResponseWriter, r *http.Request) {
	callOf(r.Context()).operation = "readyz"
	var missing []string
	if s.ready != nil {
		missing = s.ready(r.Context())
	}
	all := []Dependency{}
	if s.health != nil {
		all = s.health(r.Context())
	}
	if name := strings.TrimPrefix(r.URL.Path, readyPath); name != "" {
		s.readyOne(w, r, all, strings.TrimPrefix(name, "/"))
		return
	}
	for _, d := range all {
		if d.Needed && d.Status != Fine {
			missing = append(missing, d.Detail)
		}
	}
	details := map[string]any{}
	if s.health != nil {
		details["dependencies"] = all
	}
	if len(missing) > 0 {
		details["missing"] = missing
		told(r.Context(), errNotReady.With(details)).write(w)
		return
	}
	details["status"] = "ready"
	readiness(w, details)
}

func (s *service) readyOne(w http.ResponseWriter, r *http.Request, all []Dependency, name string) {
	for _, d := range all {
		switch {
		case d.Name != name:
		case d.Status == Fine:
			readiness(w, d)
			return
		default:
			told(r.Context(), errNotReady.Because("%s", d.Detail).With(map[string]any{"dependencies": []Dependency{d}})).write(w)
			return
		}
	}
	s.fail(w, r, errNoDependency)
}

func readiness(w http.ResponseWriter, body any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(body) // a caller who is gone needs no answer
}
