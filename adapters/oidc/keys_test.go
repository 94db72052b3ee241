package oidc_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi"
)

func TestKeysAreRotated(t *testing.T) {
	f := start(t, nil)
	before, after := rsaKey(t, "2026-04"), rsaKey(t, "2026-05")
	f.publish(t, before)
	_, err := f.Caller(t.Context(), f.token(t, before, nil))
	require.NoError(t, err)
	f.publish(t, before, after)
	_, err = f.Caller(t.Context(), f.token(t, after, nil))
	assert.ErrorIs(t, err, httpapi.ErrUnauthenticated, "the issuer was asked just now")
	f.pass(10 * time.Second)
	_, err = f.Caller(t.Context(), f.token(t, after, nil))
	require.NoError(t, err)

	// The old one is taken back: that is noticed when keys are asked for again.
	f.publish(t, after)
	f.pass(61 * time.Minute)
	_, err = f.Caller(t.Context(), f.token(t, before, nil))
	assert.NoError(t, err, "it is believed while the issuer is asked")
	require.Eventually(t, func() bool {
		_, err := f.Caller(t.Context(), f.token(t, before, nil))
		return err != nil
	}, 5*time.Second, time.Millisecond)
	_, err = f.Caller(t.Context(), f.token(t, after, nil))
	assert.NoError(t, err)
}

// Whoever makes up key ids does not make us flood the issuer.
func TestIssuerIsNotFlooded(t *testing.T) {
	f := start(t, nil)
	k := rsaKey(t, "k")
	f.publish(t, k)
	for n := range 50 {
		stranger := k
		stranger.id = fmt.Sprint("made up ", n)
		_, err := f.Caller(t.Context(), f.token(t, stranger, nil))
		assert.ErrorIs(t, err, httpapi.ErrUnauthenticated)
	}
	_, err := f.Caller(t.Context(), f.token(t, k, nil))
	assert.NoError(t, err, "good ones pass meanwhile")
	assert.Equal(t, 1, f.askedForKeys())
}

func TestIssuerIsAway(t *testing.T) {
	f := start(t, nil)
	k, next := rsaKey(t, "k"), rsaKey(t, "next")
	f.publish(t, k)
	f.fails(true)
	_, err := f.Caller(t.Context(), f.token(t, k, nil))
	assert.ErrorIs(t, err, httpapi.ErrIssuerAway)
	f.fails(false)
	f.pass(10 * time.Second)
	_, err = f.Caller(t.Context(), f.token(t, k, nil))
	require.NoError(t, err)

	f.fails(true)
	f.pass(2 * time.Hour)
	_, err = f.Caller(t.Context(), f.token(t, k, nil))
	assert.NoError(t, err, "a key that is known is believed")
	_, err = f.Caller(t.Context(), f.token(t, next, nil))
	assert.Error(t, err)
	f.pass(25 * time.Hour)
	_, err = f.Caller(t.Context(), f.token(t, k, nil))
	assert.ErrorIs(t, err, httpapi.ErrIssuerAway, "but not for good")
}
