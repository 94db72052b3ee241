package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

func newToken() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "token",
		Short: "Issue, list and revoke the tokens that callers need",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTokenCreate(), newTokenList(), newTokenRevoke())
	return cmd
}

func newTokenCreate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Issue a token and print its secret, once",
		Long: `Issue a token and print its secret. Only a hash of it is kept, so it cannot be
shown again.

A name is one caller: it stands as actor in every event, and the idempotency keys
of its requests are its own. So a name that a token in use has is refused, unless
--renew says that this is that caller's next token. Both are valid until the old
one is revoked, and requests repeated with the new one get their first result.

Either a running server is asked (--server, with an admin token in CRM_TOKEN or
--token), or, when the last admin token is lost, the event log is written to: the
embedded one under --data while no server runs, or that of --eventstore. These
two count only as flags, so that the settings of a server are not taken for them.`,
		Example: `  crm token create --name ann --role sales
  crm token create --name nightly-report --role analyst --scope read --expires 2160h
  crm token create --name web-shop --service-account --scope register-customer,open-deal
  crm token create --name ann --role sales --renew && crm token revoke OLD_TOKEN_ID
  crm token create --name admin --role admin --renew --data ./data    (server stopped)
  crm token create --name admin --role admin --renew --eventstore esdb://db:2113?tls=false`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			wish := commands.IssueToken{
				Name: v.GetString("name"), Roles: v.GetStringSlice("role"), Scopes: v.GetStringSlice("scope"), Renews: v.GetBool("renew"),
			}
			if v.GetBool("service-account") {
				wish.Kind = access.ServiceAccount
			}
			var p problems
			switch expires := v.GetDuration("expires"); {
			case expires < 0:
				p.add("--expires %s has passed already", expires)
			case expires > 0:
				at := time.Now().Add(expires)
				wish.ExpiresAt = &at
			}
			if wish.Name == "" {
				p.add("--name is needed: it stands as actor in everything the token does")
			}
			if len(wish.Roles) == 0 && wish.Kind == "" {
				p.add("--role is needed, one or more of %s", strings.Join(access.Roles, ", "))
			}
			offline := offlineLog(cmd, &p)
			if err := p.err(); err != nil {
				return err
			}
			secret, hash := commands.NewSecret()
			wish.Hash = hash
			if offline != nil {
				err = issueOffline(cmd.Context(), *offline, cmd.ErrOrStderr(), wish)
			} else {
				err = send(cmd.Context(), v, "issue-token", wish)
			}
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), secret)
			return err
		},
	}
	flags := cmd.Flags()
	flags.String("name", "", "who acts with the token")
	flags.Bool("renew", false, "the caller of that name has a token already, which this one follows")
	flags.StringSlice("role", nil, "what it may do: "+strings.Join(access.Roles, ", "))
	flags.StringSlice("scope", nil, "what of that it may do: read, write, names of operations; all of it if none is given")
	flags.Bool("service-account", false, "the name is that of a service account, whose roles it has if no --role is given")
	flags.Duration("expires", 0, "how long it is valid; for good if 0")
	flags.String("data", "", "`directory` of a server that is not running")
	flags.String("eventstore", "", "EventStoreDB connection string of servers, running or not")
	serverFlags(flags)
	return cmd
}

func newTokenRevoke() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "revoke TOKEN_ID",
		Short:   "End a token",
		Example: "  crm token revoke 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11 --reason 'laptop lost'",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			return send(cmd.Context(), v, "revoke-token", commands.RevokeToken{TokenID: args[0], Reason: v.GetString("reason")})
		},
	}
	cmd.Flags().String("reason", "", "why")
	serverFlags(cmd.Flags())
	return cmd
}

// serverFlags are those of every tool that talks to a running server.
func serverFlags(flags *pflag.FlagSet) {
	flags.String("server", "http://127.0.0.1:8080", "`url` of a running server")
	flags.String("token", "", "secret to call it with; better given as CRM_TOKEN")
}

func send(ctx context.Context, v *viper.Viper, name string, command any) error {
	client, err := apiclient.New(v.GetString("server"), v.GetString("token"), 1)
	if err != nil {
		return usageError{err}
	}
	_, err = client.Send(ctx, apiclient.Command{Name: name, Key: uuid.NewString(), Body: command})
	return err
}

// offlineLog is the event log to write to without asking a server, or nil.
func offlineLog(cmd *cobra.Command, p *problems) *serveConfig {
	flags := cmd.Flags()
	if !flags.Changed("data") && !flags.Changed("eventstore") {
		return nil
	}
	c := &serveConfig{data: flags.Lookup("data").Value.String(), eventstore: flags.Lookup("eventstore").Value.String()}
	switch {
	case flags.Changed("data") && flags.Changed("eventstore"):
		p.add("--data and --eventstore are two logs; give one of them")
	case flags.Changed("data"):
		if _, err := os.Stat(eventStoreDir(c.data)); err != nil {
			p.add("--data %s holds no event store: %w", c.data, err)
		}
	default:
		p.connectionString("eventstore", c.eventstore)
	}
	return c
}

// issueOffline writes to the log without asking a server.
func issueOffline(ctx context.Context, c serveConfig, stderr io.Writer, wish commands.IssueToken) (err error) {
	// What fails is returned; on the way there is nothing to say.
	c.log = slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelError}))
	c.states = 10
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var s stack
	defer func() { err = errors.Join(err, s.close()) }()
	store, err := openLog(&s, c)
	if err != nil {
		return err
	}
	write, err := openWriteSide(ctx, c, store, nil)
	if err != nil {
		return err
	}
	env := commands.Envelope{
		Command: "issue-token", CommandID: uuid.New(), Fresh: true,
		Actor: domain.Actor{ID: access.System, Role: access.System},
	}
	_, err = write.tokens.Issue(ctx, env, wish)
	return err
}

// stack closes what was opened, in reverse order.
type stack []func() error

func (s *stack) push(closer func() error) { *s = append(*s, closer) }

func (s *stack) close() error {
	var err error
	for len(*s) > 0 {
		last := len(*s) - 1
		closer := (*s)[last]
		*s = (*s)[:last]
		err = errors.Join(err, closer())
	}
	return err
}
