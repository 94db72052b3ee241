package projections_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain/tokenuse"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

func TestTokenUses(t *testing.T) {
	hour := func(n int) time.Time { return time.Date(2024, 5, 31, n, 0, 0, 0, time.UTC) }
	var facts []projectionstest.Fact
	note := func(token string, at time.Time) {
		facts = append(facts, projectionstest.Fact{Stream: fmt.Sprintf("token_use-%d", len(facts)), Event: tokenuse.Noted{TokenID: token, Hour: at}})
	}
	note("k1", hour(9))
	note("k2", hour(9))
	note("k1", hour(11))
	note("k1", hour(10)) // by a process that was cut off from the log for a while
	want := map[string]time.Time{"k1": hour(11), "k2": hour(9)}
	for i := range 700 {
		token := fmt.Sprintf("robot-%03d", i)
		note(token, hour(i%24))
		want[token] = hour(i % 24)
	}
	log := projectionstest.History(facts...)
	projectionstest.Equivalent(t, projections.TokenUseModel, log[:20]...)
	views := projectionstest.Given(t, []projections.Model{projections.TokenUseModel}, log...)
	last, err := projections.TokenUses{Views: views}.Last(t.Context())
	require.NoError(t, err)
	assert.Equal(t, want, last)
}
