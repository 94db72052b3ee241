package importer

import (
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// The fields a mapping can fill. Those with true must be filled.
func fieldsOf(kind string) map[string]bool {
	if kind == Tickets {
		return map[string]bool{
			"external_id": true, "subject": true, "at": true, "activity": false, "note": false, "description": false,
			"channel": false, "priority": false, "complexity": false, "type": false, "attribute": false, "category": false,
			"scene": false, "customer": false, "industry": false, "solution": false, "resolved_at": false,
		}
	}
	return map[string]bool{
		"external_id": true, "title": true, "opened_at": true, "owner": false, "customer": false, "industry": false,
		"product": false, "region": false, "amount": false, "currency": false, "stage": false, "closed_at": false,
		"won_amount": false, "lost_reason": false,
	}
}

// check notes all that can be said without seeing a file.
func (m Mapping) check(p *Problems) {
	if m.Kind != Deals && m.Kind != Tickets {
		p.add("kind %q: want deals or tickets", m.Kind)
		return
	}
	if m.Source == "" {
		p.add("source is missing: name where the rows come from; it keeps a repeated import from adding anything twice")
	}
	if m.Zone != "" {
		if _, err := time.LoadLocation(m.Zone); err != nil || m.Zone == "Local" {
			p.add("zone %q: want a name of the IANA list such as Asia/Shanghai", m.Zone)
		}
	}
	if m.Delimiter != "" && m.Delimiter != "tab" {
		if r, size := utf8.DecodeRuneInString(m.Delimiter); size != len(m.Delimiter) || strings.ContainsRune("\"\r\n\uFFFD", r) {
			p.add("delimiter %q: want one character, or tab", m.Delimiter)
		}
	}
	if !slices.Contains([]string{"", "utf-8", "gb18030"}, m.Encoding) {
		p.add("encoding %q: want utf-8 or gb18030", m.Encoding)
	}
	for _, format := range m.Dates {
		if _, err := layout(format); err != nil {
			p.add("dates: %v", err)
		}
	}
	m.checkFields(p)
	if m.Kind == Deals {
		m.checkDeals(p)
	} else if len(m.Stages) > 0 {
		p.add("stages: tickets have none")
	}
	if !slices.Contains([]string{"", "last_row"}, m.Resolve) || m.Kind == Deals && m.Resolve != "" {
		p.add("resolve %q: want last_row, for tickets only", m.Resolve)
	}
}

func (m Mapping) checkFields(p *Problems) {
	known := fieldsOf(m.Kind)
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if f := m.Fields[name]; known[name] && f == (Field{}) {
			p.add("fields: %s is missing", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Fields)) {
		f := m.Fields[name]
		if _, ok := known[name]; !ok {
			p.add("fields: %s do not have %q; they have %s", m.Kind, name, strings.Join(slices.Sorted(maps.Keys(known)), ", "))
		}
		if f.Lookup == "" {
			if f.Column != "" && f.Text != "" {
				p.add("fields: %s has both column and text; one is enough", name)
			}
			continue
		}
		lookup, column, _ := strings.Cut(f.Lookup, ".")
		if _, ok := m.Lookups[lookup]; !ok || column == "" || f.Column == "" {
			p.add("fields: %s: lookup %q: want a column and a lookup such as teams.region, with teams among the lookups", name, f.Lookup)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Lookups)) {
		if l := m.Lookups[name]; l.File == "" || l.Key == "" {
			p.add("lookups: %s needs file and key", name)
		}
	}
}

func (m Mapping) checkDeals(p *Problems) {
	if !slices.Contains([]string{"", "major", "minor"}, m.Units) {
		p.add("units %q: want major (1.50) or minor (150)", m.Units)
	}
	priced := m.Fields["amount"] != (Field{}) || m.Fields["won_amount"] != (Field{})
	if priced && m.Currency == "" && m.Fields["currency"] == (Field{}) {
		p.add("currency is missing: amounts need one, such as CNY")
	}
	if m.Currency != "" && !isCurrency(m.Currency) {
		p.add("currency %q: want three capital letters such as CNY", m.Currency)
	}
	if m.Decimal != "" && m.Decimal == m.Thousands {
		p.add("decimal and thousands are both %q", m.Decimal)
	}
	if (len(m.Stages) > 0) != (m.Fields["stage"] != (Field{})) {
		p.add("stages and the field stage go together: give both or neither")
	}
	for _, value := range slices.Sorted(maps.Keys(m.Stages)) {
		for i, step := range m.Stages[value] {
			if (step.Move != "") == (step.Win || step.Lose != "") || step.Win && step.Lose != "" {
				p.add("stages: %s: step %d: want exactly one of move: STAGE, win: true, lose: REASON", value, i+1)
				continue
			}
			if step.Move == "" && m.Fields["closed_at"] == (Field{}) {
				p.add("stages: %s closes a deal, so the field closed_at is needed", value)
			}
			if step.Move == "" && i != len(m.Stages[value])-1 {
				p.add("stages: %s: nothing can come after the deal is closed", value)
			}
		}
	}
}
