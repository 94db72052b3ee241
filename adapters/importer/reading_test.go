package importer_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/annals-crm/annals/adapters/importer"
)

const simple = `
kind: deals
source: test
zone: Europe/Berlin
dates: [YYYY-MM-DD, DD.MM.YYYY HH:mm]
currency: EUR
decimal: ","
thousands: "."
fields:
  external_id: {column: id}
  title: {column: name}
  opened_at: {column: day, default: now}
  amount: {column: value}
`

// dry plans text under a mapping and returns the commands and refusals.
func dry(t *testing.T, mapping, text string) (string, []importer.Refusal, error) {
	t.Helper()
	m, err := importer.ParseMapping([]byte(mapping))
	require.NoError(t, err)
	f, err := importer.Open(filepath.Join(write(t, map[string]string{"import.csv": text}), "import.csv"), m.Kind, m)
	if err != nil {
		return "", nil, err
	}
	var out strings.Builder
	var refused []importer.Refusal
	summary, err := f.DryRun(
		func(p *importer.Plan) error { return f.Shown(&out, p) },
		func(r importer.Refusal) { refused = append(refused, r) },
	)
	assert.Equal(t, f.Rows, summary.Rows)
	return out.String(), refused, err
}

func TestValues(t *testing.T) {
	for name, test := range map[string]struct{ row, want, refused string }{
		"day is local midnight":     {`1,a,2024-07-01,"1.234,5"`, `"amount":{"minor":123450,"currency":"EUR"},"source":"test","external_id":"1","occurred_at":"2024-06-30T22:00:00Z"`, ""},
		"second format":             {`1,a,31.12.2024 09:30,7`, `"amount":{"minor":700,"currency":"EUR"},"source":"test","external_id":"1","occurred_at":"2024-12-31T08:30:00Z"`, ""},
		"RFC 3339 has its own zone": {`1,a,2024-07-01T00:00:00+08:00,`, `"occurred_at":"2024-06-30T16:00:00Z"`, ""},
		"no amount keeps currency":  {`1,a,2024-07-01,`, `"amount":{"minor":0,"currency":"EUR"}`, ""},
		"blanks are trimmed":        {"1,  a b\t,2024-07-01,", `"title":"a b"`, ""},
		"quoted line breaks":        {"1,\"a\nb\",2024-07-01,", `"title":"a\nb"`, ""},
		"no id":                     {`,a,2024-07-01,`, "", "id missing_value"},
		"no title":                  {`1,,2024-07-01,`, "", "name missing_value"},
		"no such day":               {`1,a,2024-02-30,`, "", "day bad_time"},
		"too exact":                 {`1,a,2024-07-01,"1,234"`, "", "value bad_amount"},
		"zeros are exact":           {`1,a,2024-07-01,"1,2300"`, `"minor":123,`, ""},
		"negative":                  {`1,a,2024-07-01,-1`, "", "value bad_amount"},
		"words":                     {`1,a,2024-07-01,many`, "", "value bad_amount"},
		"too large":                 {`1,a,2024-07-01,92233720368547758071`, "", "value bad_amount"},
		"broken text":               {"1,a\xff,2024-07-01,", "", "name invalid_utf8"},
		"broken quote":              {`1,a"b,2024-07-01,`, "", " bad_csv"},
		"everything at once":        {`1,,x,y`, "", "name missing_value, value bad_amount, day bad_time"},
	} {
		t.Run(name, func(t *testing.T) {
			out, refused, err := dry(t, simple, "id,name,day,value\n"+test.row+"\n")
			require.NoError(t, err)
			var codes []string
			for _, r := range refused {
				assert.Equal(t, 2, r.Line)
				codes = append(codes, r.Field+" "+r.Code)
			}
			assert.Equal(t, test.refused, strings.Join(codes, ", "))
			assert.Contains(t, out, test.want)
		})
	}
}

