package bench

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const fewEvents = 10_000

// figuresAsked are the figures that people look at most, and those that cost most.
var figuresAsked = []struct {
	what, path string
	goal       goal // of answers per second
}{
	{"the sales figures by owner", "/v1/queries/dashboards/sales?by=owner", atLeast(10_000)},
	{"win rate by owner, twelve months", "/v1/queries/metrics/win_rate?by=owner", goal{}},
	{"funnel by owner, twelve months", "/v1/queries/metrics/funnel_cohort?by=owner", goal{}},
	{"time in stage, twelve months", "/v1/queries/metrics/time_in_stage", goal{}},
	{"SLA compliance by assignee, twelve months", "/v1/queries/metrics/sla_compliance?by=assignee", goal{}},
	{"conversion by owner, twelve months", "/v1/queries/metrics/conversion?by=owner", goal{}},
	{"engagement by owner, twelve months", "/v1/queries/metrics/engagement_states?by=owner", goal{}},
	{"engagement of customers now", "/v1/queries/metrics/engagement_states?period=day&from=2024-01-01&to=2024-01-01", goal{}},
}

// dashboards asks for figures while the log is small and when it is large: the
// work behind an answer must not depend on how much there is. An answer is asked
// for while nothing changes, and for the first time after something did.
func (b *bench) dashboards(ctx context.Context) error {
	small := map[string]float64{}
	for _, events := range []int{fewEvents, b.config.Events} {
		if err := b.filled(ctx, events); err != nil {
			return err
		}
		b.report.section(fmt.Sprintf("Figures, over %s events", number(float64(b.seed.events))), "small log")
		for _, asked := range figuresAsked {
			request := b.requests.get(asked.path)
			alone, err := b.ask(ctx, 1, func(int, int) []byte { return request })
			if err != nil {
				return err
			}
			s, err := b.ask(ctx, 8, func(int, int) []byte { return request })
			if err != nil {
				return err
			}
			rate := s.rate()
			b.report.figure(asked.what+", unchanged, one caller: half within", milliseconds(quantile(alone.sorted(), 0.5)), " ms", goal{}, alone.costs(b.config.Processes))
			b.report.figure("– 99 % within", milliseconds(quantile(alone.sorted(), 0.99)), " ms", below(5, " ms"))
			b.report.figure("– 8 callers: 99 % within", milliseconds(quantile(s.sorted(), 0.99)), " ms", below(5, " ms"), s.costs(b.config.Processes))
			b.report.figure("– per second", rate, "", asked.goal)
			if small[asked.path] > 0 {
				b.report.compare("– the same whatever the size", rate, small[asked.path], " /s", atLeast(0.9))
			}
			small[asked.path] = rate
			first, err := b.afterChanges(ctx, request)
			if err != nil {
				return err
			}
			b.report.figure(fmt.Sprintf("– first after a change, %d times: half within", len(first)), milliseconds(quantile(first, 0.5)), " ms", goal{})
			b.report.figure("– 99 % within", milliseconds(quantile(first, 0.99)), " ms", below(5, " ms"))
		}
	}
	return b.busyDashboards(ctx)
}

// afterChanges is how long a request takes each time after records of every kind
// were added, and all read models have taken them in.
func (b *bench) afterChanges(ctx context.Context, request []byte) ([]time.Duration, error) {
	c, err := dial(ctx, b.config.Server)
	if err != nil {
		return nil, err
	}
	defer c.close()
	var taken []time.Duration
	for began := time.Now(); len(taken) < fewestChanges || time.Since(began) < b.config.Measure; {
		if err := b.seed.more(ctx); err != nil {
			return nil, err
		}
		if err := b.everywhere(ctx, b.seed.end); err != nil {
			return nil, err
		}
		start := time.Now()
		if _, err := c.do(request); err != nil {
			return nil, err
		}
		taken = append(taken, time.Since(start))
	}
	slices.Sort(taken)
	return taken, nil
}

// fewestChanges is how often a request after a change is measured at least.
const fewestChanges = 50

// ask measures callers that send one request after the other.
func (b *bench) ask(ctx context.Context, count int, pick func(caller, n int) []byte) (*sample, error) {
	asking, err := asking(ctx, count, b.config.Server, pick)
	if err != nil {
		return nil, err
	}
	defer asking.end()
	return b.measure(ctx, asking)
}

// busyDashboards asks while deals move, so that no answer can be kept for long.
func (b *bench) busyDashboards(ctx context.Context) error {
	const rate = 200
	movers, err := b.movers(ctx, 4)
	if err != nil {
		return err
	}
	defer movers.end()
	moving, stop := context.WithCancel(ctx)
	done := make(chan error, 1)
	go func() { done <- movers.paced(moving, rate) }()
	sales := b.requests.get("/v1/queries/dashboards/sales?by=owner")
	s, err := b.ask(ctx, 8, func(int, int) []byte { return sales })
	stop()
	if moved := <-done; moved != nil {
		return moved
	}
	if err != nil {
		return err
	}
	b.report.section(fmt.Sprintf("The same while %d deals a second move", rate), "")
	b.report.figure("per second", s.rate(), "", goal{})
	b.report.figure("99 % are answered within", milliseconds(quantile(s.sorted(), 0.99)), " ms", below(5, " ms"))
	return nil
}
