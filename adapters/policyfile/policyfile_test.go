package policyfile_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/policyfile"
	"github.com/annals-crm/annals/domain/policy"
)

func written(t *testing.T, f policyfile.File) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, policyfile.Write(&b, f))
	return b.String()
}

func TestComesBackExactly(t *testing.T) {
	from := time.Date(2024, 6, 1, 0, 0, 0, 0, time.FixedZone("", 8*3600))
	odd := policy.Standard()
	odd.Customers.Types = []string{"yes", "2024-05-01", "null", "1e3", "~", "中文 # no comment", "a: b", "\"quoted\"", "line\nbreak", "0x1F", "true"}
	odd.Customers.NeedTypes = nil
	odd.Customers.ContactRoles = []string{}
	odd.Sales.HandoverSeconds = 3600
	odd.RequirementPriorities = map[string]string{"1": "on", "no": "2"}
	for name, f := range map[string]policyfile.File{
		"standard": {Pack: policy.Standard()},
		"dated":    {Version: 3, EffectiveFrom: &from, Pack: policy.Standard()},
		"odd":      {Pack: odd},
	} {
		t.Run(name, func(t *testing.T) {
			text := written(t, f)
			back, err := policyfile.Read([]byte(text))
			require.NoError(t, err, text)
			want, err := json.Marshal(f)
			require.NoError(t, err)
			got, err := json.Marshal(back)
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got))
			assert.Equal(t, text, written(t, back))
		})
	}
}

func TestCommentsNameUnits(t *testing.T) {
	text := written(t, policyfile.File{Pack: policy.Standard()})
	for _, line := range []string{
		"entry_deadline_seconds: 86400 # Time to enter a customer after meeting it; seconds (1 day)",
		"churn_after: P3M # Without a contract",
		"probability: 10 # Per cent",
		"hot_category_pct: 30 # A share strictly above this is hot; per cent",
		"birthday_days_before: 3 # Days before a birthday that its reminder is due",
		"minor: 5000 # Amount in minor units (fen, cents)",
		"zone: Asia/Shanghai # IANA zone that days and months are counted in",
	} {
		assert.Contains(t, text, line)
	}
}

func TestEveryProblemIsTold(t *testing.T) {
	good := written(t, policyfile.File{Pack: policy.Standard()})
	change := func(pairs ...string) string {
		text := good
		for i := 0; i < len(pairs); i += 2 {
			require.Contains(t, text, pairs[i])
			text = strings.Replace(text, pairs[i], pairs[i+1], 1)
		}
		return text
	}
	for name, c := range map[string]struct {
		text string
		want map[string]string // path -> part of the message
	}{
		"form": {
			change("churn_after: P3M", "churn_afetr: P3M", "dormant_after: P6M", "dormant_after: 6", "zone: Asia/Shanghai", "zone: [a]", "reminder_hour: 9", "reminder_hour: 9\n    reminder_hour: 8"),
			map[string]string{
				"pack.customers.churn_afetr": "there is no such field", "pack.customers.churn_after": "missing",
				"pack.customers.dormant_after": "a text", "pack.zone": "a text", "pack.engagement.reminder_hour": "given twice",
			},
		},
		"pack": {
			change("zone: Asia/Shanghai", "zone: Mars", "ranking_every: week", "ranking_every: hour"),
			map[string]string{"pack.zone": "line 5: zone cannot be \"Mars\"", "pack.tickets.ranking_every": "ranking_every"},
		},
		"an unknown field at the top": {good + "pakc: 1\n", map[string]string{"pakc": "no such field"}},
		"no pack":                     {"version: 1\n", map[string]string{"pack": "missing"}},
		"a list for fields":           {"pack: []\n", map[string]string{"pack": "fields belong here"}},
		"an alias":                    {"pack: *other\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := policyfile.Read([]byte(c.text))
			require.ErrorIs(t, err, policyfile.ErrFile)
			found := map[string]string{}
			for _, p := range policyfile.Problems(err) {
				found[p.Field] = p.Message
			}
			for path, message := range c.want {
				assert.Contains(t, found[path], message, path)
			}
			if c.want != nil {
				assert.Len(t, found, len(c.want), "%v", found)
			}
		})
	}
	for name, text := range map[string]string{"empty": "", "two": good + "---\n" + good, "no YAML": "a: [", "a text": "hello"} {
		_, err := policyfile.Read([]byte(text))
		assert.ErrorIs(t, err, policyfile.ErrFile, name)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("pack: {zone: x}"))
	f.Add([]byte("pack: &a [*a]"))
	f.Fuzz(func(_ *testing.T, text []byte) { _, _ = policyfile.Read(text) })
}
