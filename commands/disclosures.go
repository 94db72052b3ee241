package commands

import (
	"context"

	"github.com/annals-crm/annals/domain/disclosure"
)

// Disclosures puts on record who was shown personal data.
type Disclosures struct{ Loop *Loop }

// Record fails with domain.ErrUnavailable: then nothing may be shown.
func (h Disclosures) Record(ctx context.Context, env Envelope, what disclosure.Recorded) error {
	id := derived(env.CommandID, disclosure.Aggregate.Category).String()
	what.DisclosureID = id
	_, err := onNew(ctx, h.Loop, disclosure.Aggregate, env, id, what, func(d disclosure.Disclosure, _ moment) ([]disclosure.Event, error) {
		return d.Record(what)
	})
	return err
}
