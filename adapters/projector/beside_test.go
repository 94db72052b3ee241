package projector_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/projections/projectionstest"
)

// Of two projectors one does the work and the other stands by; when the first
// ends, the second goes on.
func TestOneOfTwoStandsBy(t *testing.T) {
	events := projectionstest.Busy(400, 14)
	half := len(events) / 2
	log, store := newLog(3, events[:1]...), projectionstest.NewMemory()
	var refused [2]*prometheus.Registry
	var stop [2]func()
	for i := range stop {
		c := config(t, log, store)
		refused[i] = prometheus.NewRegistry()
		c.Metrics = refused[i]
		_, stop[i] = start(t, c)
	}
	reaches(t, store, events[0].Position, samples()...)
	for i := 1; i < half; i++ {
		log.append(events[i])
		reaches(t, store, events[i].Position, samples()...)
	}
	assert.Less(t, counted(t, refused[0])+counted(t, refused[1]), float64(half/10), "hardly a commit was for nothing")
	stop[0]()
	for i := half; i < len(events); i += 10 {
		log.append(events[i:min(i+10, len(events))]...)
	}
	reaches(t, store, last(events), samples()...)
	same(t, store, events)
}

// counted is how many commits were refused because somebody else had committed.
func counted(t *testing.T, registry *prometheus.Registry) float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() == "annals_projector_moved_total" {
			return family.GetMetric()[0].GetCounter().GetValue()
		}
	}
	return 0
}