// The shape of a vendor's own sample: the header has a column more than all
// rows but the first.
func TestRaggedRowsAreReportedNeverShifted(t *testing.T) {
	const header = "id,name,email,identifier,number,phone,labels,ip,company,a1,a2\n"
	text := header + "1,Ann,a@example.org,x,12345678,+49891,,10.0.0.1,Acme,r,r\n"
	for range 11 {
		text += "2,Bea,b@example.org,y,+15417543010,,10.0.0.2,Acme,r,r\n"
	}
	text += "3,Cem,c@example.org,z,1,2,3,4,5,6,7,8\n"
	out, refused, err := dry(t, `{kind: deals, source: s, fields: {external_id: {column: id}, title: {column: company}, opened_at: {text: now}}}`, text)
	require.NoError(t, err)
	assert.Equal(t, 1, strings.Count(out, "open-deal\n"))
	require.Len(t, refused, 12)
	for i, r := range refused {
		assert.Equal(t, i+3, r.Line)
		assert.Equal(t, "ragged_row", r.Code)
	}
	assert.Equal(t, "2", refused[0].ExternalID)
	assert.Contains(t, refused[0].Reason, "10 fields where the header has 11")
	assert.Contains(t, refused[11].Reason, "12 fields where the header has 11")
}

func TestSameIDTwice(t *testing.T) {
	_, refused, err := dry(t, simple, "id,name,day,value\n7,a,2024-07-01,\n8,b,2024-07-01,\n7,c,2024-07-01,\n")
	require.NoError(t, err)
	assert.Equal(t, []importer.Refusal{{Line: 4, ExternalID: "7", Field: "id", Code: "duplicate_id", Reason: "line 2 has the same id"}}, refused)
}

func TestChineseFileFromASpreadsheet(t *testing.T) {
	text, err := simplifiedchinese.GB18030.NewEncoder().String("编号;名称;日期\r\n1;宁波工厂两百台工作站;2024/7/1\r\n")
	require.NoError(t, err)
	mapping := `
kind: deals
source: test
zone: Asia/Shanghai
delimiter: ";"
encoding: gb18030
dates: [YYYY/M/D]
fields: {external_id: {column: 编号}, title: {text: "{名称}（{编号}）"}, opened_at: {column: 日期}}
`
	out, refused, err := dry(t, mapping, text)
	require.NoError(t, err)
	assert.Empty(t, refused)
	assert.Contains(t, out, `"title":"宁波工厂两百台工作站（1）","source":"test","external_id":"1","occurred_at":"2024-06-30T16:00:00Z"`)
	_, _, err = dry(t, strings.Replace(mapping, "gb18030", "utf-8", 1), text)
	require.ErrorContains(t, err, "--encoding gb18030")
}

func TestTabsBetweenFields(t *testing.T) {
	out, refused, err := dry(t, simple+"delimiter: tab\n", "id\tname\tday\tvalue\n1\ta,b\t2024-07-01\t3\n")
	require.NoError(t, err)
	assert.Empty(t, refused)
	assert.Contains(t, out, `"title":"a,b"`)
}

func TestFilesThatCannotBeRead(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty":              {"", "is empty"},
		"UTF-16":             {"\xff\xfei\x00d\x00", "UTF-16"},
		"missing columns":    {"id,nam\n", "has no column \"value\"; it has id, nam\nfields: title: import.csv has no column \"name\""},
		"ambiguous":          {"id,name,day,value,Name,value\n", `the columns 4 and 6 are both called "value"`},
		"quote never closed": {"id,name,day,value\n1,\"a,2024-07-01,\n" + strings.Repeat("2,b,2024-07-01,\n", 100_000), "a quote before here is never closed"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := dry(t, strings.Replace(simple, "opened_at: {column: day, default: now}", "opened_at: {text: now}", 1), test.text)
			require.ErrorContains(t, err, test.want)
		})
	}
}
