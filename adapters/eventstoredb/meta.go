package eventstoredb

import (
	"encoding/json"
	"strings"

	"github.com/annals-crm/annals/domain"
)

// decodeMeta reads event metadata as encoding/json would. Metadata as this
// program writes it takes a short way with a single allocation, which a rebuild
// of millions of events notices; all else (escapes, foreign keys, white space)
// goes to encoding/json.
func decodeMeta(data []byte, m *domain.Meta) error {
	if len(data) == 0 {
		return nil // foreign events need not carry any
	}
	s := scanner{rest: string(data)}
	if s.meta(m) {
		return nil
	}
	*m = domain.Meta{}
	return json.Unmarshal(data, m)
}

// scanner reads the plain subset of JSON that our own metadata consists of. Any
// method that returns false has met something else.
type scanner struct{ rest string }

func (s *scanner) meta(m *domain.Meta) bool {
	return s.object(func(key string) bool {
		switch key {
		case "$correlationId":
			return s.text(&m.CorrelationID)
		case "$causationId":
			return s.text(&m.CausationID)
		case "command":
			return s.text(&m.Command)
		case "digest":
			return s.text(&m.Digest)
		case "traceparent":
			return s.text(&m.TraceParent)
		case "policy_version":
			return s.number(&m.PolicyVersion)
		case "actor":
			return s.actor(&m.Actor)
		case "occurred_at":
			var at string
			return s.text(&at) && m.OccurredAt.UnmarshalText([]byte(at)) == nil
		default:
			return false
		}
	}) && s.rest == ""
}

func (s *scanner) actor(a *domain.Actor) bool {
	return s.object(func(key string) bool {
		switch key {
		case "id":
			return s.text(&a.ID)
		case "role":
			return s.text(&a.Role)
		default:
			return false
		}
	})
}

func (s *scanner) object(member func(key string) bool) bool {
	if !s.skip('{') {
		return false
	}
	if s.skip('}') {
		return true
	}
	for {
		var key string
		if !s.text(&key) || !s.skip(':') || !member(key) {
			return false
		}
		if s.skip('}') {
			return true
		}
		if !s.skip(',') {
			return false
		}
	}
}

func (s *scanner) skip(c byte) bool {
	if s.rest == "" || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

// text takes a string of printable ASCII without escapes.
func (s *scanner) text(into *string) bool {
	if !s.skip('"') {
		return false
	}
	end := strings.IndexByte(s.rest, '"')
	if end < 0 {
		return false
	}
	for i := range end {
		if c := s.rest[i]; c < ' ' || c == '\\' || c > '~' {
			return false
		}
	}
	*into, s.rest = s.rest[:end], s.rest[end+1:]
	return true
}

// number takes a whole number of up to nine digits without sign.
func (s *scanner) number(into *int) bool {
	n, i := 0, 0
	for i < len(s.rest) && i < 10 && '0' <= s.rest[i] && s.rest[i] <= '9' {
		n = n*10 + int(s.rest[i]-'0')
		i++
	}
	if i == 0 || i == 10 || i > 1 && s.rest[0] == '0' {
		return false
	}
	*into, s.rest = n, s.rest[i:]
	return true
}
