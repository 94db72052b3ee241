package main

import (
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/commands"
)

func newWebhook() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "webhook",
		Short: "Send facts to other programs over HTTP",
		Long: `A webhook sends every fact as it was recorded to a URL, in the form of Standard
Webhooks: signed, at least once, the facts of each record in order. What is not taken
is tried again for days at growing intervals; later facts of that record wait
meanwhile, all others do not.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(
		newWebhookCreate(), newWebhookChange(), newWebhookList(), newWebhookShow(), newWebhookDeliveries(), newWebhookTest(),
		newWebhookPause(), newWebhookResume(), newWebhookReplay(), newWebhookSkip(), newWebhookRotate(), newWebhookRemove(),
	)
	return cmd
}

func webhookSettingsFlags(cmd *cobra.Command) {
	cmd.Flags().StringSlice("type", nil, "only these `types`: deal.won.v1, deal.won in all its versions, or deal. for all about deals; all if not given")
	cmd.Flags().String("description", "", "what it is for")
	cmd.Flags().Bool("masked", false, "send phone numbers and mail addresses masked")
	serverFlags(cmd.Flags())
}

func newWebhookCreate() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "create URL",
		Short:   "Send facts to a URL, and print the secret they are signed with",
		Example: "  crm webhook create https://hooks.example.com/annals --type deal.,ticket.resolved --from start",
		Args:    cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			return reveal(cmd, v, client, "create-webhook", commands.CreateWebhook{
				From:            v.GetString("from"),
				WebhookSettings: commands.WebhookSettings{URL: args[0], Description: v.GetString("description"), Types: v.GetStringSlice("type"), Masked: v.GetBool("masked")},
			})
		}),
	}
	cmd.Flags().String("from", "end", "where to begin: end, start, or behind the `position` of an event")
	cmd.Flags().Bool("json", false, "print the answer as JSON")
	webhookSettingsFlags(cmd)
	return cmd
}

func newWebhookRotate() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rotate-secret ID",
		Short: "Exchange the secret, and print the new one; those before stay good for a while",
		Args:  cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			keep := int64(v.GetDuration("keep").Seconds())
			return reveal(cmd, v, client, "rotate-webhook-secret", commands.RotateWebhookSecret{WebhookRef: refTo(args), KeepSeconds: &keep})
		}),
	}
	cmd.Flags().Duration("keep", keepFormer, "how long messages are signed with the secret before, too; up to 720h; 0 ends all before at once")
	cmd.Flags().Bool("json", false, "print the answer as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

// reveal sends a command whose answer holds a secret, and prints that.
func reveal(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, name string, body any) error {
	var made commands.WebhookSecret
	if err := client.Ask(cmd.Context(), apiclient.Command{Name: name, Key: uuid.NewString(), Body: body}, &made); err != nil {
		return err
	}
	if v.GetBool("json") {
		return printJSON(cmd.OutOrStdout(), made)
	}
	return printSecret(cmd.OutOrStdout(), made)
}

func printSecret(out io.Writer, made commands.WebhookSecret) error {
	_, err := fmt.Fprintf(out, "webhook %s\nsecret  %s\n", made.ID, made.Secret)
	return err
}

func newWebhookChange() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "change ID",
		Short:   "Change where facts are sent, or which; what is not given stays as it is",
		Example: "  crm webhook change 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11 --type deal.,customer. --masked",
		Args:    cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			for attempt := 1; ; attempt++ { // one that was changed a moment ago may be shown as it was
				err := changeWebhook(cmd, v, client, args)
				problem, ok := errors.AsType[*apiclient.Problem](err)
				if !ok || !problem.Outdated() || attempt == changeAttempts {
					return err
				}
				if err := client.Pause(cmd.Context(), changePause); err != nil {
					return err
				}
			}
		}),
	}
	cmd.Flags().String("url", "", "where to send facts")
	webhookSettingsFlags(cmd)
	return cmd
}

// How often a webhook that is not as it was shown is looked at again.
const (
	changeAttempts = 20
	changePause    = 100 * time.Millisecond
)

// changeWebhook changes what flags were given for.
func changeWebhook(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
	var is httpapi.WebhookStanding
	if err := client.Get(cmd.Context(), "/v1/queries/webhooks/"+url.PathEscape(args[0]), nil, &is); err != nil {
		return err
	}
	to := commands.WebhookSettings{URL: is.URL, Description: is.Description, Types: is.Types, Masked: is.Masked}
	changed := cmd.Flags().Changed
	if changed("url") {
		to.URL = v.GetString("url")
	}
	if changed("description") {
		to.Description = v.GetString("description")
	}
	if changed("type") {
		to.Types = slices.DeleteFunc(v.GetStringSlice("type"), func(t string) bool { return t == "" }) // --type= is all of them
	}
	if changed("masked") {
		to.Masked = v.GetBool("masked")
	}
	_, err := client.Send(cmd.Context(), apiclient.Command{
		Name: "change-webhook", Key: uuid.NewString(), IfMatch: fmt.Sprintf("%q", fmt.Sprint(is.Revision)),
		Body: commands.ChangeWebhook{WebhookRef: refTo(args), WebhookSettings: to},
	})
	return err
}

func refTo(args []string) commands.WebhookRef { return commands.WebhookRef{WebhookID: args[0]} }
