// Package domaintest is how the rules of the domain are tested: given events,
// when a command, then events or an error.
package domaintest

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"  //nolint:depguard // a package for tests only
	"github.com/stretchr/testify/require" //nolint:depguard // a package for tests only

	"github.com/annals-crm/annals/domain"
)

// Case is one decision.
type Case[S any, E domain.Event] struct {
	Name  string
	Given []E
	When  func(S) ([]E, error)
	Then  []E
	Err   *domain.Error // matched by code, and by field if one is given
	Says  string        // part of the error's message
}

// Run takes every decision twice: on the folded state, and on what a snapshot
// of that state gives back.
func Run[S any, E domain.Event](t *testing.T, agg domain.Aggregate[S, E], cases []Case[S, E]) {
	t.Helper()
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			state := Fold(agg, c.Given...)
			got, err := c.When(state)
			c.check(t, got, err)

			again, err := c.When(snapshot(t, state))
			c.check(t, again, err)
			assert.Equal(t, Fold(agg, c.Given...), state, "deciding and folding must not change a state")
		})
	}
}

// Fold is the state after events.
func Fold[S any, E domain.Event](agg domain.Aggregate[S, E], events ...E) S {
	var state S
	for _, e := range events {
		state = agg.Evolve(state, e)
	}
	return state
}

func (c Case[S, E]) check(t *testing.T, got []E, err error) {
	t.Helper()
	if c.Err == nil {
		require.NoError(t, err)
		assert.Equal(t, c.Then, got)
		return
	}
	require.ErrorIs(t, err, c.Err)
	assert.Nil(t, got, "a refused command records nothing")
	var refusal *domain.Error
	require.ErrorAs(t, err, &refusal)
	assert.Contains(t, refusal.Message, c.Says)
	if c.Err.Field != "" {
		assert.Equal(t, c.Err.Field, refusal.Field)
	}
}

func snapshot[S any](t *testing.T, state S) S {
	t.Helper()
	data, err := json.Marshal(state)
	require.NoError(t, err)
	var back S
	require.NoError(t, json.Unmarshal(data, &back))
	return back
}

// Golden holds every wire type ever written against its payload in
// testdata/events: it must be read for good, and today's types be written just
// so. A payload without a type means that old streams cannot be read any more.
func Golden(t *testing.T, types []domain.Type) {
	t.Helper()
	known := map[string]bool{}
	for _, typ := range types {
		known[typ.Name] = true
		t.Run(typ.Name, func(t *testing.T) {
			payload, err := os.ReadFile(filepath.Join("testdata", "events", typ.Name+".json"))
			require.NoError(t, err)
			event, err := typ.Decode(payload)
			require.NoError(t, err)
			if event.EventType() != typ.Name {
				return // superseded: it is read as another type
			}
			var got bytes.Buffer
			encoder := json.NewEncoder(&got)
			encoder.SetIndent("", "\t")
			require.NoError(t, encoder.Encode(event))
			assert.Equal(t, string(payload), got.String())
		})
	}
	files, err := filepath.Glob(filepath.Join("testdata", "events", "*.json"))
	require.NoError(t, err)
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		assert.True(t, known[name], "%s was written once, so it must be readable", name)
	}
}
