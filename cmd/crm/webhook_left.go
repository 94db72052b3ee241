package main

import (
	"context"
	"net/url"
	"strings"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
)

// nobodySends is why that can be.
const nobodySends = "no process with the role projector and the webhook key is at work on it, without --send-webhooks=false"

// leftAlone are the ids of active webhooks that no process works on.
func leftAlone(ctx context.Context, client *apiclient.Client, all []projections.Webhook) (ids []string, err error) {
	for _, w := range all {
		if w.Status != webhook.Active {
			continue
		}
		var is httpapi.WebhookStanding
		if err := client.Get(ctx, "/v1/queries/webhooks/"+url.PathEscape(w.ID), nil, &is); err != nil {
			return nil, err
		}
		if is.Status == webhook.Active && !is.WorkedOn {
			ids = append(ids, w.ID)
		}
	}
	return ids, nil
}

// checkWebhooks looks whether somebody sends to each: twice if not, since a new
// one, or one whose process has ended, is taken up within seconds.
func (d *visit) checkWebhooks(ctx context.Context, client *apiclient.Client) {
	const check = "webhooks"
	var page struct {
		Items []projections.Webhook `json:"items"`
	}
	err := client.Get(ctx, "/v1/queries/webhooks", url.Values{"limit": {"200"}}, &page)
	left, failing := leftAlone(ctx, client, page.Items)
	if err == nil && failing == nil && len(left) > 0 {
		d.pause(ctx)
		left, failing = leftAlone(ctx, client, page.Items)
	}
	switch {
	case err != nil:
		d.skip(check, "%v", err)
	case failing != nil:
		d.skip(check, "%v", failing)
	case len(left) > 0:
		d.add(finding{
			Check: check, Status: warned, Found: "active, but nobody sends: " + strings.Join(left, ", "),
			Means: "their facts wait in the log; nothing is lost",
			Do:    "see that a process with the role projector has --webhook-key and not --send-webhooks=false; for a copy of a log, leave it so",
		})
	default:
		d.ok(check, "of %d, each that is active has a process at work on it", len(page.Items))
	}
}
