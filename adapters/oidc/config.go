// Package oidc knows callers by the JSON web tokens of OpenID Connect issuers,
// such as Keycloak or Entra ID. It keeps nothing but the public keys of issuers.
package oidc

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/access"
)

// Issuer is whose tokens are taken, and what of them counts.
type Issuer struct {
	URL        string              `yaml:"issuer"`      // as in the claim iss
	Audiences  []string            `yaml:"audiences"`   // a token must be for one of these
	Clients    []string            `yaml:"clients"`     // azp, or client_id, must be one of these; any if empty
	Algorithms []string            `yaml:"algorithms"`  // of signatures; RS256, PS256, ES256, EdDSA and their like if empty
	Caller     string              `yaml:"caller"`      // claim with the caller's id; sub if empty
	Lower      bool                `yaml:"lower"`       // the id in lower case, for e-mail addresses
	Prefix     string              `yaml:"prefix"`      // before the id, so that those of several issuers stay apart
	RolesClaim string              `yaml:"roles_claim"` // such as realm_access.roles; roles if empty
	Roles      map[string][]string `yaml:"roles"`       // value of that claim -> roles here; the same names if empty
	Skew       time.Duration       `yaml:"skew"`        // how far clocks may lie apart; one minute if zero
}

// Algorithms lists the signatures that can be taken. Those with a shared secret
// are not among them: whoever checks them could also make them.
var Algorithms = []string{"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"}

const (
	defaultSkew = time.Minute
	mostSkew    = 10 * time.Minute
)

func (i Issuer) orDefaults() Issuer {
	if len(i.Algorithms) == 0 {
		i.Algorithms = Algorithms
	}
	if i.Caller == "" {
		i.Caller = "sub"
	}
	if i.RolesClaim == "" {
		i.RolesClaim = "roles"
	}
	if i.Skew == 0 {
		i.Skew = defaultSkew
	}
	return i
}

// Check reports everything wrong with issuers.
func Check(issuers []Issuer) []error {
	var wrong []error
	for n, i := range issuers {
		add := func(format string, args ...any) {
			wrong = append(wrong, fmt.Errorf("issuer %q: %w", i.URL, fmt.Errorf(format, args...)))
		}
		if err := secure(i.URL); err != nil {
			add("%w", err)
		}
		if len(i.Audiences) == 0 || slices.Contains(i.Audiences, "") {
			add("needs an audience: without one, tokens meant for other programs would open this one")
		}
		for _, algorithm := range i.Algorithms {
			if !slices.Contains(Algorithms, algorithm) {
				add("algorithm %q: want some of %s", algorithm, strings.Join(Algorithms, ", "))
			}
		}
		for value, roles := range i.Roles {
			for _, role := range roles {
				if !slices.Contains(access.Roles, role) {
					add("roles: %q stands for %q, which is no role; want some of %s", value, role, strings.Join(access.Roles, ", "))
				}
			}
		}
		if i.Skew < 0 || i.Skew > mostSkew {
			add("skew %s: want 0 to %s", i.Skew, mostSkew)
		}
		for _, other := range issuers[:n] {
			switch {
			case other.URL == i.URL:
				add("is given twice")
			case strings.EqualFold(other.Prefix, i.Prefix):
				add("has the same prefix %q as issuer %q, so that a caller of one could go by the id of one of the other", i.Prefix, other.URL)
			}
		}
	}
	return wrong
}

// secure fails for an address that somebody on the way could answer for.
func secure(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return fmt.Errorf("want a URL such as https://id.example.com/realms/crm")
	}
	ip := net.ParseIP(u.Hostname())
	if loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback(); u.Scheme != "https" && (u.Scheme != "http" || !loopback) {
		return fmt.Errorf("want https: its keys say who may call")
	}
	return nil
}
