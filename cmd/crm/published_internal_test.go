package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestGeneratedSamplesAreTheSameEveryTime(t *testing.T) {
	one, two := t.TempDir(), t.TempDir()
	require.NoError(t, generate(one))
	require.NoError(t, generate(two))
	for kind, file := range sampleFiles(one) {
		first, err := os.ReadFile(file)
		require.NoError(t, err)
		rel, err := filepath.Rel(one, file)
		require.NoError(t, err)
		second, err := os.ReadFile(filepath.Join(two, rel))
		require.NoError(t, err)
		assert.Equal(t, first, second, kind)
	}
	sheet, err := workOut(one)
	require.NoError(t, err)
	f := sheet.facts
	assert.EqualValues(t, generatedDeals, f.whole.open+f.whole.won+f.whole.lost)
	assert.EqualValues(t, generatedCases, f.resolved)
	assert.Greater(t, f.variants, int64(10))
	assert.Greater(t, f.lead.open, int64(50))
	assert.Greater(t, f.engaged.open, int64(100))
}

func TestWorkedOutFromTheFiles(t *testing.T) {
	dir := t.TempDir()
	for path, rows := range map[string][][]string{
		"crm_sales_opportunities/sales_teams.csv": {{"sales_agent", "manager", "regional_office"}, {"Ann", "Max", "East"}, {"Bob", "Max", "West"}},
		"crm_sales_opportunities/products.csv":    {{"product", "sales_price"}, {"GTX Pro", "4821"}, {"MG", "55"}},
		"crm_sales_opportunities/sales_pipeline.csv": {
			{"opportunity_id", "sales_agent", "product", "account", "deal_stage", "engage_date", "close_date", "close_value"},
			{"1", "Ann", "GTXPro", "A", "Won", "2017-01-01", "2017-01-11", "4000"},
			{"2", "Ann", "MG", "A", "Won", "2017-01-01", "2017-04-01", "50"},
			{"3", "Bob", "MG", "B", "Lost", "2017-01-01", "2017-03-31", "0"},
			{"4", "Bob", "MG", "", "Engaging", "2017-02-01", "", ""},
			{"5", "Bob", "GTXPro", "", "Prospecting", "", "", ""},
		},
		"helpdesk/helpdesk.csv": {
			{"CaseID", "ActivityID", "CompleteTimestamp"},
			{"7", "1", "2012-01-01 00:00:00"},
			{"7", "8", "2012-01-02 12:00:00"},
			{"8", "1", "2012-01-01 00:00:00"},
		},
	} {
		require.NoError(t, writeCSV(filepath.Join(dir, path), rows))
	}
	sheet, err := workOut(dir)
	require.NoError(t, err)
	got := map[string]string{}
	for _, f := range sheet.facts.figures(sheet.managers) {
		got[f.name] = f.text
	}
	for name, want := range map[string]string{
		"opportunities": "5", "won": "2", "lost": "1", "open": "2", "reached engaging": "4", "open at list price": "4,876",
		"win rate %": "66.6667", "won value": "4,050", "mean won deal": "2,025.00", "median won deal": "2,025",
		"cycle won mean days": "50.000", "cycle won median days": "50", "cycle lost mean days": "89.000",
		"East cycle won mean days": "50.000", "East cycle won median days": "50", "West cycle won median days": "0",
		"East won": "2", "West lost": "1", "West opportunities": "3", "GTX Pro value": "4,000", "top agent": "Ann",
		"manager Max won": "2", "manager Max lost": "1", "2017 Q1 won": "1", "2017 Q1 lost": "1", "2017 Q2 value": "50",
		"tickets resolved": "2", "resolution mean days": "0.750", "resolution median days": "0.750", "resolution p90 days": "1.500",
		"process variants": "2", "most frequent variant": "1",
	} {
		assert.Equal(t, want, got[name], name)
	}
}

func TestAComparisonFailsOnAnyDifference(t *testing.T) {
	var d dashboards
	require.NoError(t, json.Unmarshal([]byte(`{"won":2,"lost":1,"open":0,"win_rate":0.6666666666666666,
		"won_value":[{"minor":405000,"currency":"USD","mean_minor":202500,"median_minor":202500}],"cycle_days":{"count":2,"mean":50,"median":50}}`), &d.Sales))
	right := d.facts().figures(nil)
	for name, test := range map[string]struct {
		published map[string]string
		agrees    bool
	}{
		"agrees":               {nil, true},
		"published agrees":     {map[string]string{"won": "2"}, true},
		"published differs":    {map[string]string{"won": "3"}, false},
		"published is missing": {map[string]string{"churn": "3"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			var out bytes.Buffer
			c := &comparison{table: newTable(&out), wanted: right, published: test.published}
			c.all(d)
			require.NoError(t, c.table.flush())
			assert.Equal(t, test.agrees, c.result(&out) == nil, out.String())
		})
	}
	wrong := append([]figure{}, right...)
	wrong[1].text = "3"
	c := &comparison{table: newTable(&bytes.Buffer{}), wanted: wrong}
	c.all(d)
	require.ErrorContains(t, c.result(&bytes.Buffer{}), "1 of")
}
