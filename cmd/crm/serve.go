package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/redisviews"
)

// The sides a process can serve; see --role.
const (
	roleAll       = "all"
	roleCommands  = "commands"
	roleQueries   = "queries"
	roleProjector = "projector"
)

var roles = []string{roleAll, roleCommands, roleQueries, roleProjector}

func newServe() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve commands and queries, and keep the read models current",
		Long: `Serve Annals. Without further settings everything runs in this one process: an
embedded event store with its data under --data, and read models in memory that
are filled from it at every start. The first start prints an admin token.

In production give it --eventstore and --redis; then several processes can share
the work, each with a --role.`,
		Example: `  crm serve
  crm serve --eventstore esdb://db:2113?tls=false --redis redis://cache:6379 --hash-key $KEY
  crm serve --role queries --listen 127.0.0.1:8081 --eventstore … --redis … --hash-key …`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			c, err := readServeConfig(v, cmd)
			if err != nil {
				return err
			}
			return serve(cmd.Context(), c)
		},
	}
	serveFlags(cmd.Flags())
	return cmd
}

func serveFlags(flags *pflag.FlagSet) {
	flags.String("listen", "127.0.0.1:8080", "`address` to answer HTTP on")
	flags.Bool("allow-remote", false, "listen beyond this machine; with --tls-cert, or with TLS in front")
	flags.String("data", "./data", "`directory` of the embedded event store and of keys")
	flags.String("eventstore", "", "EventStoreDB connection string, esdb://…; embedded if empty")
	flags.String("redis", "", "Redis `url`, redis://…, several hosts for a cluster; embedded if empty")
	flags.String("role", roleAll, "what this process does: "+strings.Join(roles, ", "))
	flags.String("hash-key", "", "64 hexadecimal digits that name reservations; kept in --data if empty")
	flags.Int("states", 100_000, "folded records kept in memory")
	flags.Duration("sweep", time.Second, "how often due timers are looked for")
	flags.String("profile", "", "loopback `address` to answer go tool pprof on; not at all if empty")
	flags.Duration("shutdown", 15*time.Second, "how long requests may take to finish at the end")
	httpFlags(flags)
	webhookFlags(flags)
	traceFlags(flags)
	logFlags(flags)
}

// readServeConfig reports everything wrong with the settings at once.
func readServeConfig(v *viper.Viper, cmd *cobra.Command) (serveConfig, error) {
	var p problems
	c := readServeSettings(v, cmd, &p)
	if len(p) > 0 && v.GetString("hash-key") == "" && c.eventstore == "" {
		return c, p.err() // no key is made for a server that does not start
	}
	key, err := hashKey(v.GetString("hash-key"), c)
	if err != nil {
		p.add("--hash-key: %w", err)
		if v.GetString("webhook-key") == "" {
			return c, p.err()
		}
	}
	c.hashKey = key
	if c.webhooks.key, err = webhookKey(v.GetString("webhook-key"), c); err != nil {
		p.add("--webhook-key: %w", err)
	}
	return c, p.err()
}

// readServeSettings is readServeConfig without the hash key, and makes nothing.
func readServeSettings(v *viper.Viper, cmd *cobra.Command, p *problems) serveConfig {
	c := serveConfig{
		listen: v.GetString("listen"), data: v.GetString("data"),
		eventstore: v.GetString("eventstore"), redis: v.GetString("redis"), role: v.GetString("role"),
		states: v.GetInt("states"), sweep: v.GetDuration("sweep"), shutdown: v.GetDuration("shutdown"),
		profile: v.GetString("profile"),
		out:     cmd.OutOrStdout(), log: newLogger(v, cmd.ErrOrStderr(), p),
	}
	c.http = readHTTPConfig(v, p)
	c.traces = readTraceConfig(v, p)
	p.listenable("listen", c.listen, v.GetBool("allow-remote"))
	if c.profile != "" {
		p.listenable("profile", c.profile, false)
	}
	if !slices.Contains(roles, c.role) {
		p.add("--role %q: want one of %s", c.role, strings.Join(roles, ", "))
	}
	if c.role != roleAll && (c.eventstore == "" || c.redis == "") {
		p.add("--role %s needs --eventstore and --redis: what is embedded cannot be shared with other processes", c.role)
	}
	if c.eventstore != "" {
		p.connectionString("eventstore", c.eventstore)
	}
	if c.redis != "" {
		if client, err := redisviews.Connect(c.redis); err != nil {
			p.add("--redis: %w", err)
		} else {
			_ = client.Close() // no connection was made
		}
	}
	c.webhooks = readWebhookConfig(v, p)
	if c.data == "" {
		p.add("--data must name a directory")
	}
	if c.states < 1 {
		p.add("--states %d: want at least 1", c.states)
	}
	if c.sweep < 10*time.Millisecond {
		p.add("--sweep %s: want at least 10ms", c.sweep)
	}
	if c.shutdown <= 0 {
		p.add("--shutdown %s: want a time longer than 0", c.shutdown)
	}
	return c
}

// serve runs until ctx ends, then lets what was begun finish.
func serve(ctx context.Context, c serveConfig) error {
	defer raiseHeap()()
	if c.does(roleQueries) {
		takeHeap()
	}
	parts, err := open(ctx, c)
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		return nil // stopped while it waited
	}
	if err != nil {
		return err
	}
	defer parts.close()
	if err := parts.run(ctx); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}
