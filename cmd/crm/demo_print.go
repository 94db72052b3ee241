package main

import "io"

// print shows the dashboards as tables.
func (d dashboards) print(w io.Writer) error {
	p := english()
	t := newTable(w)
	t.row("SALES")
	t.row("open / won / lost", p.Sprintf("%d / %d / %d", d.Sales.Open, d.Sales.Won, d.Sales.Lost))
	t.row("win rate", p.Sprintf("%.1f %%", d.Sales.rate()))
	for _, value := range d.Sales.WonValue {
		t.row("won", p.Sprintf("%.0f %s, mean deal %.2f", float64(value.Minor)/100, value.Currency, value.MeanMinor/100))
	}
	cycle := d.Sales.CycleDays.days()
	t.row("days to win", p.Sprintf("mean %.1f, median %g", cycle.mean, cycle.median))
	for _, by := range []string{"region", "product", "owner", "month"} {
		d.printBy(t, by)
	}
	t.row()
	_ = t.flush() // its error comes with the last flush
	t.row("TICKETS")
	t.row("open / resolved", p.Sprintf("%d / %d", d.Tickets.Open, d.Tickets.Resolved))
	took := d.Tickets.ResolutionDays.days()
	t.row("days to resolve", p.Sprintf("mean %.1f, median %.1f, nine in ten within %.1f, longest %.1f", took.mean, took.median, took.p90, took.longest))
	t.row("ways they took", p.Sprintf("%d, most often", d.Tickets.Variants.Count))
	for i, variant := range d.Tickets.Variants.Top {
		if i < 5 {
			t.row("", p.Sprintf("%s (%d)", variant.Activities, variant.Tickets))
		}
	}
	return t.flush()
}

// printBy shows the rows of a breakdown: all months, else the first ten.
func (d dashboards) printBy(t *table, by string) {
	p := english()
	t.row()
	_ = t.flush() // its error comes with the last flush
	t.row("BY "+by, "OPEN", "WON", "LOST", "WIN RATE", "WON VALUE")
	rows := d.By[by]
	if by != "month" {
		rows = rows[:min(len(rows), 10)]
	}
	for _, row := range rows {
		t.row(row.Key, p.Sprintf("%d", row.Open), p.Sprintf("%d", row.Won), p.Sprintf("%d", row.Lost), p.Sprintf("%.1f %%", row.rate()), p.Sprintf("%.0f", row.value()))
	}
	if more := len(d.By[by]) - len(rows); more > 0 {
		t.row(p.Sprintf("… and %d more", more))
	}
}
