package importer_test

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/importer"
	"github.com/annals-crm/annals/domain"
)

const (
	pipeline = "\ufeffopportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\r\n" +
		"A1,Moses Frase,GTX Plus Basic,Cancity,Won,2016-10-20,2017-03-01,1054\r\n" +
		"A2,Anna Snelling,GTXPro,Isdom,Lost,2016-10-25,2017-03-11,0\r\n" +
		"A3,Moses Frase,GTXPro,,Engaging,2017-01-02,,\r\n" +
		"A4,Moses Frase,GTXPro,Cancity,Prospecting,,,\r\n"
	teams    = "sales_agent,manager,regional_office\nMoses Frase,Dustin,Central\nAnna Snelling,Dustin,East\n"
	products = "product,series,sales_price\nGTX Pro,GTX,4821\nGTX Plus Basic,GTX,1096\n"
	accounts = "account,sector\nCancity,retail\nIsdom,technolgy\n" //nolint:misspell // as the sample has it
)

// write puts files into a directory and returns it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func sample(t *testing.T, text string) *importer.File {
	t.Helper()
	return open(t, importer.Deals, "sales-opportunities", map[string]string{
		"import.csv": text, "sales_teams.csv": teams, "products.csv": products, "accounts.csv": accounts,
	})
}

func open(t *testing.T, kind, mapping string, files map[string]string) *importer.File {
	t.Helper()
	text, err := importer.BuiltinText(mapping)
	require.NoError(t, err)
	m, err := importer.ParseMapping(text)
	require.NoError(t, err)
	if m.Zone == "" {
		m.Zone = "Asia/Shanghai"
	}
	f, err := importer.Open(filepath.Join(write(t, files), "import.csv"), kind, m)
	require.NoError(t, err)
	return f
}

// outcome runs an import and returns what became of it.
func outcome(ctx context.Context, t *testing.T, f *importer.File, s importer.Sender, parallel int) (importer.Summary, []importer.Refusal, error) {
	t.Helper()
	var refused []importer.Refusal
	rows := 0
	summary, err := importer.Runner{
		Sender: s, Kind: f.Mapping.Kind, Source: f.Mapping.Source, ImportID: f.ImportID(), Parallel: parallel,
		Refuse:  func(r importer.Refusal) { refused = append(refused, r) },
		Advance: func(n int) { rows += n },
	}.Run(ctx, f.Items())
	assert.Equal(t, summary.Done+summary.Refused, rows)
	slices.SortFunc(refused, func(a, b importer.Refusal) int { return a.Line - b.Line })
	return summary, refused, err
}

func TestDealsBecomeTheirHistory(t *testing.T) {
	fake, client := newFake(t)
	summary, refused, err := outcome(t.Context(), t, sample(t, pipeline), client, 8)
	require.NoError(t, err)
	assert.Empty(t, refused)
	assert.Equal(t, importer.Summary{
		Rows: 4, Done: 4, Position: domain.Position{Commit: 11, Prepare: 11},
		Commands: map[string]int{"register-customer": 2, "open-deal": 4, "move-deal": 3, "win-deal": 1, "lose-deal": 1},
		Notices:  map[string]int{importer.NoticeOpenedNow: 1},
	}, summary)
	assert.Equal(t, []string{
		`open-deal {"amount":{"currency":"USD","minor":109600},"customer_id":"Cancity","external_id":"A1","occurred_at":"2016-10-19T16:00:00Z","owner":"Moses Frase","product":"GTX Plus Basic","region":"Central","source":"sales-opportunities","title":"GTX Plus Basic for Cancity"}
move-deal {"occurred_at":"2016-10-19T16:00:00Z","stage":"opportunity"}
win-deal {"amount":{"currency":"USD","minor":105400},"occurred_at":"2017-02-28T16:00:00Z"}`,
		`open-deal {"amount":{"currency":"USD","minor":482100},"customer_id":"Cancity","external_id":"A4","owner":"Moses Frase","product":"GTX Pro","region":"Central","source":"sales-opportunities","title":"GTX Pro for Cancity"}`,
		`open-deal {"amount":{"currency":"USD","minor":482100},"customer_id":"Isdom","external_id":"A2","occurred_at":"2016-10-24T16:00:00Z","owner":"Anna Snelling","product":"GTX Pro","region":"East","source":"sales-opportunities","title":"GTX Pro for Isdom"}
move-deal {"occurred_at":"2016-10-24T16:00:00Z","stage":"opportunity"}
lose-deal {"occurred_at":"2017-03-10T16:00:00Z","reason":"not stated in the source"}`,
		`open-deal {"amount":{"currency":"USD","minor":482100},"external_id":"A3","occurred_at":"2017-01-01T16:00:00Z","owner":"Moses Frase","product":"GTX Pro","region":"Central","source":"sales-opportunities","title":"GTX Pro"}
move-deal {"occurred_at":"2017-01-01T16:00:00Z","stage":"opportunity"}`,
		`register-customer {"industry":"retail","kind":"organisation","name":"Cancity","occurred_at":"2016-10-19T16:00:00Z"}`,
		`register-customer {"industry":"technology","kind":"organisation","name":"Isdom","occurred_at":"2016-10-24T16:00:00Z"}`,
	}, fake.stories())
}

