package feed

import (
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain"
)

// MostTypes is how many patterns of types one reader may ask for.
const MostTypes = 50

// ErrType refuses a pattern that no event fits.
var ErrType = &domain.Error{Kind: domain.Invalid, Code: "unknown_event_type", Message: "no event of the feed has such a type", Field: "types"}

// Filter is which facts a reader asks for; the zero value is all of them.
type Filter struct {
	// Types are wire types: exact (deal.won.v1), in all versions (deal.won), or
	// all of a kind (deal.).
	Types    []string
	Stream   string
	Category string // of the stream: deal
	Actor    string // who did it
}

// Fits tells whether a fact is asked for.
func (f Filter) Fits(fact Fact) bool {
	category, _, _ := strings.Cut(fact.Stream, "-")
	return (len(f.Types) == 0 || slices.ContainsFunc(f.Types, func(p string) bool { return fits(p, fact.Type) })) &&
		(f.Stream == "" || f.Stream == fact.Stream) &&
		(f.Category == "" || f.Category == category) &&
		(f.Actor == "" || f.Actor == fact.Actor.ID)
}

// fits tells whether a wire type is one that a pattern means.
func fits(pattern, wireType string) bool {
	switch {
	case strings.HasSuffix(pattern, "."):
		return strings.HasPrefix(wireType, pattern)
	case wireType == pattern:
		return true
	}
	version, ok := strings.CutPrefix(wireType, pattern+".v")
	return ok && strings.Trim(version, "0123456789") == ""
}

// Check fails with ErrType for patterns that mean none of the known wire types.
func (f Filter) Check(known []string) error {
	if len(f.Types) > MostTypes {
		return ErrType.Because("%d types are asked for; at most %d can be, or all of a kind such as deal.", len(f.Types), MostTypes)
	}
	for _, pattern := range f.Types {
		if !slices.ContainsFunc(known, func(name string) bool { return published(name) && fits(pattern, name) }) {
			return ErrType.Because("%q is no type of the feed; ask for one such as deal.won.v1, for all its versions with deal.won, or for a whole kind with %s.",
				pattern, strings.Join(Published(), "., "))
		}
	}
	return nil
}

// Prefixes are what the wire types of all facts that fit begin with, so that
// others need not be read. Types that are not known yet are among them.
func (f Filter) Prefixes() []string {
	if len(f.Types) > 0 {
		return f.Types
	}
	var prefixes []string
	for _, category := range Published() {
		prefixes = append(prefixes, category+".")
	}
	return prefixes
}
