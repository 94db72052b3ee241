package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// analyses work out metrics of deals and of tickets under another policy, beside
// draining the log.
func (b *bench) analyses(ctx context.Context) error {
	if err := b.filled(ctx, b.config.Events); err != nil {
		return err
	}
	end, err := b.log.LastPosition(ctx)
	if err != nil {
		return err //nolint:wrapcheck // says it best
	}
	start := time.Now()
	events, err := b.subscribe(ctx, end)
	if err != nil {
		return err
	}
	bare := float64(events) / time.Since(start).Seconds()
	b.report.section(fmt.Sprintf("An analysis, both sides, over %s events beside draining $all with the bare client", number(float64(b.seed.events))), "bare")
	for _, question := range []struct{ what, body string }{
		{"five metrics of deals", `{"name":"bench","metrics":["win_rate","won_value","sales_cycle","funnel_cohort","weighted_forecast"],"variant":{"set":{"sales.stages[lead].probability":15}}}`},
		{"four metrics of tickets", `{"name":"bench","metrics":["first_response_time","resolution_time","sla_compliance","first_contact_resolution"],"variant":{"set":{"tickets.sla[standard].targets[first_response].seconds":1800}}}`},
	} {
		done, err := b.analysed(ctx, question.body)
		if err != nil {
			return err
		}
		b.report.compare(question.what+", events/s", float64(done.Events)/done.Seconds, bare, "", goal{})
		b.report.figure("– from start to report", done.Seconds, " s", goal{})
	}
	return nil
}

// analysis is what the server says of one.
type analysis struct {
	Status  string  `json:"status"`
	Message string  `json:"message"`
	Events  int64   `json:"events"`
	Seconds float64 `json:"seconds"`
}

func (b *bench) analysed(ctx context.Context, body string) (a analysis, err error) {
	c, err := dial(ctx, b.config.Server)
	if err != nil {
		return a, err
	}
	defer c.close()
	answer, err := c.do(b.requests.post(nil, "start-analysis", "", body))
	if err != nil {
		return a, err
	}
	id, err := field(answer, "id")
	if err != nil {
		return a, err
	}
	position, err := field(answer, "position")
	if err != nil {
		return a, err
	}
	for ctx.Err() == nil {
		text, err := c.do(b.requests.get("/v1/queries/analyses/" + id + "?min_position=" + position))
		if err != nil {
			return a, err
		}
		if err := json.Unmarshal(text, &a); err != nil {
			return a, fmt.Errorf("analysis: %w", err)
		}
		switch a.Status {
		case "completed":
			return a, nil
		case "failed", "cancelled":
			return a, errors.New(a.Status + ": " + a.Message)
		}
		time.Sleep(20 * time.Millisecond)
	}
	return a, ctx.Err()
}
