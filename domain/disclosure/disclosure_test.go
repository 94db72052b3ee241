package disclosure_test

import (
	"testing"

	"github.com/annals-crm/annals/domain/disclosure"
	"github.com/annals-crm/annals/domain/domaintest"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, disclosure.Types) }

func TestRecord(t *testing.T) {
	what := disclosure.Recorded{DisclosureID: "d1", Operation: "get-customer", Kind: "customers", Records: []string{"c1"}, Format: "json"}
	record := func(d disclosure.Disclosure) ([]disclosure.Event, error) { return d.Record(what) }
	domaintest.Run(t, disclosure.Aggregate, []domaintest.Case[disclosure.Disclosure, disclosure.Event]{
		{Name: "as it was shown", When: record, Then: []disclosure.Event{what}},
		{Name: "twice", Given: []disclosure.Event{what}, When: record, Err: disclosure.ErrExists},
	})
}
