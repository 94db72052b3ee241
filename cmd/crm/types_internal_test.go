package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/feed"
)

// Every wire type ever written reads the same with the fast library and with
// the standard one, and so does a payload that is no JSON.
func TestFastDecoderAgreesWithTheStandardLibrary(t *testing.T) {
	fast := types()
	standard := fast.Using(json.Unmarshal)
	for name := range fast {
		category, _, _ := strings.Cut(name, ".")
		found, err := filepath.Glob(filepath.Join("../../domain", strings.ReplaceAll(category, "_", ""), "testdata/events", name+".json"))
		require.NoError(t, err)
		require.Len(t, found, 1, name)
		payload, err := os.ReadFile(found[0])
		require.NoError(t, err)
		assert.Equal(t, standard.Decode(name, payload), fast.Decode(name, payload))
		for _, broken := range []string{"", "{", mistyped(t, payload), string(payload[:len(payload)/2])} {
			assert.IsType(t, domain.Undecodable{}, fast.Decode(name, []byte(broken)), "%s: %s", name, broken)
		}
	}
}

// mistyped is a payload with a number for every text, and a text for all else.
func mistyped(t *testing.T, payload []byte) string {
	t.Helper()
	var fields map[string]any
	require.NoError(t, json.Unmarshal(payload, &fields))
	for name, value := range fields {
		fields[name] = "x"
		if _, text := value.(string); text {
			fields[name] = 1
		}
	}
	text, err := json.Marshal(fields)
	require.NoError(t, err)
	return string(text)
}

// Whoever adds a category says whether it is handed on to other programs.
func TestEveryCategoryIsPublishedOrInternal(t *testing.T) {
	for name := range types() {
		category, _, _ := strings.Cut(name, ".")
		published, internal := slices.Contains(feed.Published(), category), slices.Contains(feed.Internal(), category)
		assert.True(t, published != internal, "%s: list the category in domain/feed, as published or as internal", name)
	}
}
