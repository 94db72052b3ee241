package webhooks

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/annals-crm/annals/projections"
)

// metrics are what Prometheus sees. Labels are ids of webhooks, never URLs.
type metrics struct {
	d        *Deliverer
	attempts *prometheus.CounterVec
	seconds  prometheus.Histogram

	hooks atomic.Pointer[[]projections.Webhook]

	status, lag, blocked, interrupted *prometheus.Desc
}

// shown is what can be seen of a job from outside.
type shown struct {
	oldest  time.Time // when the oldest fact that waits was recorded; zero: none
	blocked int
	stopped bool // for a reason that is ours, such as a key that is not the right one
}

func newMetrics(d *Deliverer) *metrics {
	const prefix = "annals_webhook_"
	m := &metrics{
		d:           d,
		attempts:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "attempts_total", Help: "Facts sent, by whether the receiver took them."}, []string{"webhook", "outcome"}),
		seconds:     prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + "attempt_seconds", Help: "Time until a receiver answered.", Buckets: prometheus.ExponentialBuckets(0.002, 2, 14)}),
		status:      prometheus.NewDesc(prefix+"status", "1 for each webhook that was not removed, with its status: active, paused or disabled.", []string{"webhook", "status"}, nil),
		lag:         prometheus.NewDesc(prefix+"lag_seconds", "Age of the oldest fact that waits to be taken; 0 if none does.", []string{"webhook"}, nil),
		blocked:     prometheus.NewDesc(prefix+"blocked_streams", "Streams whose facts wait for one that was not taken.", []string{"webhook"}, nil),
		interrupted: prometheus.NewDesc(prefix+"interrupted", "1 for a webhook that is not worked on for a reason that the log of the server tells.", []string{"webhook"}, nil),
	}
	if d.config.Metrics != nil {
		d.config.Metrics.MustRegister(m.attempts, m.seconds, m)
	}
	return m
}

// begun shows a webhook from its first attempt on: a counter that begins at one
// has not increased.
func (m *metrics) begun(id string) {
	m.attempts.WithLabelValues(id, "taken")
	m.attempts.WithLabelValues(id, "failed")
}

// forget shows a webhook no more.
func (m *metrics) forget(id string) { m.attempts.DeletePartialMatch(prometheus.Labels{"webhook": id}) }

func (m *metrics) tried(id string, a answer) {
	outcome := "taken"
	if !a.taken() {
		outcome = "failed"
	}
	m.attempts.WithLabelValues(id, outcome).Inc()
	m.seconds.Observe(a.took.Seconds())
}

// Describe and Collect make the present values a collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.status
	ch <- m.lag
	ch <- m.blocked
	ch <- m.interrupted
}

// Collect reports the webhooks there are, and how those are doing that this
// process works on.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	if hooks := m.hooks.Load(); hooks != nil {
		for _, w := range *hooks {
			ch <- prometheus.MustNewConstMetric(m.status, prometheus.GaugeValue, 1, w.ID, w.Status)
		}
	}
	m.d.mu.Lock()
	defer m.d.mu.Unlock()
	for id, j := range m.d.jobs {
		s := j.shown.Load()
		lag := 0.0
		if !s.oldest.IsZero() {
			lag = max(m.d.config.Now().Sub(s.oldest).Seconds(), 0)
		}
		ch <- prometheus.MustNewConstMetric(m.lag, prometheus.GaugeValue, lag, id)
		ch <- prometheus.MustNewConstMetric(m.blocked, prometheus.GaugeValue, float64(s.blocked), id)
		stopped := 0.0
		if s.stopped {
			stopped = 1
		}
		ch <- prometheus.MustNewConstMetric(m.interrupted, prometheus.GaugeValue, stopped, id)
	}
}

// show publishes what is seen of the job.
func (j *job) show() {
	s := shown{oldest: j.behind}
	for _, w := range j.place.waiting {
		if !w.RecordedAt.IsZero() && (s.oldest.IsZero() || w.RecordedAt.Before(s.oldest)) {
			s.oldest = w.RecordedAt
		}
		if w.Attempts > 0 {
			s.blocked++
		}
	}
	j.shown.Store(&s)
}

// interrupted publishes that the job stands still.
func (j *job) interrupted() {
	s := *j.shown.Load()
	s.stopped = true
	j.shown.Store(&s)
}
