package main

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// checkWebhookKey looks at the key crm serve would use. None is made.
func (d *visit) checkWebhookKey() {
	const check = "webhook key"
	path, from := filepath.Join(d.c.data, webhookKeyFile), "--webhook-key"
	given := d.v.GetString("webhook-key")
	if given == "" && d.c.eventstore != "" {
		d.skip(check, "--webhook-key is not given, so there are no webhooks")
		return
	}
	_, err := parseHashKey(given)
	switch {
	case given == "":
		from = path
		_, err = keptKey(path)
	case err != nil:
		err = fmt.Errorf("%s %w", from, err)
	}
	switch {
	case given == "" && errors.Is(err, fs.ErrNotExist):
		d.skip(check, "%s is not there yet; the next crm serve makes it", path)
	case err != nil:
		d.add(finding{
			Check: check, Status: failed, Found: err.Error(),
			Means: "crm serve does not start; without this key the secrets of webhooks cannot be used",
			Do:    "look for the right one; a backup holds it as " + webhookKeyFile + "; if it is lost, remove it, and crm webhook rotate-secret every webhook",
		})
	default:
		d.ok(check, "%s can be read", from)
	}
}
