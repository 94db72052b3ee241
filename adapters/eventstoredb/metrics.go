package eventstoredb

import "github.com/prometheus/client_golang/prometheus"

// Metrics is whether the log is connected and how often it had to be.
func (c *Client) Metrics() []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "annals_log_connected", Help: "Whether there is a connection to the event log: 1 or 0.",
		}, func() float64 {
			if g := c.current.Load(); g != nil && !g.dropped.Load() {
				return 1
			}
			return 0
		}),
		prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "annals_log_connections_total", Help: "Connections made to the event log since the start; more than one were lost.",
		}, func() float64 {
			if g := c.current.Load(); g != nil {
				return float64(g.number)
			}
			return 0
		}),
	}
}
