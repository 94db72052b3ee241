package main

import (
	"cmp"
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// worksheet works the facts out from the files alone: plain loops over rows and
// sorted lists, sharing nothing with the import or the read models.
type worksheet struct {
	facts    facts
	managers map[string]string
	last     time.Time // after everything in the files has happened

	regions, prices   map[string]string
	won, lost, values []float64
	wonIn             map[string][]float64 // cycles by region
}

func workOut(dir string) (*worksheet, error) {
	w := &worksheet{managers: map[string]string{}, regions: map[string]string{}, prices: map[string]string{}, wonIn: map[string][]float64{}}
	w.facts.by = map[string]map[string]sums{"region": {}, "product": {}, "owner": {}, "month": {}}
	err := eachRow(filepath.Join(dir, salesDir, "sales_teams.csv"), func(r map[string]string) error {
		w.managers[r["sales_agent"]], w.regions[r["sales_agent"]] = r["manager"], r["regional_office"]
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = eachRow(filepath.Join(dir, salesDir, "products.csv"), func(r map[string]string) error {
		w.prices[r["product"]] = r["sales_price"]
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := eachRow(filepath.Join(dir, salesDir, pipelineCSV), w.deal); err != nil {
		return nil, err
	}
	w.facts.won, w.facts.lost = describe(w.won), describe(w.lost)
	w.facts.closed = describe(append(slices.Clone(w.won), w.lost...))
	w.facts.cycles = map[string]days{}
	for region, cycles := range w.wonIn {
		w.facts.cycles[region] = describe(cycles)
	}
	value := describe(w.values)
	w.facts.meanWon, w.facts.medianWon = value.mean, value.median
	return w, w.cases(filepath.Join(dir, helpdeskCSV))
}

func (w *worksheet) deal(r map[string]string) error {
	product := r["product"]
	if product == "GTXPro" { // misspelt in the published file
		product = "GTX Pro"
	}
	price, err := strconv.ParseFloat(w.prices[product], 64)
	if err != nil {
		return fmt.Errorf("list price of %s: %w", product, err)
	}
	var s sums
	day := r["close_date"]
	switch r["deal_stage"] {
	case "Prospecting":
		s.open, day = 1, "" // opened when it is imported
		w.facts.lead = w.facts.lead.plus(sums{open: 1, value: price})
	case "Engaging":
		s.open, day = 1, r["engage_date"]
		w.facts.engaged = w.facts.engaged.plus(sums{open: 1, value: price})
	case "Won", "Lost":
		from, err := time.Parse(time.DateOnly, r["engage_date"])
		if err != nil {
			return err
		}
		to, err := time.Parse(time.DateOnly, day)
		if err != nil {
			return err
		}
		w.happened(to)
		cycle := to.Sub(from).Hours() / 24
		if r["deal_stage"] == "Lost" {
			s.lost, w.lost = 1, append(w.lost, cycle)
			break
		}
		if s.value, err = strconv.ParseFloat(r["close_value"], 64); err != nil {
			return err
		}
		s.won, w.won, w.values = 1, append(w.won, cycle), append(w.values, s.value)
		region := w.regions[r["sales_agent"]]
		w.wonIn[region] = append(w.wonIn[region], cycle)
	}
	w.facts.whole = w.facts.whole.plus(s)
	for by, key := range map[string]string{"region": w.regions[r["sales_agent"]], "product": product, "owner": r["sales_agent"]} {
		w.facts.by[by][key] = w.facts.by[by][key].plus(s)
	}
	if len(day) > 7 {
		w.facts.by["month"][day[:7]] = w.facts.by["month"][day[:7]].plus(s)
	}
	return nil
}

func (w *worksheet) cases(path string) error {
	type entry struct {
		at       time.Time
		activity string
	}
	cases := map[string][]entry{}
	err := eachRow(path, func(r map[string]string) error {
		at, err := time.Parse(time.DateTime, r["CompleteTimestamp"])
		cases[r["CaseID"]] = append(cases[r["CaseID"]], entry{at, r["ActivityID"]})
		return err
	})
	if err != nil {
		return err
	}
	var lengths []float64
	variants := map[string]int64{}
	for _, entries := range cases {
		slices.SortStableFunc(entries, func(a, b entry) int { return a.at.Compare(b.at) })
		names := make([]string, len(entries))
		for i, e := range entries {
			names[i] = e.activity
		}
		variants[strings.Join(names, "-")]++
		w.happened(entries[len(entries)-1].at)
		lengths = append(lengths, entries[len(entries)-1].at.Sub(entries[0].at).Hours()/24)
	}
	w.facts.resolved, w.facts.resolution, w.facts.variants = int64(len(cases)), describe(lengths), int64(len(variants))
	if len(variants) > 0 {
		w.facts.variant = slices.MaxFunc(sortedKeys(variants), func(a, b string) int { return cmp.Compare(variants[a], variants[b]) })
		w.facts.variantTickets = variants[w.facts.variant]
	}
	return nil
}

// happened makes the last day that of a fact, if that is later, wherever it was.
func (w *worksheet) happened(at time.Time) {
	if end := at.Truncate(24 * time.Hour).Add(48 * time.Hour); end.After(w.last) {
		w.last = end
	}
}

// describe sorts the values and looks; p90 is the nearest rank.
func describe(values []float64) days {
	n := len(values)
	if n == 0 {
		return days{}
	}
	slices.Sort(values)
	var sum float64
	for _, v := range values {
		sum += v
	}
	return days{sum / float64(n), (values[(n-1)/2] + values[n/2]) / 2, values[(9*n+9)/10-1], values[n-1]}
}

func eachRow(path string, visit func(map[string]string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // only read
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for i, row := range rows[min(1, len(rows)):] {
		named := make(map[string]string, len(row))
		for j, cell := range row {
			named[rows[0][j]] = cell
		}
		if err := visit(named); err != nil {
			return fmt.Errorf("%s, row %d: %w", path, i+1, err)
		}
	}
	return nil
}
