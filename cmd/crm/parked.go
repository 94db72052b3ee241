package main

import (
	"fmt"
	"io"
	"net/url"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/projections"
)

func newParked() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "parked",
		Short: "Deal with events that a read model could not fold",
		Long: `An event that a read model cannot fold is parked with the later events of its
stream; everything else goes on. Once the program was mended they are folded
again with crm parked retry. To give one up for good takes a reason, and is
recorded in the log with who did it and when: every later build of that version
of the read model leaves it out.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newParkedList(), newParkedShow(), newParkedRetry(), newParkedDiscard())
	return cmd
}

func newParkedList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List parked events of all read models: the first of each stream", Args: cobra.NoArgs,
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, _ []string) error {
			var all httpapi.ReadModels
			if err := client.Get(cmd.Context(), "/v1/queries/read-models", nil, &all); err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printParked(cmd.OutOrStdout(), all.Items)
		}),
	}
	cmd.Flags().Bool("json", false, "print the read models as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

// printParked shows one line per stream: what waits behind is only counted.
func printParked(out io.Writer, all []httpapi.ReadModel) error {
	t := newTable(out)
	t.row("READ MODEL", "STREAM", "REVISION", "TYPE", "BEHIND IT", "REASON")
	streams := 0
	for _, m := range all {
		for i := 0; i < len(m.Parked); {
			first, behind := m.Parked[i], 0
			for i++; i < len(m.Parked) && m.Parked[i].Stream == first.Stream; i++ {
				behind++
			}
			streams++
			t.row(m.Name, first.Stream, fmt.Sprint(first.Revision), first.Type, fmt.Sprint(behind), first.Reason)
		}
	}
	if streams == 0 {
		_, err := fmt.Fprintln(out, "nothing is parked")
		return err
	}
	return t.flush()
}

func newParkedShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show NAME [STREAM]", Short: "Show the parked events of a read model, and those given up", Args: cobra.RangeArgs(1, 2),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			query := url.Values{"limit": {"1000"}}
			if len(args) > 1 {
				query.Set("stream", args[1])
			}
			var parked httpapi.ParkedList
			if err := client.Get(cmd.Context(), "/v1/queries/read-models/"+url.PathEscape(args[0])+"/parked", query, &parked); err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), parked)
			}
			return printParkedList(cmd.OutOrStdout(), parked)
		}),
	}
	cmd.Flags().Bool("json", false, "print them as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

func printParkedList(out io.Writer, l httpapi.ParkedList) error {
	if len(l.Items) == 0 {
		_, _ = fmt.Fprintln(out, "nothing is parked")
	} else if err := printEvents(out, l.Items); err != nil {
		return err
	}
	if more := l.Total - len(l.Items); more > 0 {
		_, _ = english().Fprintf(out, "… and %d more\n", more)
	}
	for _, d := range l.Discarded {
		_, err := fmt.Fprintf(out, "\ngiven up by %s on %s, for version %d: %s\n", d.Discarder, d.At.Local().Format(time.DateTime), d.Version, d.Reason)
		if err != nil {
			return err
		}
		for _, e := range d.Events {
			if _, err := fmt.Fprintf(out, "  %s, revision %d, %s  %s\n", d.Stream, e.Revision, e.Type, e.Failure); err != nil {
				return err
			}
		}
	}
	return nil
}

func printEvents(out io.Writer, all []projections.Parked) error {
	t := newTable(out)
	t.row("STREAM", "REVISION", "TYPE", "POSITION", "REASON")
	for _, p := range all {
		reason := p.Reason
		if reason == "" {
			reason = "waits behind an earlier one"
		}
		t.row(p.Stream, fmt.Sprint(p.Revision), p.Type, p.Position.String(), reason)
	}
	return t.flush()
}

func newParkedRetry() *cobra.Command {
	cmd := &cobra.Command{
		Use: "retry NAME STREAM", Short: "Fold the parked events of a stream again", Args: cobra.ExactArgs(2),
		RunE: withClient(func(cmd *cobra.Command, _ *viper.Viper, client *apiclient.Client, args []string) error {
			return unpark(cmd, client, apiclient.Command{Name: "retry-parked", Body: retryOf(args)})
		}),
	}
	serverFlags(cmd.Flags())
	return cmd
}

func newParkedDiscard() *cobra.Command {
	cmd := &cobra.Command{
		Use: "discard NAME STREAM --reason WHY", Short: "Give up parked events of a stream, and fold those behind them",
		Example: "  crm parked discard deals deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11 --up-to 17 --reason 'written by a broken import'",
		Args:    cobra.ExactArgs(2),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			wish := httpapi.DiscardParked{RetryParked: retryOf(args), Reason: v.GetString("reason")}
			var p problems
			if wish.Reason == "" {
				p.add("--reason is needed: who looks at a figure later must find out why an event does not count in it")
			}
			if cmd.Flags().Changed("up-to") {
				upTo := v.GetUint64("up-to")
				wish.UpTo = &upTo
			}
			if err := p.err(); err != nil {
				return err
			}
			return unpark(cmd, client, apiclient.Command{Name: "discard-parked", Key: uuid.NewString(), Body: wish})
		}),
	}
	cmd.Flags().String("reason", "", "why; recorded in the log")
	cmd.Flags().Uint64("up-to", 0, "`revision` of the last event to give up; all of them if not given")
	serverFlags(cmd.Flags())
	return cmd
}

func retryOf(args []string) httpapi.RetryParked {
	return httpapi.RetryParked{ReadModelRef: httpapi.ReadModelRef{ReadModel: args[0]}, Stream: args[1]}
}

func unpark(cmd *cobra.Command, client *apiclient.Client, wish apiclient.Command) error {
	var done httpapi.Unparked
	if err := client.Ask(cmd.Context(), wish, &done); err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if _, err := english().Fprintf(out, "%d folded, %d given up, %d still parked\n", done.Folded, done.Discarded, len(done.Parked)); err != nil {
		return err
	}
	if len(done.Parked) == 0 {
		return nil
	}
	if err := printEvents(out, done.Parked); err != nil {
		return err
	}
	return fmt.Errorf("%d events are still parked", len(done.Parked))
}
