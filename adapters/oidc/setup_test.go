package oidc_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/oidc"
)

// fixture is an issuer, the program that takes its tokens, and the time.
type fixture struct {
	*oidc.Callers
	server *httptest.Server
	now    time.Time

	mu    sync.Mutex
	keys  []jose.JSONWebKey
	asked int  // how often for keys
	down  bool // it answers nothing
}

func start(t *testing.T, change func(*oidc.Issuer)) *fixture {
	t.Helper()
	f := &fixture{now: time.Date(2026, 5, 4, 9, 0, 0, 0, time.UTC)}
	f.server = httptest.NewServer(http.HandlerFunc(f.answer))
	t.Cleanup(f.server.Close)
	issuer := oidc.Issuer{URL: f.server.URL, Audiences: []string{"annals"}}
	if change != nil {
		change(&issuer)
	}
	require.Empty(t, oidc.Check([]oidc.Issuer{issuer}))
	f.Callers = oidc.New([]oidc.Issuer{issuer}, func() time.Time {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.now
	})
	return f
}

func (f *fixture) answer(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.down {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/keys" {
		f.asked++
		_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: f.keys})
		return
	}
	_ = json.NewEncoder(w).Encode(map[string]string{"issuer": f.server.URL, "jwks_uri": f.server.URL + "/keys"})
}

// key is a private key of the issuer, with the id of its public half.
type key struct {
	id     string
	alg    jose.SignatureAlgorithm
	secret any
}

func rsaKey(t *testing.T, id string) key {
	t.Helper()
	secret, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	return key{id, jose.RS256, secret}
}

func ecKey(t *testing.T, id string) key {
	t.Helper()
	secret, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key{id, jose.ES256, secret}
}

// publish makes these the keys of the issuer, and no others.
func (f *fixture) publish(t *testing.T, keys ...key) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keys = nil
	for _, k := range keys {
		private, ok := k.secret.(crypto.Signer)
		require.True(t, ok)
		f.keys = append(f.keys, jose.JSONWebKey{Key: private.Public(), KeyID: k.id, Use: "sig"})
	}
}

// pass lets time pass.
func (f *fixture) pass(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func (f *fixture) fails(down bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.down = down
}

func (f *fixture) askedForKeys() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked
}

// claims are those of a good token, with changes; nil leaves one out.
func (f *fixture) claims(changes map[string]any) map[string]any {
	all := map[string]any{
		"iss": f.server.URL, "aud": "annals", "sub": "u-17", "iat": f.now.Unix(), "exp": f.now.Add(5 * time.Minute).Unix(),
		"roles": []string{"sales"},
	}
	maps.Copy(all, changes)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == nil })
	return all
}

func (f *fixture) token(t *testing.T, k key, changes map[string]any) string {
	t.Helper()
	return sign(t, k, "JWT", f.claims(changes))
}

func sign(t *testing.T, k key, kind jose.ContentType, claims map[string]any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithType(kind).WithHeader("kid", k.id)
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: k.alg, Key: k.secret}, options)
	require.NoError(t, err)
	text, err := json.Marshal(claims)
	require.NoError(t, err)
	signed, err := signer.Sign(text)
	require.NoError(t, err)
	compact, err := signed.CompactSerialize()
	require.NoError(t, err)
	return compact
}
