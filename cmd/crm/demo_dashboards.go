package main

import (
	"context"
	"net/url"

	"github.com/annals-crm/annals/adapters/apiclient"
)

// salesFigures is the sales dashboard as any caller reads it.
type salesFigures struct {
	salesRow
	LostCycleDays   spreadFigures `json:"lost_cycle_days"`
	ClosedCycleDays spreadFigures `json:"closed_cycle_days"`
	Rows            []salesRow    `json:"rows"`
}

type salesRow struct {
	Key      string   `json:"key"`
	Open     int64    `json:"open"`
	Won      int64    `json:"won"`
	Lost     int64    `json:"lost"`
	WinRate  *float64 `json:"win_rate"`
	WonValue []struct {
		Minor       int64    `json:"minor"`
		Currency    string   `json:"currency"`
		MeanMinor   float64  `json:"mean_minor"`
		MedianMinor *float64 `json:"median_minor"`
	} `json:"won_value"`
	CycleDays spreadFigures `json:"cycle_days"`
}

// value is what was won, in major units of the currency most was won in.
func (r salesRow) value() float64 {
	if len(r.WonValue) == 0 {
		return 0
	}
	return float64(r.WonValue[0].Minor) / 100
}

func (r salesRow) rate() float64 {
	if r.WinRate == nil {
		return 0
	}
	return *r.WinRate * 100
}

type spreadFigures struct {
	Count  int64    `json:"count"`
	Mean   *float64 `json:"mean"`
	Median *float64 `json:"median"`
	P90    *float64 `json:"p90"`
	Max    *float64 `json:"max"`
}

type ticketFigures struct {
	Open           int64         `json:"open"`
	Resolved       int64         `json:"resolved"`
	ResolutionDays spreadFigures `json:"resolution_days"`
	Variants       struct {
		Count int64 `json:"count"`
		Top   []struct {
			Activities string `json:"activities"`
			Tickets    int64  `json:"tickets"`
		} `json:"top"`
	} `json:"variants"`
}

type boardFigures struct {
	Stages []struct {
		Stage  string `json:"stage"`
		Deals  int64  `json:"deals"`
		Amount []struct {
			Minor    int64  `json:"minor"`
			Currency string `json:"currency"`
		} `json:"amount"`
	} `json:"stages"`
}

// dashboards is everything that is compared and shown.
type dashboards struct {
	Sales   salesFigures
	By      map[string][]salesRow
	Board   boardFigures
	Tickets ticketFigures
}

// readDashboards waits until the read models have reached position.
func readDashboards(ctx context.Context, client *apiclient.Client, position string) (dashboards, error) {
	d := dashboards{By: map[string][]salesRow{}}
	at := url.Values{"min_position": {position}}
	if err := client.Get(ctx, "/v1/queries/dashboards/sales", at, &d.Sales); err != nil {
		return d, err
	}
	for _, by := range []string{"region", "product", "owner", "month"} {
		var answer salesFigures
		if err := client.Get(ctx, "/v1/queries/dashboards/sales", url.Values{"min_position": {position}, "by": {by}}, &answer); err != nil {
			return d, err
		}
		d.By[by] = answer.Rows
	}
	if err := client.Get(ctx, "/v1/queries/pipeline", url.Values{"min_position": {position}, "limit": {"0"}}, &d.Board); err != nil {
		return d, err
	}
	return d, client.Get(ctx, "/v1/queries/dashboards/tickets", at, &d.Tickets)
}
