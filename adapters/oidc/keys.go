package oidc

import (
	"context"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	"golang.org/x/sync/singleflight"
)

const (
	askAgain     = 10 * time.Second // at the earliest, whatever key ids callers name
	askTimeout   = 5 * time.Second
	freshFor     = time.Hour      // then keys are asked for anew, so that one taken back is noticed
	believedFor  = 24 * time.Hour // without an answer; then nothing is believed
	mostBytes    = 1 << 20        // of an answer of the issuer
	fewestRSABit = 2048
)

var (
	errNoAnswer = errors.New("the issuer does not answer")
	errNoKey    = errors.New("the issuer has no such key")
)

// keys are the public keys of one issuer, by id. They are asked for when first
// needed, so an issuer that is away stops nobody else.
type keys struct {
	issuer string
	client *http.Client
	now    func() time.Time
	asking singleflight.Group

	mu      sync.Mutex
	byID    map[string]jose.JSONWebKey
	learned time.Time // when byID was
	asked   time.Time // when the issuer was asked last
	failure error     // of that
}

func newKeys(issuer string, now func() time.Time) *keys {
	return &keys{issuer: issuer, now: now, client: &http.Client{Timeout: askTimeout, Transport: limited{http.DefaultTransport}}}
}

// find fails with errNoKey, or with errNoAnswer if it cannot be told whether the
// issuer has the key.
func (k *keys) find(ctx context.Context, id string) (jose.JSONWebKey, error) {
	key, known, age, due := k.look(id)
	if known && age < believedFor {
		if age > freshFor && due {
			k.asking.DoChan("", k.ask) // and meanwhile it is believed
		}
		return key, nil
	}
	if due {
		select {
		case <-k.asking.DoChan("", k.ask):
		case <-ctx.Done():
			return key, ctx.Err()
		}
		key, known, age, _ = k.look(id)
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case known && age < believedFor:
		return key, nil
	case k.failure != nil:
		return key, fmt.Errorf("%w: %w", errNoAnswer, k.failure)
	}
	return key, errNoKey
}

// look is what is known of a key, how long ago that was learned, and whether the
// issuer may be asked again. A token that names no key is checked with the only
// one there is.
func (k *keys) look(id string) (key jose.JSONWebKey, known bool, age time.Duration, due bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	key, known = k.byID[id]
	if id == "" && len(k.byID) == 1 {
		for _, key = range k.byID {
			known = true
		}
	}
	now := k.now()
	return key, known, now.Sub(k.learned), k.asked.IsZero() || now.Sub(k.asked) >= askAgain
}

// ask learns the keys from the issuer. It takes a time of its own: whoever waits
// for it may give up, the others do not.
func (k *keys) ask() (any, error) {
	ctx, cancel := context.WithTimeout(context.Background(), askTimeout)
	defer cancel()
	found, err := k.fetch(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.asked, k.failure = k.now(), err
	if err == nil {
		k.byID, k.learned = found, k.asked
	}
	return nil, err
}

func (k *keys) fetch(ctx context.Context) (map[string]jose.JSONWebKey, error) {
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, k.client), k.issuer)
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	var at struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&at); err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	if err := secure(at.Keys); err != nil {
		return nil, fmt.Errorf("jwks_uri: %w", err)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, at.Keys, http.NoBody)
	if err != nil {
		return nil, err
	}
	answer, err := k.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = answer.Body.Close() }()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("keys: %s", answer.Status)
	}
	var set struct {
		Keys []json.RawMessage `json:"keys"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&set); err != nil {
		return nil, fmt.Errorf("keys: %w", err)
	}
	found := map[string]jose.JSONWebKey{}
	for _, text := range set.Keys {
		var key jose.JSONWebKey
		if json.Unmarshal(text, &key) == nil && signs(key) { // others are for other purposes
			found[key.KeyID] = key
		}
	}
	return found, nil
}

// signs tells whether a key is public and for signatures.
func signs(key jose.JSONWebKey) bool {
	if key.Use != "" && key.Use != "sig" {
		return false
	}
	switch public := key.Key.(type) {
	case *rsa.PublicKey:
		return public.N.BitLen() >= fewestRSABit
	case *ecdsa.PublicKey, ed25519.PublicKey:
		return true
	}
	return false
}

// limited cuts answers off that are too long to be meant.
type limited struct{ http.RoundTripper }

// RoundTrip is what the client calls.
func (l limited) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := l.RoundTripper.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	answer.Body = struct {
		io.Reader
		io.Closer
	}{io.LimitReader(answer.Body, mostBytes), answer.Body}
	return answer, nil
}
