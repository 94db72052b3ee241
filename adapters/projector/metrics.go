package projector

import (
	"time"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/projections"
)

// metrics are what Prometheus sees. What changes with every page is counted;
// what only has a present value is looked up when it is asked for.
type metrics struct {
	p *Projector

	events   *prometheus.CounterVec
	parked   *prometheus.CounterVec
	pages    *prometheus.HistogramVec
	took     *prometheus.HistogramVec
	latency  prometheus.Histogram
	failures prometheus.Counter
	moved    prometheus.Counter

	lag, position, streams *prometheus.Desc
}

func newMetrics(p *Projector) *metrics {
	const prefix = "annals_projector_"
	model := []string{"model"}
	m := &metrics{
		p:       p,
		events:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "events_total", Help: "Events taken in by a read model."}, model),
		parked:  prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "parked_events_total", Help: "Events parked because they, or one before them, could not be folded."}, model),
		pages:   prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + "page_events", Help: "Events in a page.", Buckets: prometheus.ExponentialBuckets(1, 4, 8)}, []string{"lane"}),
		took:    prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + "page_seconds", Help: "Time to fold and commit a page.", Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14)}, []string{"lane"}),
		latency: prometheus.NewHistogram(prometheus.HistogramOpts{Name: prefix + "visible_seconds", Help: "Time from the recording of an event until queries see it.", Buckets: prometheus.ExponentialBuckets(0.001, 2, 14)}),

		failures: prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + "failures_total", Help: "Attempts to fold or commit a page that failed."}),
		moved:    prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + "moved_total", Help: "Commits refused because somebody else had committed."}),

		lag:      prometheus.NewDesc(prefix+"lag_seconds", "Age of the last event taken in while there are more behind it.", model, nil),
		position: prometheus.NewDesc(prefix+"position", "Commit position taken in.", model, nil),
		streams:  prometheus.NewDesc(prefix+"parked_streams", "Streams with parked events.", model, nil),
	}
	if p.config.Metrics != nil {
		p.config.Metrics.MustRegister(m.events, m.parked, m.pages, m.took, m.latency, m.failures, m.moved, m)
	}
	return m
}

// Describe and Collect make the present values a collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	ch <- m.lag
	ch <- m.position
	ch <- m.streams
}

// Collect reports one build for each model: the one that is being built, if any.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	seen := map[string]bool{}
	for _, l := range []*lane{m.p.building, m.p.live} {
		for _, t := range *l.seen.Load() {
			if seen[t.model.Name] {
				continue
			}
			seen[t.model.Name] = true
			s := t.shown.Load()
			for desc, value := range map[*prometheus.Desc]float64{
				m.lag: s.lag(m.p.config.Now()), m.position: float64(s.position.Commit), m.streams: float64(t.parked.Load()),
			} {
				ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, t.model.Name)
			}
		}
	}
}

func (m *metrics) committed(model string, page domain.Page, c projections.Commit) {
	m.events.WithLabelValues(model).Add(float64(len(page.Events) - newFrom(page.Events, c.From.Position)))
	if n := len(c.Changes.Parked); n > 0 {
		m.parked.WithLabelValues(model).Add(float64(n))
	}
}

// visible observes the events of a page that queries can see from now on.
func (m *metrics) visible(page domain.Page, now time.Time) {
	for _, r := range page.Events {
		m.latency.Observe(max(now.Sub(r.RecordedAt), 0).Seconds())
	}
}

// observe is the outermost middleware: its time includes failed attempts.
func (m *metrics) observe(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		began := time.Now()
		produced, err := next(msg)
		lane := message.HandlerNameFromCtx(msg.Context())
		m.took.WithLabelValues(lane).Observe(time.Since(began).Seconds())
		if page, ok := msg.Context().Value(pageKey{}).(domain.Page); ok && err == nil {
			m.pages.WithLabelValues(lane).Observe(float64(len(page.Events)))
		}
		return produced, err
	}
}
