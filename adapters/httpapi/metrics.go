package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/annals-crm/annals/domain/access"
)

// metrics counts requests. Labels are names of operations and statuses, never
// anything a caller sent.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec

	deprecated *prometheus.CounterVec
}

func newMetrics(registry *prometheus.Registry) *metrics {
	if registry == nil {
		registry = prometheus.NewRegistry()
	}
	m := &metrics{
		registry: registry,
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "annals_http_requests_total", Help: "Answered requests.",
		}, []string{"operation", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "annals_http_request_seconds", Help: "Time from the first byte read to the answer written.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10},
		}, []string{"operation"}),
		deprecated: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "annals_http_deprecated_requests_total", Help: "Requests for operations that are deprecated, by kind of caller.",
		}, []string{"operation", "caller"}),
	}
	registry.MustRegister(m.requests, m.seconds, m.deprecated)
	return m
}

// expect lets the count of a deprecated operation begin with zero, so that its
// increase can be told from the first call on.
func (m *metrics) expect(deprecated string) {
	for _, kind := range []string{access.Person, access.ServiceAccount} {
		m.deprecated.WithLabelValues(deprecated, kind)
	}
}

// observe counts a call that was answered.
func (m *metrics) observe(c *call, took time.Duration) {
	operation := orDefault(c.operation, "none")
	m.requests.WithLabelValues(operation, strconv.Itoa(orDefault(c.status, http.StatusOK))).Inc()
	m.seconds.WithLabelValues(operation).Observe(took.Seconds())
	if c.notice != nil && c.caller.Kind != "" { // whoever is nobody has nothing to change
		m.deprecated.WithLabelValues(c.notice.operation, c.caller.Kind).Inc()
	}
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{})
}
