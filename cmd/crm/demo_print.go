package main

import "io"

// mostRows is how many rows of a breakdown fit a terminal.
const mostRows = 12

// print shows the dashboards as tables.
func (d dashboards) print(w io.Writer) error {
	p := english()
	t := newTable(w)
	t.row("SALES", "", "")
	t.row("open / won / lost", p.Sprintf("%d / %d / %d", d.Sales.Open, d.Sales.Won, d.Sales.Lost))
	t.row("win rate", p.Sprintf("%.1f %%", d.Sales.rate()))
	for _, value := range d.Sales.WonValue {
		t.row("won", p.Sprintf("%.0f %s, mean deal %.2f", float64(value.Minor)/100, value.Currency, value.MeanMinor/100))
	}
	cycle := d.Sales.CycleDays.days()
	t.row("days to win", p.Sprintf("mean %.1f, median %g", cycle.mean, cycle.median))
	for _, by := range []string{"region", "product", "owner", "month"} {
		t.row()
		t.row("BY "+by, "OPEN", "WON", "LOST", "WIN RATE", "WON VALUE")
		for i, row := range d.By[by] {
			if i == mostRows {
				t.row(p.Sprintf("… %d more", len(d.By[by])-i))
				break
			}
			t.row(row.Key, p.Sprintf("%d", row.Open), p.Sprintf("%d", row.Won), p.Sprintf("%d", row.Lost), p.Sprintf("%.1f %%", row.rate()), p.Sprintf("%.0f", row.value()))
		}
	}
	t.row()
	t.row("TICKETS", "", "")
	t.row("open / resolved", p.Sprintf("%d / %d", d.Tickets.Open, d.Tickets.Resolved))
	took := d.Tickets.ResolutionDays.days()
	t.row("days to resolve", p.Sprintf("mean %.1f, median %.1f, nine in ten within %.1f, longest %.1f", took.mean, took.median, took.p90, took.longest))
	t.row("ways they took", p.Sprintf("%d", d.Tickets.Variants.Count))
	for i, variant := range d.Tickets.Variants.Top {
		if i == mostRows {
			break
		}
		t.row("  "+variant.Activities, p.Sprintf("%d", variant.Tickets))
	}
	return t.flush()
}
