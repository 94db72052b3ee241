package redisviews_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/adapters/webhooks/webhookstest"
)

func TestDeliveries(t *testing.T) {
	all := servers(t)
	delete(all, "miniredis") // its clock stands still: no lease runs out there
	for name, url := range all {
		t.Run(name, func(t *testing.T) { webhookstest.Store(t, redisviews.New(client(t, url), redisviews.Config{})) })
	}
}

func TestDeliveriesAreOfOneLog(t *testing.T) {
	url := embeddedURL(t)
	one, other := redisviews.New(client(t, url), redisviews.Config{Log: "a"}), redisviews.New(client(t, url), redisviews.Config{Log: "b"})
	require.NoError(t, one.SaveDeliveries(t.Context(), "w", "here", []string{"x"}, 1))
	text, err := other.DeliveryState(t.Context(), "w")
	require.NoError(t, err)
	assert.Empty(t, text)
}
