package oidc_test

import (
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/oidc"
)

func TestCaller(t *testing.T) {
	f := start(t, nil)
	r, e := rsaKey(t, "r"), ecKey(t, "e")
	f.publish(t, r, e)
	for _, k := range []key{r, e} {
		caller, err := f.Caller(t.Context(), f.token(t, k, map[string]any{"name": "Ann Lee"}))
		require.NoError(t, err)
		expires := f.now.Add(5 * time.Minute)
		assert.True(t, caller.ExpiresAt.Equal(expires))
		caller.ExpiresAt = nil
		assert.Equal(t, httpapi.Caller{ID: "u-17", Name: "Ann Lee", Kind: "person", Roles: []string{"sales"}}, caller)
	}
	assert.Equal(t, 1, f.askedForKeys())
}

func TestTokensThatAreNotBelieved(t *testing.T) {
	f := start(t, func(i *oidc.Issuer) { i.Clients, i.Algorithms = []string{"web"}, []string{"RS256"} })
	good, stranger, curve := rsaKey(t, "good"), rsaKey(t, "good"), ecKey(t, "curve")
	f.publish(t, good, curve)
	with := func(changes map[string]any) string {
		changes["azp"] = "web"
		return f.token(t, good, changes)
	}
	_, err := f.Caller(t.Context(), with(map[string]any{}))
	require.NoError(t, err)
	at := func(after time.Duration) int64 { return f.now.Add(after).Unix() }
	for name, tt := range map[string]struct{ token, says string }{
		"another audience":       {with(map[string]any{"aud": []string{"shop", "other"}}), "(aud)"},
		"no audience":            {with(map[string]any{"aud": nil}), "(aud)"},
		"expired":                {with(map[string]any{"exp": at(-61 * time.Second)}), "(exp)"},
		"without end":            {with(map[string]any{"exp": nil}), "(exp)"},
		"not yet":                {with(map[string]any{"nbf": at(62 * time.Second)}), "(nbf)"},
		"from the future":        {with(map[string]any{"iat": at(62 * time.Second)}), "(iat)"},
		"another client":         {f.token(t, good, map[string]any{"azp": "game"}), "(azp)"},
		"another issuer":         {with(map[string]any{"iss": "https://evil.example"}), "issuer"},
		"no caller":              {with(map[string]any{"sub": nil}), "claim sub"},
		"the program itself":     {with(map[string]any{"sub": "system"}), "claim sub"},
		"a caller of two lines":  {with(map[string]any{"sub": "ann\nbob"}), "claim sub"},
		"another key":            {f.token(t, stranger, map[string]any{"azp": "web"}), "signature"},
		"an algorithm not taken": {f.token(t, curve, map[string]any{"azp": "web"}), "RS256"},
		"for logging out":        {sign(t, good, "logout+jwt", f.claims(map[string]any{"azp": "web"})), "(typ)"},
		"no JSON web token":      {"a.b.c", "no JSON web token"},
	} {
		_, err := f.Caller(t.Context(), tt.token)
		require.ErrorIs(t, err, httpapi.ErrUnauthenticated, name)
		assert.ErrorContains(t, err, tt.says, name)
	}
}

// Whoever knows the public key could have signed with it as a shared secret, and
// anybody can leave the signature out.
func TestSignaturesThatAnybodyCanMake(t *testing.T) {
	f := start(t, nil)
	good := rsaKey(t, "good")
	f.publish(t, good)
	f.mu.Lock()
	public := f.keys[0]
	f.mu.Unlock()
	der, err := x509.MarshalPKIXPublicKey(public.Key)
	require.NoError(t, err)
	for _, secret := range [][]byte{der, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})} {
		_, err = f.Caller(t.Context(), f.token(t, key{"good", jose.HS256, secret}, nil))
		assert.ErrorIs(t, err, httpapi.ErrUnauthenticated)
	}

	text, err := json.Marshal(f.claims(nil))
	require.NoError(t, err)
	encode := base64.RawURLEncoding.EncodeToString
	for _, header := range []string{`{"alg":"none","kid":"good"}`, `{"alg":"None"}`, `{"kid":"good"}`} {
		_, err = f.Caller(t.Context(), encode([]byte(header))+"."+encode(text)+".")
		assert.ErrorIs(t, err, httpapi.ErrUnauthenticated, header)
	}
	signature := f.token(t, good, nil)
	_, err = f.Caller(t.Context(), strings.Join([]string{encode([]byte(`{"alg":"RS256","kid":"good"}`)), encode(text), strings.Split(signature, ".")[2] + "AA"}, "."))
	assert.ErrorIs(t, err, httpapi.ErrUnauthenticated)
}

func TestClocksMayLieApart(t *testing.T) {
	f := start(t, func(i *oidc.Issuer) { i.Skew = 30 * time.Second })
	k := rsaKey(t, "k")
	f.publish(t, k)
	token := f.token(t, k, map[string]any{"nbf": f.now.Unix()})
	issued := f.now
	for after, valid := range map[time.Duration]bool{
		-31 * time.Second: false, -30 * time.Second: true, 0: true, 5*time.Minute + 29*time.Second: true, 5*time.Minute + 30*time.Second: false,
	} {
		f.now = issued.Add(after)
		_, err := f.Caller(t.Context(), token)
		assert.Equal(t, valid, err == nil, "%s: %v", after, err)
	}
}

func TestCallersAndRolesAreMapped(t *testing.T) {
	f := start(t, func(i *oidc.Issuer) {
		i.Caller, i.Lower, i.Prefix = "email", true, "id:"
		i.RolesClaim, i.Roles = "realm_access.roles", map[string][]string{"crm-sales": {"sales", "marketing"}, "crm-boss": {"manager"}}
	})
	k := rsaKey(t, "k")
	f.publish(t, k)
	mail := func(changes map[string]any) string {
		changes["email"] = "Ann@Example.com"
		return f.token(t, k, changes)
	}
	access := func(roles any) map[string]any { return map[string]any{"realm_access": map[string]any{"roles": roles}} }
	for _, tt := range []struct{ given, want any }{
		{[]string{"crm-boss", "crm-sales", "crm-sales", "admin"}, []string{"manager", "marketing", "sales"}},
		{"crm-boss other", []string{"manager"}},
		{[]any{"unknown", 7}, []string(nil)},
		{nil, []string(nil)},
	} {
		caller, err := f.Caller(t.Context(), mail(access(tt.given)))
		require.NoError(t, err)
		assert.Equal(t, "id:ann@example.com", caller.ID)
		assert.Equal(t, tt.want, caller.Roles)
	}
	_, err := f.Caller(t.Context(), mail(map[string]any{"email_verified": false}))
	assert.ErrorContains(t, err, "not verified")
}

// The program's own roles are never a claim's to give.
func TestRolesThatAreNotGiven(t *testing.T) {
	f := start(t, nil)
	k := rsaKey(t, "k")
	f.publish(t, k)
	caller, err := f.Caller(t.Context(), f.token(t, k, map[string]any{"roles": []string{"system", "timer", "root"}}))
	require.NoError(t, err)
	assert.Empty(t, caller.Roles)
}
