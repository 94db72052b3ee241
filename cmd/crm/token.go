package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
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
		Short: "Issue and revoke the tokens that callers need",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newTokenCreate(), newTokenRevoke())
	return cmd
}

func newTokenCreate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "create",
		Short: "Issue a token and print its secret, once",
		Long: `Issue a token and print its secret. Only a hash of it is kept, so it cannot be
shown again.

Either a running server is asked (--server, with an admin token in CRM_TOKEN or
--token), or, when the last admin token is lost, the embedded event store under
--data is opened while no server runs.`,
		Example: `  crm token create --name ann --role sales
  crm token create --name nightly-report --role analyst --expires 2160h
  crm token create --name admin --role admin --data ./data    (server stopped)`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			wish := commands.IssueToken{Name: v.GetString("name"), Roles: v.GetStringSlice("role")}
			if expires := v.GetDuration("expires"); expires > 0 {
				at := time.Now().Add(expires)
				wish.ExpiresAt = &at
			}
			var p problems
			if wish.Name == "" {
				p.add("--name is needed: it stands as actor in everything the token does")
			}
			if len(wish.Roles) == 0 {
				p.add("--role is needed, one or more of %s", strings.Join(access.Roles, ", "))
			}
			if err := p.err(); err != nil {
				return err
			}
			secret, hash := commands.NewSecret()
			wish.Hash = hash
			if data := v.GetString("data"); data != "" {
				err = issueOffline(cmd.Context(), data, cmd.ErrOrStderr(), wish)
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
	flags.StringSlice("role", nil, "what it may do: "+strings.Join(access.Roles, ", "))
	flags.Duration("expires", 0, "how long it is valid; for good if 0")
	flags.String("data", "", "`directory` of a server that is not running")
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

// issueOffline writes to the log of a server that is not running.
func issueOffline(ctx context.Context, data string, stderr io.Writer, wish commands.IssueToken) (err error) {
	log := slog.New(slog.NewTextHandler(stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var s stack
	defer func() { err = errors.Join(err, s.close()) }()
	store, err := openLog(&s, serveConfig{data: data, log: log})
	if err != nil {
		return fmt.Errorf("%w (is a server running? then use --server)", err)
	}
	write, err := openWriteSide(ctx, serveConfig{states: 10, log: log}, store, nil)
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
