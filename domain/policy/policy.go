// Package policy keeps the process pack of an organisation: every threshold,
// list and promise that decisions and figures depend on, versioned by events
// and dated in business time. It decides what a valid pack is, not what the
// numbers in it are for.
package policy

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/difference"
)

// StandardID is the id of the one policy an organisation has; its stream is
// policy-standard.
const StandardID = "standard"

// ErrNotFound is for an organisation that has published nothing; the standard
// pack applies to it.
var ErrNotFound = &domain.Error{Kind: domain.Missing, Code: "policy_not_found", Message: "no policy was published; the standard pack applies"}

// ErrNoVersion is for a version that was never published.
var ErrNoVersion = &domain.Error{Kind: domain.Missing, Code: "policy_version_not_found", Message: "there is no such version of the policy"}

// Policy is every version ever published, in the order of publication.
type Policy struct {
	Versions []Version `json:"versions,omitempty"`
}

// Version is the policy as decisions see it.
type Version struct {
	Number        int       `json:"number" doc:"Number of the version; 0 is the pack the product ships" example:"2"`
	EffectiveFrom time.Time `json:"effective_from,omitzero" doc:"Business time from which it applies; the first applies to all time before, too"`
	PublishedBy   string    `json:"published_by,omitempty" doc:"Who published it" example:"ann"`
	Pack          Pack      `json:"pack"`
}

// Aggregate says where policies are kept.
var Aggregate = domain.Aggregate[Policy, Event]{Category: "policy", Evolve: Evolve, Snapshot: 3, NotFound: ErrNotFound}

// Evolve is the policy after e.
func Evolve(p Policy, e Event) Policy {
	switch e := e.(type) {
	case Published:
		last := len(p.Versions)
		p.Versions = append(p.Versions[:last:last], Version{Number: e.Version, EffectiveFrom: e.EffectiveFrom, PublishedBy: e.PublishedBy, Pack: e.Pack})
	}
	return p
}

// InForce is the version that applies at a business time: of those effective by
// then, the one published last, so a correction outdoes what it corrects. The
// first version applies to all time before, so history can be imported; before
// anything is published the standard pack applies as version 0.
func (p Policy) InForce(at time.Time) Version {
	if len(p.Versions) == 0 {
		return Version{Pack: Standard()}
	}
	for i := len(p.Versions) - 1; i > 0; i-- {
		if !p.Versions[i].EffectiveFrom.After(at) {
			return p.Versions[i]
		}
	}
	return p.Versions[0]
}

// Version finds a version by number.
func (p Policy) Version(number int) (Version, bool) {
	for _, v := range p.Versions {
		if v.Number == number {
			return v, true
		}
	}
	return Version{}, false
}

// Numbered finds a version by number; 0 is the pack the product ships. It fails
// with ErrNoVersion.
func (p Policy) Numbered(number int) (Version, error) {
	if number == 0 {
		return Version{Pack: Standard()}, nil
	}
	if v, ok := p.Version(number); ok {
		return v, nil
	}
	return Version{}, ErrNoVersion.Because("there is no version %d; the latest is %d", number, len(p.Versions))
}

// Diff lists the fields in which to differs from p.
func (p Pack) Diff(to Pack) ([]difference.Difference, error) {
	return difference.Of(p, to)
}

// Publishing is the wish for a new version. EffectiveFrom is now if zero.
type Publishing struct {
	Pack          Pack
	EffectiveFrom time.Time
	By            string
}

// Publish puts a pack into force. Publishing the pack that applies from then on
// anyway changes nothing. It fails with ErrPack, which names every problem.
func (p Policy) Publish(in Publishing, at time.Time) ([]Event, error) {
	if err := in.Pack.Check(); err != nil {
		return nil, err
	}
	from := domain.Instant(in.EffectiveFrom)
	if in.EffectiveFrom.IsZero() {
		from = domain.Instant(at)
	}
	if n := len(p.Versions); n > 0 {
		last := p.Versions[n-1]
		same, err := equal(last.Pack, in.Pack)
		if err != nil {
			return nil, err
		}
		if same && (n == 1 || !last.EffectiveFrom.After(from)) {
			return nil, nil
		}
	}
	return []Event{Published{Version: len(p.Versions) + 1, Pack: in.Pack, EffectiveFrom: from, PublishedBy: in.By}}, nil
}

// equal compares packs as they would be stored.
func equal(a, b Pack) (bool, error) {
	x, err := json.Marshal(a)
	if err != nil {
		return false, fmt.Errorf("compare packs: %w", err)
	}
	y, err := json.Marshal(b)
	if err != nil {
		return false, fmt.Errorf("compare packs: %w", err)
	}
	return bytes.Equal(x, y), nil
}
