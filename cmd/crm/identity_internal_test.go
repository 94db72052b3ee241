package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi"
)

// A server that knows two issuers, one of which is away: who may call, what they
// are told, and that nothing they show it gets into its log.
func TestIssuers(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	var up *httptest.Server
	up = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/keys" {
			_ = json.NewEncoder(w).Encode(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k", Use: "sig"}}})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": up.URL, "jwks_uri": up.URL + "/keys"})
	}))
	defer up.Close()
	away := httptest.NewServer(http.NotFoundHandler())
	away.Close()
	file := filepath.Join(t.TempDir(), "issuers.yaml")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, `
- issuer: %s
  audiences: [annals]
  caller: preferred_username
  roles_claim: realm_access.roles
  roles: {crm-sales: [sales], crm-audit: [auditor]}
  skew: 30s
- issuer: %s
  audiences: [annals]
  prefix: "partner:"
`, up.URL, away.URL), 0o600))

	token := func(changes map[string]any) string {
		claims := map[string]any{
			"iss": up.URL, "aud": "annals", "sub": "sub-7788", "preferred_username": "ann", "email": "ann.lee@private.example",
			"exp": time.Now().Add(time.Minute).Unix(), "realm_access": map[string]any{"roles": []string{"crm-sales", "shopkeeper"}},
		}
		maps.Copy(claims, changes)
		text, err := json.Marshal(claims)
		require.NoError(t, err)
		signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, (&jose.SignerOptions{}).WithHeader("kid", "k"))
		require.NoError(t, err)
		signed, err := signer.Sign(text)
		require.NoError(t, err)
		compact, err := signed.CompactSerialize()
		require.NoError(t, err)
		return compact
	}

	var log bytes.Buffer
	out, written := io.Pipe()
	listen := freeAddress(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan int)
	go func() {
		ended <- run(ctx, []string{"serve", "--listen", listen, "--data", t.TempDir(), "--oidc-issuers", file, "--log-level", "debug"}, written, &log)
	}()
	line, err := bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	admin := strings.TrimSpace(strings.TrimPrefix(line, "admin token: "))
	server := "http://" + listen
	require.Eventually(t, func() bool { status, _ := asked(t, server+"/v1/queries/me", admin); return status == http.StatusOK }, childStart, 10*time.Millisecond)

	status, body := asked(t, server+"/v1/queries/me", token(nil))
	require.Equal(t, http.StatusOK, status, body)
	var me httpapi.Me
	require.NoError(t, json.Unmarshal([]byte(body), &me))
	assert.Equal(t, "ann", me.ID)
	assert.Equal(t, []string{"sales"}, me.Roles)
	assert.NotNil(t, me.ExpiresAt)
	for _, tt := range []struct {
		token string
		want  int
		code  string
	}{
		{token(map[string]any{"exp": time.Now().Add(-31 * time.Second).Unix()}), http.StatusUnauthorized, "unauthenticated"},
		{token(map[string]any{"aud": "shop"}), http.StatusUnauthorized, "unauthenticated"},
		{token(map[string]any{"realm_access": nil}), http.StatusForbidden, "no_roles"},
		{token(map[string]any{"preferred_username": "ADMIN"}), http.StatusForbidden, "caller_name_taken"},
		{token(map[string]any{"preferred_username": "partner:bob"}), http.StatusUnauthorized, "unauthenticated"},
		{token(map[string]any{"iss": away.URL}), http.StatusServiceUnavailable, "issuer_unavailable"},
		{"crm_not-a-token-of-ours", http.StatusUnauthorized, "unauthenticated"},
	} {
		status, body := asked(t, server+"/v1/queries/me", tt.token)
		assert.Equal(t, tt.want, status, body)
		assert.Contains(t, body, `"code":"`+tt.code+`"`)
	}
	require.Eventually(t, func() bool { // until its first build is served
		status, _ := asked(t, server+"/v1/queries/deals", admin)
		return status == http.StatusOK
	}, childStart, 10*time.Millisecond, "an issuer that is away is nothing to callers with tokens of ours")

	stop()
	assert.Equal(t, 0, <-ended)
	assert.Contains(t, log.String(), away.URL, "who runs the server learns which issuer is away")
	for _, private := range []string{"ann.lee", "private.example", "sub-7788", "shopkeeper", "crm-sales", "partner:bob", "preferred_username=", "eyJ", "crm_not-a-token", admin} {
		assert.NotContains(t, log.String(), private)
	}
}

func asked(t *testing.T, url, token string) (status int, body string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Authorization", "Bearer "+token)
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, ""
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

func TestIssuersAreChecked(t *testing.T) {
	data := t.TempDir()
	status, _, stderr := crm(t, "serve", "--data", data, "--oidc-issuer", "http://id.example.com", "--oidc-role", "crm-boss=boss,crm-sales", "--trusted-proxies", "10.0.0.1")
	assert.Equal(t, 2, status)
	for _, wrong := range []string{"want https", "needs an audience", `"boss", which is no role`, `--oidc-role "crm-sales"`, "--trusted-proxies"} {
		assert.Contains(t, stderr, wrong)
	}
	file := filepath.Join(data, "issuers.yaml")
	require.NoError(t, os.WriteFile(file, []byte("- issuer: https://id.example.com\n  audience: annals\n"), 0o600))
	status, _, stderr = crm(t, "serve", "--data", data, "--oidc-issuers", file)
	assert.Equal(t, 2, status)
	assert.Contains(t, stderr, "audience")
}
