package importer_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/importer"
)

func TestEverythingWrongWithAMappingIsToldAtOnce(t *testing.T) {
	_, err := importer.ParseMapping([]byte(`
kind: deals
colour: red
zone: Mars/Olympus
delimiter: "||"
encoding: latin1
dates: [week 3]
units: dozens
currency: Taler
resolve: never
lookups:
  teams: {file: teams.csv}
fields:
  title: {column: a, text: b}
  name: {column: c}
  region: {column: d, lookup: regions.office}
  owner: {columns: e}
  stage: {column: f}
stages:
  Won: [{win: true}, {move: quote}]
  Odd: [{win: true, move: quote}]
`))
	var problems importer.Problems
	require.ErrorAs(t, err, &problems)
	assert.Equal(t, importer.Problems{
		`line 3: unknown key "colour"`,
		`line 17: unknown key "columns"`,
		`source is missing: name where the rows come from; it keeps a repeated import from adding anything twice`,
		`zone "Mars/Olympus": want a name of the IANA list such as Asia/Shanghai`,
		`delimiter "||": want one character, or tab`,
		`encoding "latin1": want utf-8 or gb18030`,
		`dates: format "week 3": want at least year, month and day, such as YYYY-MM-DD, D/M/YYYY or YYYY-MM-DD HH:mm:ss`,
		`fields: external_id is missing`,
		`fields: opened_at is missing`,
		`fields: deals do not have "name"; they have amount, closed_at, currency, customer, external_id, industry, lost_reason, opened_at, owner, product, region, stage, title, won_amount`,
		`fields: region: lookup "regions.office": want a column and a lookup such as teams.region, with teams among the lookups`,
		`fields: title has both column and text; one is enough`,
		`lookups: teams needs file and key`,
		`units "dozens": want major (1.50) or minor (150)`,
		`currency "Taler": want three capital letters such as CNY`,
		`stages: Odd: step 1: want exactly one of move: STAGE, win: true, lose: REASON`,
		`stages: Won closes a deal, so the field closed_at is needed`,
		`stages: Won: nothing can come after the deal is closed`,
		`resolve "never": want last_row, for tickets only`,
	}, problems)
}

func TestBuiltInMappings(t *testing.T) {
	all, err := importer.Builtin()
	require.NoError(t, err)
	for _, m := range all {
		assert.NotEmpty(t, m.About, m.Name)
		text, err := importer.BuiltinText(m.Name)
		require.NoError(t, err, "the file of %s has another name", m.Name)
		assert.NotEmpty(t, text)
	}
	m, err := importer.For(importer.Tickets, []string{"caseid", "ActivityID", "CompleteTimestamp", "Extra"})
	require.NoError(t, err)
	assert.Equal(t, "case-log", m.Name)
	_, err = importer.For(importer.Deals, []string{"CaseID"})
	require.ErrorContains(t, err, "no built-in mapping fits the columns CaseID")
	_, err = importer.BuiltinText("nothing")
	require.Error(t, err)
}

func TestLookupsAreCheckedBeforeAnythingIsSent(t *testing.T) {
	text, err := importer.BuiltinText("sales-opportunities")
	require.NoError(t, err)
	m, err := importer.ParseMapping(text)
	require.NoError(t, err)
	m.Fields["title"] = importer.Field{Column: "headline"}
	dir := write(t, map[string]string{
		"import.csv": pipeline, "products.csv": "product,price\nA,1\nA,2\n", "accounts.csv": "account,sector\nragged\n",
	})
	_, err = importer.Open(dir+"/import.csv", importer.Deals, m)
	require.Error(t, err)
	for _, want := range []string{
		`lookups: accounts: accounts.csv, line 2: 1 fields where the header has 2`,
		`lookups: products: products.csv, line 3: product "A" stands there twice with different values`,
		`lookups: teams: open `, `--lookup teams=FILE`,
		`fields: amount: products.csv has no column "sales_price"`,
		`fields: title: import.csv has no column "headline"`,
	} {
		assert.ErrorContains(t, err, want)
	}
}

func TestARowMissingFromALookupIsRefused(t *testing.T) {
	f := sample(t, "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"+
		"C1,Nobody,GTXPro,,Engaging,2017-01-02,,\nC2,Moses Frase,GTXPro,,Napping,2017-01-02,,\nC3,Moses Frase,GTXPro,,Won,2017-01-02,,\n")
	fake, client := newFake(t)
	_, refused, err := outcome(t.Context(), t, f, client, 1)
	require.NoError(t, err)
	assert.Zero(t, fake.calls)
	assert.Equal(t, []importer.Refusal{
		{Line: 2, ExternalID: "C1", Field: "sales_agent", Code: "not_in_lookup", Reason: `sales_teams.csv has no row with sales_agent "Nobody"`},
		{Line: 3, ExternalID: "C2", Field: "deal_stage", Code: "unknown_stage", Reason: `the mapping does not say what stage "Napping" means`},
		{Line: 4, ExternalID: "C3", Field: "close_date", Code: "missing_value", Reason: "closed_at is empty"},
		{Line: 4, ExternalID: "C3", Field: "close_value", Code: "missing_value", Reason: "won_amount is empty"},
	}, refused)
}
