package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"
)

func newDoctor() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Check a server, its settings, and what it depends on",
		Long: `Check what a server needs, and say of everything that is not well what it means
and what to do. No fact is added, and neither secrets nor records are shown. The
embedded event store of a stopped server is opened for it, as a start would.

With the settings of crm serve, as flags, variables or --config, the set-up is
looked at from here: settings, data directory, keys, certificate, event log and
Redis, whether a server runs or not. With --server, or if no set-up is given,
a running server is asked; most of what it knows needs a token (CRM_TOKEN).

Each check ends with ok, warn or fail, or is unchecked, where it also says why.
The exit status is 1 if any failed; with --strict a warning counts, too.`,
		Example: `  crm doctor                                              # the server on this machine
  crm doctor --server https://crm.example
  crm doctor --eventstore esdb://db:2113?tls=false --redis redis://cache:6379 --hash-key $KEY
  crm doctor --config crm.yaml --server http://127.0.0.1:8080 --json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), longestVisit)
			defer cancel()
			d := newVisit(cmd)
			d.examine(ctx, cmd)
			strict, asJSON := flagged(cmd, "strict"), flagged(cmd, "json")
			if err := d.print(cmd.OutOrStdout(), asJSON); err != nil {
				return err
			}
			return d.err(strict)
		},
	}
	flags := cmd.Flags()
	serveFlags(flags)
	serverFlags(flags)
	flags.Bool("json", false, "print the report as JSON")
	flags.Bool("strict", false, "fail on warnings, too")
	return cmd
}

const (
	// longestVisit is how long all checks may take together.
	longestVisit = 2 * time.Minute
	// longestAnswer is how long whatever is asked may take for one answer.
	longestAnswer = 5 * time.Second
)

// flagged is a flag of the tool itself, known even if the settings are not.
func flagged(cmd *cobra.Command, name string) bool {
	set, err := cmd.Flags().GetBool(name)
	return err == nil && set
}

// visit is one run of all checks.
type visit struct {
	report
	v   *viper.Viper
	c   serveConfig
	now func() time.Time
}

func newVisit(cmd *cobra.Command) *visit {
	d := &visit{now: time.Now}
	d.At, d.Program = d.now().UTC().Truncate(time.Second), version()
	v, err := settings(cmd)
	if err != nil {
		d.wrongSettings(err)
		return d
	}
	d.v, d.hide = v, secretsOf(v)
	return d
}

// examine checks what is given: a set-up, a server, or both.
func (d *visit) examine(ctx context.Context, cmd *cobra.Command) {
	if d.v == nil {
		return
	}
	setUp := d.v.GetString("config") != "" || d.v.IsSet("eventstore") || d.v.IsSet("redis") || d.v.IsSet("data")
	if setUp {
		d.examineSetUp(ctx, cmd)
	}
	if !setUp || d.v.IsSet("server") {
		d.examineServer(ctx)
	}
}

// examineSetUp looks at everything a server would use, from here.
func (d *visit) examineSetUp(ctx context.Context, cmd *cobra.Command) {
	var p problems
	d.c = readServeSettings(d.v, cmd, &p)
	if err := p.err(); err != nil {
		d.wrongSettings(err)
	} else {
		d.ok("settings", "fit together")
	}
	d.checkConfigFile()
	d.checkData()
	d.checkKeys()
	key := d.checkHashKey()
	d.checkWebhookKey()
	d.checkCertificateFiles()
	var s stack
	defer func() { _ = s.close() }() // nothing was written
	log := d.checkLog(ctx, &s, key)
	d.checkRedis(ctx, &s, log)
}

func (d *visit) wrongSettings(err error) {
	d.add(finding{
		Check: "settings", Status: failed, Found: err.Error(),
		Means: "crm serve does not start with these settings",
		Do:    "mend them; crm serve --help says what each may be",
	})
}

// err is nil unless the report is to count as a failure.
func (r *report) err(strict bool) error {
	fails, warnings := r.count(failed), r.count(warned)
	switch {
	case fails > 0:
		return fmt.Errorf("%d of %d checks failed", fails, len(r.Checks))
	case strict && warnings > 0:
		return fmt.Errorf("%d of %d checks warn", warnings, len(r.Checks))
	}
	return nil
}
