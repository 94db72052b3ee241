package redisviews

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// collector tells Prometheus of the connections of a store.
type collector struct {
	store *Store

	up, connections, idle, timeouts *prometheus.Desc
}

// longestPing is how long Redis may take before it counts as gone.
const longestPing = time.Second

// Metrics is whether Redis answers, and how the pool of connections is used. All
// is looked up when it is asked for.
func (s *Store) Metrics() prometheus.Collector {
	const prefix = "annals_redis_"
	return &collector{
		store:       s,
		up:          prometheus.NewDesc(prefix+"up", "Whether Redis answers: 1 or 0.", nil, nil),
		connections: prometheus.NewDesc(prefix+"pool_connections", "Connections open.", nil, nil),
		idle:        prometheus.NewDesc(prefix+"pool_idle_connections", "Connections open that nobody uses.", nil, nil),
		timeouts:    prometheus.NewDesc(prefix+"pool_timeouts_total", "Waits for a free connection that took too long.", nil, nil),
	}
}

// Describe is called by the registry.
func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{c.up, c.connections, c.idle, c.timeouts} {
		ch <- d
	}
}

// Collect is called by the registry.
func (c *collector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(context.Background(), longestPing)
	defer cancel()
	up := 1.0
	if c.store.Ping(ctx) != nil {
		up = 0
	}
	pool := c.store.client.PoolStats()
	ch <- prometheus.MustNewConstMetric(c.up, prometheus.GaugeValue, up)
	ch <- prometheus.MustNewConstMetric(c.connections, prometheus.GaugeValue, float64(pool.TotalConns))
	ch <- prometheus.MustNewConstMetric(c.idle, prometheus.GaugeValue, float64(pool.IdleConns))
	ch <- prometheus.MustNewConstMetric(c.timeouts, prometheus.CounterValue, float64(pool.Timeouts))
}