func TestRepeatingChangesNothing(t *testing.T) {
	fake, client := newFake(t)
	f := sample(t, pipeline)
	first, _, err := outcome(t.Context(), t, f, client, 8)
	require.NoError(t, err)
	before := fake.stories()
	second, refused, err := outcome(t.Context(), t, f, client, 8)
	require.NoError(t, err)
	assert.Empty(t, refused)
	assert.Equal(t, first, second)
	assert.Equal(t, before, fake.stories())
}

// interruptAfter cancels an import once n commands were acknowledged.
type interruptAfter struct {
	importer.Sender
	left   chan struct{}
	cancel context.CancelFunc
}

func (i interruptAfter) Send(ctx context.Context, cmd apiclient.Command) (apiclient.Result, error) {
	select {
	case <-i.left:
		return i.Sender.Send(ctx, cmd)
	default:
		i.cancel()
		<-ctx.Done()
		return apiclient.Result{}, ctx.Err()
	}
}

func TestAnInterruptedImportIsCompletedByRepeatingIt(t *testing.T) {
	whole, wholeClient := newFake(t)
	_, _, err := outcome(t.Context(), t, sample(t, pipeline), wholeClient, 1)
	require.NoError(t, err)
	for n := range 11 {
		fake, client := newFake(t)
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan struct{}, n)
		for range n {
			left <- struct{}{}
		}
		f := sample(t, pipeline)
		_, _, err := outcome(ctx, t, f, interruptAfter{client, left, cancel}, 3)
		require.ErrorIs(t, err, context.Canceled)
		require.NotEqual(t, whole.stories(), fake.stories())
		_, refused, err := outcome(t.Context(), t, f, client, 3)
		require.NoError(t, err)
		require.Empty(t, refused)
		require.Equal(t, whole.stories(), fake.stories(), "after %d commands", n)
	}
}

func TestWhatTheServerRefusesIsReportedByRow(t *testing.T) {
	fake, client := newFake(t)
	fake.refuse = func(command string, body map[string]any) (int, string) {
		switch {
		case command == "win-deal":
			return http.StatusUnprocessableEntity, `{"code":"validation_failed","detail":"no","errors":[{"location":"body.amount","message":"too small"},{"location":"body.occurred_at","message":"too late"}]}`
		case body["name"] == "Isdom":
			return http.StatusConflict, `{"code":"duplicate","detail":"exists"}`
		}
		return 0, ""
	}
	summary, refused, err := outcome(t.Context(), t, sample(t, pipeline), client, 4)
	require.NoError(t, err)
	assert.Equal(t, 2, summary.Refused)
	assert.Equal(t, []importer.Refusal{
		{Line: 2, ExternalID: "A1", Field: "amount", Code: "validation_failed", Reason: "win-deal: too small"},
		{Line: 2, ExternalID: "A1", Field: "occurred_at", Code: "validation_failed", Reason: "win-deal: too late"},
		{Line: 3, ExternalID: "A2", Code: "duplicate", Reason: "register-customer: exists"},
	}, refused)
}

func TestAnAmendedFileGoesOnFromWhatIsKnown(t *testing.T) {
	fake, client := newFake(t)
	const header = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"
	_, _, err := outcome(t.Context(), t, sample(t, header+"B1,Moses Frase,GTXPro,,Engaging,2017-01-02,,\n"), client, 4)
	require.NoError(t, err)
	_, refused, err := outcome(t.Context(), t, sample(t, header+"B1,Moses Frase,GTXPro,,Won,2017-01-02,2017-02-01,5000\n"), client, 4)
	require.NoError(t, err)
	require.Empty(t, refused)
	assert.Len(t, fake.stories(), 1)
	assert.Contains(t, fake.stories()[0], "win-deal")
	_, refused, err = outcome(t.Context(), t, sample(t, header+"B1,Anna Snelling,GTXPro,,Won,2017-01-02,2017-02-01,5000\n"), client, 4)
	require.NoError(t, err)
	require.Len(t, refused, 1)
	assert.Equal(t, "idempotency_key_reused", refused[0].Code)
}

func TestADeniedCallerEndsTheImport(t *testing.T) {
	fake, client := newFake(t)
	fake.refuse = func(string, map[string]any) (int, string) {
		return http.StatusForbidden, `{"code":"forbidden","detail":"your roles do not allow this"}`
	}
	summary, refused, err := outcome(t.Context(), t, sample(t, pipeline), client, 1)
	require.ErrorContains(t, err, "your roles do not allow this")
	assert.Empty(t, refused)
	assert.Zero(t, summary.Done)
}
