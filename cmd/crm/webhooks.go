package main

import (
	"context"
	"errors"
	"io/fs"
	"iter"
	"net/netip"
	"path/filepath"
	"time"

	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/webhooks"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
)

// webhookKeyFile is where the key is kept in a data directory.
const webhookKeyFile = "webhook.key"

// webhookConfig is how facts are sent to webhooks.
type webhookConfig struct {
	key     []byte         // that secrets are sealed with; nil: there are no webhooks
	private []netip.Prefix // networks that may be reached
	send    bool
}

func webhookFlags(flags *pflag.FlagSet) {
	flags.String("webhook-key", "", "64 hexadecimal digits that secrets of webhooks are sealed with; kept in --data if empty")
	flags.StringSlice("webhook-allow-private", nil, "`networks` that webhooks may reach although they are not public, also without TLS; 10.0.0.0/8")
	flags.Bool("send-webhooks", true, "send facts to webhooks; false for a copy of a log whose original sends them")
}

// readWebhookConfig makes no key.
func readWebhookConfig(v *viper.Viper, p *problems) webhookConfig {
	c := webhookConfig{send: v.GetBool("send-webhooks")}
	for _, text := range v.GetStringSlice("webhook-allow-private") {
		network, err := netip.ParsePrefix(text)
		if err != nil {
			p.add("--webhook-allow-private: %q is no network such as 10.0.0.0/8", text)
			continue
		}
		c.private = append(c.private, network.Masked())
	}
	return c
}

// webhookKey is the key that secrets of webhooks are sealed with; nil if there
// is none, and so are no webhooks. With an embedded event store it is kept
// beside the data, like the hash key, but may be missing: data of a release that
// knew no webhooks has none.
func webhookKey(given string, c serveConfig) ([]byte, error) {
	if given != "" {
		return parseHashKey(given)
	}
	if c.eventstore != "" {
		return nil, nil
	}
	path := filepath.Join(c.data, webhookKeyFile)
	key, err := keptKey(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	begun, err := holdsLog(c.data)
	if err != nil {
		return nil, err
	}
	if key, err = makeKey(path); err == nil && begun {
		c.log.Warn("a new webhook key was made although the log is not empty: webhooks created before need crm webhook rotate-secret", "file", path)
	}
	return key, err
}

// webhookCommands are the commands on webhooks, as far as c has the means.
func webhookCommands(c serveConfig, loop *commands.Loop, log *eventstoredb.Client) (commands.Webhooks, error) {
	h := commands.Webhooks{
		Loop: loop, Address: webhooks.Guard{Private: c.webhooks.private}.Check, Types: types().Names(),
		Place: func(ctx context.Context, text string) (domain.Position, error) {
			return httpapi.Place(ctx, feedLog{log}, text)
		},
	}
	if c.webhooks.key == nil {
		return h, nil
	}
	key, err := webhooks.NewKey(c.webhooks.key)
	if err != nil {
		return h, err
	}
	h.Secrets = key
	return h, nil
}

// openDeliverer makes what sends facts to webhooks, or only tells of it.
func (p *parts) openDeliverer() (err error) {
	c := webhooks.Config{
		Log: feedLog{p.log}, Hooks: projections.Webhooks{Views: p.views}, Decisions: p.write.webhooks, Store: p.views,
		Guard: webhooks.Guard{Private: p.config.webhooks.private}, Mask: httpapi.MaskedJSON, Now: time.Now, Metrics: p.metrics, Logger: p.config.log,
	}
	if p.config.webhooks.key != nil {
		if c.Key, err = webhooks.NewKey(p.config.webhooks.key); err != nil {
			return err
		}
	}
	p.deliverer = webhooks.New(c)
	p.write.webhooks.Waiting = p.deliverer.Desk().Waiting
	return nil
}

// FactsOf yields the events of one stream from a revision on.
func (l feedLog) FactsOf(ctx context.Context, stream string, from uint64) iter.Seq2[domain.Recorded, error] {
	return l.ReadStored(ctx, stream, from)
}

// Checkpoint is the last one recorded for a webhook; nil if there is none.
func (l feedLog) Checkpoint(ctx context.Context, webhookID string) (*webhook.Progress, error) {
	for r, err := range l.ReadBackwards(ctx, webhook.ProgressAggregate.Stream(webhookID), 1) {
		if err != nil {
			return nil, err
		}
		if e, ok := r.Event.(webhook.Checkpointed); ok {
			return &e.Progress, nil
		}
	}
	return nil, nil
}
