package main

import (
	"fmt"
	"io"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/domain/webhook"
	"github.com/annals-crm/annals/projections"
)

func newWebhookList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List webhooks; never their secrets", Args: cobra.NoArgs,
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, _ []string) error {
			query := url.Values{"limit": {"200"}, "removed": {strconv.FormatBool(v.GetBool("removed"))}}
			var all []projections.Webhook
			for {
				var page struct {
					Items []projections.Webhook `json:"items"`
					Next  string                `json:"next"`
				}
				if err := client.Get(cmd.Context(), "/v1/queries/webhooks", query, &page); err != nil {
					return err
				}
				all = append(all, page.Items...)
				if page.Next == "" {
					break
				}
				query.Set("cursor", page.Next)
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), all)
			}
			left, err := leftAlone(cmd.Context(), client, all)
			if err != nil {
				return err
			}
			return printWebhooks(cmd.OutOrStdout(), all, left)
		}),
	}
	cmd.Flags().Bool("json", false, "print the webhooks as JSON")
	cmd.Flags().Bool("removed", false, "those that were removed, instead of those that were not")
	serverFlags(cmd.Flags())
	return cmd
}

// printWebhooks notes which are left alone.
func printWebhooks(out io.Writer, all []projections.Webhook, left []string) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "there are no webhooks")
		return err
	}
	t := newTable(out)
	t.row("WEBHOOK_ID", "STATUS", "SINCE", "TYPES", "URL", "REASON")
	for _, w := range all {
		status := w.Status
		if slices.Contains(left, w.ID) {
			status += ", nobody sends"
		}
		t.row(w.ID, status, local(w.StatusSince), typesOf(w), w.URL, w.Reason)
	}
	return t.flush()
}

func typesOf(w projections.Webhook) string {
	if len(w.Types) == 0 {
		return "all"
	}
	return strings.Join(w.Types, ", ")
}

func local(at time.Time) string { return at.Local().Format(time.DateTime) }

func newWebhookShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show a webhook, where it is in the log, and what waits", Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			var w httpapi.WebhookStanding
			if err := client.Get(cmd.Context(), "/v1/queries/webhooks/"+url.PathEscape(args[0]), nil, &w); err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), w)
			}
			return printWebhook(cmd.OutOrStdout(), w)
		}),
	}
	cmd.Flags().Bool("json", false, "print it as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

func printWebhook(out io.Writer, w httpapi.WebhookStanding) error {
	t := newTable(out)
	t.row("url", w.URL)
	if w.Description != "" {
		t.row("description", w.Description)
	}
	t.row("types", typesOf(w.Webhook))
	if w.Masked {
		t.row("masked", "phone numbers and mail addresses")
	}
	t.row("status", strings.TrimSpace(w.Status+" since "+local(w.StatusSince)+" "+w.Reason))
	if w.Status == webhook.Active && !w.WorkedOn {
		t.row("", "nobody sends: "+nobodySends)
	}
	t.row("created", local(w.CreatedAt)+" by "+w.CreatedBy)
	t.row("position", w.Position.String())
	if w.FailingSince != nil {
		t.row("failing since", local(*w.FailingSince))
	}
	if w.SkippedCount > 0 {
		t.row("left out", strconv.Itoa(w.SkippedCount))
	}
	if err := t.flush(); err != nil || len(w.Waiting) == 0 {
		return err
	}
	if _, err := fmt.Fprintln(out); err != nil {
		return err
	}
	t.row("WAITING EVENT_ID", "TYPE", "STREAM", "ATTEMPTS", "NEXT", "ERROR")
	for _, b := range w.Waiting {
		t.row(b.EventID, b.Type, b.Stream, strconv.Itoa(b.Attempts), nextOf(b), b.Error)
	}
	return t.flush()
}

func nextOf(b webhook.Blocked) string {
	if b.Next.IsZero() {
		return "when it is resumed"
	}
	return local(b.Next)
}

func newWebhookDeliveries() *cobra.Command {
	cmd := &cobra.Command{
		Use: "deliveries ID", Short: "Show what was sent, and what came of it; the latest first", Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			query := url.Values{"limit": {v.GetString("limit")}}
			for flag, parameter := range map[string]string{"outcome": "outcome", "event": "event_id"} {
				if value := v.GetString(flag); value != "" {
					query.Set(parameter, value)
				}
			}
			var all httpapi.WebhookDeliveries
			if err := client.Get(cmd.Context(), "/v1/queries/webhooks/"+url.PathEscape(args[0])+"/deliveries", query, &all); err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printDeliveries(cmd.OutOrStdout(), all.Items)
		}),
	}
	cmd.Flags().String("outcome", "", "only those that were taken, or that failed: taken, failed")
	cmd.Flags().String("event", "", "only attempts to send the event with this `id`")
	cmd.Flags().Int("limit", 50, "most attempts to show, up to 1000")
	cmd.Flags().Bool("json", false, "print them as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

func printDeliveries(out io.Writer, all []webhook.Attempt) error {
	if len(all) == 0 {
		_, err := fmt.Fprintln(out, "nothing was sent")
		return err
	}
	t := newTable(out)
	t.row("AT", "TYPE", "STREAM", "REVISION", "ATTEMPT", "SECONDS", "OUTCOME")
	for _, a := range all {
		outcome := "taken"
		if !a.Taken {
			outcome = a.Error
		}
		t.row(local(a.At), a.Type, a.Stream, strconv.FormatUint(a.Revision, 10), strconv.Itoa(a.Number), strconv.FormatFloat(a.Seconds, 'f', 3, 64), outcome)
	}
	return t.flush()
}
