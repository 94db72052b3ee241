package main

// facts reads what the dashboards serve.
func (d dashboards) facts() facts {
	f := facts{
		whole: d.Sales.sums(), won: d.Sales.CycleDays.days(), lost: d.Sales.LostCycleDays.days(), closed: d.Sales.ClosedCycleDays.days(),
		by: map[string]map[string]sums{}, cycles: map[string]days{},
		resolved: d.Tickets.Resolved, resolution: d.Tickets.ResolutionDays.days(), variants: d.Tickets.Variants.Count,
	}
	if len(d.Sales.WonValue) > 0 {
		f.meanWon = d.Sales.WonValue[0].MeanMinor / 100
		if median := d.Sales.WonValue[0].MedianMinor; median != nil {
			f.medianWon = *median / 100
		}
	}
	for by, rows := range d.By {
		f.by[by] = map[string]sums{}
		for _, row := range rows {
			f.by[by][row.Key] = row.sums()
			if by == "region" {
				f.cycles[row.Key] = row.CycleDays.days()
			}
		}
	}
	for _, stage := range d.Board.Stages {
		s := sums{open: stage.Deals}
		if len(stage.Amount) > 0 {
			s.value = float64(stage.Amount[0].Minor) / 100
		}
		switch stage.Stage { // as the mapping of the sample has them
		case "lead":
			f.lead = s
		case "opportunity":
			f.engaged = s
		}
	}
	if top := d.Tickets.Variants.Top; len(top) > 0 {
		f.variant, f.variantTickets = top[0].Activities, top[0].Tickets
	}
	return f
}

func (r salesRow) sums() sums { return sums{r.Open, r.Won, r.Lost, r.value()} }

func (s spreadFigures) days() days {
	or0 := func(v *float64) float64 {
		if v == nil {
			return 0
		}
		return *v
	}
	return days{or0(s.Mean), or0(s.Median), or0(s.P90), or0(s.Max)}
}
