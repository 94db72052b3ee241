package oidc

import (
	"context"
	"crypto"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/domain/access"
)

// Callers checks tokens of the issuers it was made with.
type Callers struct {
	issuers map[string]*issuer
	algs    []jose.SignatureAlgorithm
	now     func() time.Time
}

type issuer struct {
	Issuer
	keys   *keys
	others []string // prefixes of other issuers that begin with its own
}

// New takes tokens of issuers that Check found nothing wrong with. No issuer is
// asked before its first token comes.
func New(issuers []Issuer, now func() time.Time) *Callers {
	c := &Callers{issuers: map[string]*issuer{}, now: now}
	for _, i := range issuers {
		one := &issuer{Issuer: i.orDefaults(), keys: newKeys(i.URL, now)}
		for _, other := range issuers {
			if other.URL != i.URL && strings.HasPrefix(strings.ToLower(other.Prefix), strings.ToLower(i.Prefix)) {
				one.others = append(one.others, strings.ToLower(other.Prefix))
			}
		}
		c.issuers[i.URL] = one
	}
	for _, name := range Algorithms {
		c.algs = append(c.algs, jose.SignatureAlgorithm(name))
	}
	return c
}

// Caller fails with httpapi.ErrUnauthenticated for a token that is not to be
// believed, saying why, and with httpapi.ErrIssuerAway if that cannot be told now.
func (c *Callers) Caller(ctx context.Context, token string) (httpapi.Caller, error) {
	signed, err := jose.ParseSigned(token, c.algs)
	if err != nil || len(signed.Signatures) != 1 {
		return httpapi.Caller{}, refused("it is no JSON web token, or signed in a way that is not accepted; accepted are %s", strings.Join(Algorithms, ", "))
	}
	var claims struct {
		Issuer string `json:"iss"`
	}
	if err := json.Unmarshal(signed.UnsafePayloadWithoutVerification(), &claims); err != nil {
		return httpapi.Caller{}, refused("its claims are no JSON object")
	}
	i, ok := c.issuers[claims.Issuer]
	if !ok {
		return httpapi.Caller{}, refused("its issuer is not one of those whose tokens are taken here")
	}
	verified, err := i.verify(ctx, token, signed.Signatures[0].Header)
	if err != nil {
		return httpapi.Caller{}, err
	}
	return i.caller(verified, c.now())
}

// verify checks who signed the token.
func (i *issuer) verify(ctx context.Context, token string, header jose.Header) (*oidc.IDToken, error) {
	if !slices.Contains(i.Algorithms, header.Algorithm) {
		return nil, refused("it is signed with an algorithm that is not accepted; accepted are %s", strings.Join(i.Algorithms, ", "))
	}
	if kind, ok := header.ExtraHeaders[jose.HeaderType].(string); ok && !slices.Contains([]string{"jwt", "at+jwt", "application/at+jwt"}, strings.ToLower(kind)) {
		return nil, refused("its header says that it is meant for something else (typ)")
	}
	key, err := i.keys.find(ctx, header.KeyID)
	switch {
	case errors.Is(err, errNoKey), err == nil && key.Algorithm != "" && key.Algorithm != header.Algorithm:
		return nil, refused("it is not signed with a key of its issuer; if keys have just been exchanged, repeat the request in a few seconds")
	case errors.Is(err, errNoAnswer):
		return nil, fmt.Errorf("%w: %w", httpapi.ErrIssuerAway, err)
	case err != nil:
		return nil, err
	}
	// The audience and the times are checked by us: there may be several
	// audiences, and clocks may lie apart.
	verifier := oidc.NewVerifier(i.URL, &oidc.StaticKeySet{PublicKeys: []crypto.PublicKey{key.Key}}, &oidc.Config{
		SupportedSigningAlgs: i.Algorithms, SkipClientIDCheck: true, SkipExpiryCheck: true,
	})
	verified, err := verifier.Verify(ctx, token)
	if err != nil {
		return nil, refused("its signature does not hold")
	}
	return verified, nil
}

// caller is whom a token that is signed well speaks for at now.
func (i *issuer) caller(token *oidc.IDToken, now time.Time) (httpapi.Caller, error) {
	var claims claims
	if err := token.Claims(&claims); err != nil {
		return httpapi.Caller{}, refused("its claims are not what they should be")
	}
	if err := i.timely(token, claims, now); err != nil {
		return httpapi.Caller{}, err
	}
	if !slices.ContainsFunc(i.Audiences, func(audience string) bool { return slices.Contains(token.Audience, audience) }) {
		return httpapi.Caller{}, refused("it is not meant for this program (aud)")
	}
	if client := claims.first("azp", "client_id", "appid"); len(i.Clients) > 0 && !slices.Contains(i.Clients, client) {
		return httpapi.Caller{}, refused("it was issued to a program whose tokens are not taken here (azp)")
	}
	id, err := i.id(claims)
	if err != nil {
		return httpapi.Caller{}, err
	}
	name := claims.first("name")
	if name == "" {
		name = id
	}
	expires := token.Expiry
	return httpapi.Caller{ID: id, Name: name, Kind: access.Person, Roles: i.roles(claims), ExpiresAt: &expires}, nil
}

// timely fails unless the token holds at now, clocks that lie apart allowed for.
func (i *issuer) timely(token *oidc.IDToken, claims claims, now time.Time) error {
	switch {
	case token.Expiry.IsZero():
		return refused("it does not say when it ends (exp)")
	case !now.Before(token.Expiry.Add(i.Skew)):
		return refused("it has ended (exp)")
	case now.Add(i.Skew).Before(claims.time("nbf")):
		return refused("it does not hold yet (nbf)")
	case now.Add(i.Skew).Before(token.IssuedAt):
		return refused("it is from the future (iat)")
	}
	return nil
}

func refused(format string, args ...any) error {
	return httpapi.ErrUnauthenticated.Because("the token is not accepted: "+format, args...)
}
