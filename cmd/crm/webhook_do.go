package main

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/webhook"
)

// keepFormer is how long a secret that was exchanged stays good.
const keepFormer = 24 * time.Hour

func newWebhookPause() *cobra.Command {
	return reasoned(webhookCommand("pause ID", "Stop sending for now; the place is kept", "pause-webhook",
		func(v *viper.Viper, args []string) any {
			return commands.PauseWebhook{WebhookRef: refTo(args), Reason: v.GetString("reason")}
		}))
}

func newWebhookResume() *cobra.Command {
	return webhookCommand("resume ID", "Go on sending where it was; what was not taken is tried at once", "resume-webhook",
		func(_ *viper.Viper, args []string) any { return commands.ResumeWebhook{WebhookRef: refTo(args)} })
}

func newWebhookRemove() *cobra.Command {
	return reasoned(webhookCommand("remove ID", "Stop sending for good", "remove-webhook",
		func(v *viper.Viper, args []string) any {
			return commands.RemoveWebhook{WebhookRef: refTo(args), Reason: v.GetString("reason")}
		}))
}

func newWebhookReplay() *cobra.Command {
	cmd := webhookCommand("replay ID --from PLACE", "Send again what was recorded behind a place, and go on from there", "replay-webhook",
		func(v *viper.Viper, args []string) any {
			return commands.ReplayWebhook{WebhookRef: refTo(args), From: v.GetString("from")}
		})
	cmd.Example = "  crm webhook replay 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11 --from 8312/8312\n" +
		"  crm webhook replay 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11 --from end      # gives up what waits"
	cmd.Flags().String("from", "", "start, end, or the `position` of an event")
	_ = cmd.MarkFlagRequired("from") // it is there
	return cmd
}

func newWebhookSkip() *cobra.Command {
	cmd := reasoned(webhookCommand("skip ID EVENT_ID --reason WHY", "Leave out an event that is not taken, and send those behind it", "skip-webhook-event",
		func(v *viper.Viper, args []string) any {
			return commands.SkipWebhookEvent{WebhookRef: refTo(args), EventID: args[1], Reason: v.GetString("reason")}
		}))
	cmd.Args = cobra.ExactArgs(2)
	_ = cmd.MarkFlagRequired("reason") // it is there
	return cmd
}

// webhookCommand sends one command on one webhook.
func webhookCommand(use, short, name string, command func(*viper.Viper, []string) any) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			_, err := client.Send(cmd.Context(), apiclient.Command{Name: name, Key: uuid.NewString(), Body: command(v, args)})
			return err
		}),
	}
	serverFlags(cmd.Flags())
	return cmd
}

func reasoned(cmd *cobra.Command) *cobra.Command {
	cmd.Flags().String("reason", "", "why; recorded in the log")
	return cmd
}

func newWebhookTest() *cobra.Command {
	cmd := &cobra.Command{
		Use: "test ID", Short: "Send a message that is no fact, and tell what came of it", Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, _ *viper.Viper, client *apiclient.Client, args []string) error {
			var a webhook.Attempt
			if err := client.Ask(cmd.Context(), apiclient.Command{Name: "test-webhook", Body: refTo(args)}, &a); err != nil {
				return err
			}
			if !a.Taken {
				return fmt.Errorf("the test was not taken: %s", a.Error)
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "taken: answered with %d in %.3f s\n", a.Status, a.Seconds)
			return err
		}),
	}
	serverFlags(cmd.Flags())
	return cmd
}
