package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// facts is what the published figures are made of, however it was come by: read
// from the dashboards, or worked out from the files.
type facts struct {
	whole              sums
	lead, engaged      sums // open deals by stage; value is the list price
	meanWon, medianWon float64
	won, lost, closed  days
	by                 map[string]map[string]sums // region, product, owner, month
	cycles             map[string]days            // won, by region
	resolved           int64
	resolution         days
	variants           int64
	variant            string // the most frequent one
	variantTickets     int64
}

type sums struct {
	open, won, lost int64
	value           float64
}

func (s sums) plus(o sums) sums {
	return sums{s.open + o.open, s.won + o.won, s.lost + o.lost, s.value + o.value}
}

func (s sums) rate() float64 { return 100 * float64(s.won) / float64(max(1, s.won+s.lost)) }

type days struct{ mean, median, p90, longest float64 }

// figure is one number under the name it is published by.
type figure struct{ name, text string }

// figures states the facts the way they are published. The managers of owners
// and the quarters of months are sums of what the dashboards give.
func (f facts) figures(managers map[string]string) []figure {
	var all []figure
	add := func(name, format string, value any) {
		all = append(all, figure{name, english().Sprintf(format, value)})
	}
	add("opportunities", "%d", f.whole.open+f.whole.won+f.whole.lost)
	add("won", "%d", f.whole.won)
	add("lost", "%d", f.whole.lost)
	add("open", "%d", f.whole.open)
	add("prospecting", "%d", f.lead.open)
	add("engaging", "%d", f.engaged.open)
	add("reached engaging", "%d", f.whole.won+f.whole.lost+f.engaged.open)
	add("open at list price", "%.0f", f.lead.value+f.engaged.value)
	add("engaging at list price", "%.0f", f.engaged.value)
	add("win rate %", "%.4f", f.whole.rate())
	add("won value", "%.0f", f.whole.value)
	add("mean won deal", "%.2f", f.meanWon)
	add("median won deal", "%.0f", f.medianWon)
	for _, cycle := range []struct {
		name string
		days days
	}{{"won", f.won}, {"lost", f.lost}, {"closed", f.closed}} {
		add("cycle "+cycle.name+" mean days", "%.3f", cycle.days.mean)
		add("cycle "+cycle.name+" median days", "%g", cycle.days.median)
	}
	for _, region := range sortedKeys(f.by["region"]) {
		s := f.by["region"][region]
		add(region+" opportunities", "%d", s.open+s.won+s.lost)
		add(region+" won", "%d", s.won)
		add(region+" lost", "%d", s.lost)
		add(region+" win rate %", "%.2f", s.rate())
		add(region+" value", "%.0f", s.value)
		add(region+" cycle won mean days", "%.3f", f.cycles[region].mean)
		add(region+" cycle won median days", "%g", f.cycles[region].median)
	}
	for _, product := range sortedKeys(f.by["product"]) {
		add(product+" value", "%.0f", f.by["product"][product].value)
		add(product+" win rate %", "%.2f", f.by["product"][product].rate())
	}
	owners := f.by["owner"]
	if top := slices.MaxFunc(append(sortedKeys(owners), ""), func(a, b string) int { return cmp.Compare(owners[a].value, owners[b].value) }); top != "" {
		all = append(all, figure{"top agent", top})
		add("top agent value", "%.0f", owners[top].value)
		add("top agent won", "%d", owners[top].won)
		add("top agent win rate %", "%.2f", owners[top].rate())
	}
	for manager, s := range group(owners, func(owner string) string { return managers[owner] }) {
		add("manager "+manager+" won", "%d", s.won)
		add("manager "+manager+" lost", "%d", s.lost)
		add("manager "+manager+" value", "%.0f", s.value)
	}
	for name, s := range group(f.by["month"], quarter) {
		if s.won+s.lost > 0 { // open deals stand in the month of their opening
			add(name+" won", "%d", s.won)
			add(name+" lost", "%d", s.lost)
			add(name+" value", "%.0f", s.value)
			add(name+" win rate %", "%.2f", s.rate())
		}
	}
	add("tickets resolved", "%d", f.resolved)
	add("resolution mean days", "%.3f", f.resolution.mean)
	add("resolution median days", "%.3f", f.resolution.median)
	add("resolution p90 days", "%.3f", f.resolution.p90)
	add("resolution max days", "%.3f", f.resolution.longest)
	add("process variants", "%d", f.variants)
	all = append(all, figure{"most frequent variant", f.variant})
	add("most frequent variant, tickets", "%d", f.variantTickets)
	return all
}

// group sums rows by a coarser key, in the order of that.
func group(rows map[string]sums, key func(string) string) func(yield func(string, sums) bool) {
	sum := map[string]sums{}
	for name, s := range rows {
		sum[key(name)] = sum[key(name)].plus(s)
	}
	return func(yield func(string, sums) bool) {
		for _, name := range slices.Sorted(maps.Keys(sum)) {
			if !yield(name, sum[name]) {
				return
			}
		}
	}
}

// quarter of a month such as 2017-05.
func quarter(month string) string {
	year, m, ok := strings.Cut(month, "-")
	if !ok || len(m) != 2 {
		return month
	}
	return year + " Q" + string('1'+((m[0]-'0')*10+m[1]-'0'-1)/3)
}
