package importer_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/importer"
)

func caseLog(t *testing.T, rows ...string) *importer.File {
	t.Helper()
	return open(t, importer.Tickets, "case-log", map[string]string{
		"import.csv": "CaseID,ActivityID,CompleteTimestamp\n" + strings.Join(rows, "\n") + "\n",
	})
}

func TestCasesBecomeTickets(t *testing.T) {
	fake, client := newFake(t)
	summary, refused, err := outcome(t.Context(), t, caseLog(t,
		"2,1,2012-04-03 16:55:38", "2,8,2012-04-03 16:55:53", "2,6,2012-04-05 17:15:52", "3,1,2010-10-29 18:14:06",
	), client, 4)
	require.NoError(t, err)
	assert.Empty(t, refused)
	assert.Equal(t, 4, summary.Done)
	assert.Equal(t, []string{
		`open-ticket {"channel":"import","external_id":"2","occurred_at":"2012-04-03T16:55:38Z","subject":"Case 2"}
log-ticket-activity {"activity":"1","occurred_at":"2012-04-03T16:55:38Z"}
log-ticket-activity {"activity":"8","occurred_at":"2012-04-03T16:55:53Z"}
log-ticket-activity {"activity":"6","occurred_at":"2012-04-05T17:15:52Z"}
resolve-ticket {"occurred_at":"2012-04-05T17:15:52Z"}`,
		`open-ticket {"channel":"import","external_id":"3","occurred_at":"2010-10-29T18:14:06Z","subject":"Case 3"}
log-ticket-activity {"activity":"1","occurred_at":"2010-10-29T18:14:06Z"}
resolve-ticket {"occurred_at":"2010-10-29T18:14:06Z"}`,
	}, fake.stories())
}

// The order of the file must not matter: a log sorted by time mixes its cases.
func TestCasesNeedNotStandTogether(t *testing.T) {
	rows := []string{"1,a,2012-01-01 00:00:00", "1,b,2012-01-02 00:00:00", "1,c,2012-01-04 00:00:00", "2,a,2012-01-01 12:00:00", "2,b,2012-01-03 00:00:00"}
	together, client := newFake(t)
	_, _, err := outcome(t.Context(), t, caseLog(t, rows...), client, 4)
	require.NoError(t, err)
	for _, order := range [][]int{{0, 3, 1, 4, 2}, {2, 4, 1, 3, 0}} {
		mixed, client := newFake(t)
		var shuffled []string
		for _, i := range order {
			shuffled = append(shuffled, rows[i])
		}
		_, _, err := outcome(t.Context(), t, caseLog(t, shuffled...), client, 4)
		require.NoError(t, err)
		assert.Equal(t, together.stories(), mixed.stories())
	}
}

func TestOneBadRowRefusesItsCaseOnly(t *testing.T) {
	fake, client := newFake(t)
	summary, refused, err := outcome(t.Context(), t, caseLog(t,
		"1,a,2012-01-01 00:00:00", "1,b,yesterday", "2,a,2012-01-01 00:00:00", "3,a", ",a,2012-01-01 00:00:00", "3,b,2012-01-02 00:00:00",
	), client, 4)
	require.NoError(t, err)
	assert.Len(t, fake.stories(), 1)
	assert.Equal(t, []int{6, 1, 5}, []int{summary.Rows, summary.Done, summary.Refused})
	var got []string
	for _, r := range refused {
		got = append(got, r.ExternalID+" "+r.Code)
	}
	assert.Equal(t, []string{"1 bad_time", "1 case_incomplete", "3 ragged_row", "3 case_incomplete", " missing_value"}, got)
}

func TestTicketsWithOneRowEach(t *testing.T) {
	out, refused, err := dry(t, `
kind: tickets
source: desk
zone: Asia/Shanghai
dates: [YYYY-MM-DD HH:mm]
values:
  Priority: {高: urgent, 低: general}
fields:
  external_id: {column: No}
  subject: {column: Subject, default: "no subject"}
  priority: {column: Priority}
  customer: {column: Customer}
  at: {column: Opened}
  resolved_at: {column: Closed}
  solution: {column: Answer}
`, "No,Subject,Priority,Customer,Opened,Closed,Answer\n1,打印机,高,宁波工厂,2024-05-01 09:00,2024-05-02 10:00,replaced\n2,,低,,2024-05-01 09:00,,\n")
	require.NoError(t, err)
	assert.Empty(t, refused)
	for _, want := range []string{
		`{"kind":"organisation","name":"宁波工厂","occurred_at":"2024-05-01T01:00:00Z"}`,
		`{"subject":"打印机","priority":"urgent","customer_id":"<id from register-customer>","external_id":"1","occurred_at":"2024-05-01T01:00:00Z"}`,
		`{"ticket_id":"<id from open-ticket>","solution":"replaced","occurred_at":"2024-05-02T02:00:00Z"}`,
		`{"subject":"no subject","priority":"general","external_id":"2","occurred_at":"2024-05-01T01:00:00Z"}`,
	} {
		assert.Contains(t, out, want)
	}
	assert.Equal(t, 1, strings.Count(out, "resolve-ticket\n"))
}
