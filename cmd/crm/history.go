package main

import (
	"context"
	"fmt"
	"io"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"
	"golang.org/x/term"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/projections"
)

func newHistory() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "history customers|deals|tickets ID",
		Short: "Print everything that happened to a record and to all that belongs to it",
		Long: `Print the complete history of a record from a running server: every event, who
did it in which role, when it happened and when it was recorded, and what it
changed from what to what. A customer's history has that of its deals and
tickets, also of those that belonged to it earlier.

Times are given like 2026-03-31T18:00:00+08:00, or as a day of this machine's
zone: from its start for --occurred-from and --recorded-from, else up to its end.`,
		Example: `  crm history customers 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11
  crm history deals 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11 --known-at 2026-03-31
  crm history tickets 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11 --type ticket.sla_breached
  crm history customers 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11 --format html >story.html`,
		Args: cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			return printHistory(cmd.Context(), v, args[0], args[1], cmd.OutOrStdout())
		},
	}
	flags := cmd.Flags()
	flags.String("format", "text", "text, or as the server exports it: jsonl, csv, html")
	flags.String("color", "auto", "auto (on a terminal), always, never")
	flags.Int("events", 0, "print at most so many; 0: all")
	flags.String("order", "oldest", "which comes first: oldest, newest")
	for _, f := range historyFilters() {
		flags.String(f.name, "", f.usage)
	}
	serverFlags(flags)
	return cmd
}

// historyFilter is a flag that becomes a parameter of the query.
type historyFilter struct {
	name, usage string
	time        func(day time.Time) time.Time // what a day stands for; nil: it is no time
}

func historyFilters() []historyFilter {
	return []historyFilter{
		{"as-of", "only what had happened by this `time`", dayEnd},
		{"known-at", "only what was known by this `time`", dayEnd},
		{"occurred-from", "happened at this `time` or later", dayStart},
		{"occurred-to", "happened before this `time`", nextDay},
		{"recorded-from", "recorded at this `time` or later", dayStart},
		{"recorded-to", "recorded before this `time`", nextDay},
		{"actor", "done by", nil},
		{"role", "done in this role", nil},
		{"type", "type of event, or its start: deal.stage_moved, deal", nil},
		{"command", "recorded by this command", nil},
		{"stream", "of one record, such as deal-5f0c8a52-…", nil},
		{"correlation-id", "everything one cause led to", nil},
		{"causation-id", "everything one command recorded", nil},
	}
}

func printHistory(ctx context.Context, v *viper.Viper, kind, id string, out io.Writer) error {
	query, err := historyQuery(v, kind, time.Now())
	if err != nil {
		return err
	}
	client, err := apiclient.New(v.GetString("server"), v.GetString("token"), 1)
	if err != nil {
		return usageError{err}
	}
	client.Patience = 5 * time.Second // somebody is looking on
	format := v.GetString("format")
	query.Set("format", format)
	if format == "text" {
		query.Set("format", "jsonl")
	}
	body, err := client.Stream(ctx, "/v1/queries/"+kind+"/"+url.PathEscape(id)+"/history", query)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // read to its end, or to where it was wanted
	if format != "text" {
		_, err := io.Copy(out, body)
		return err
	}
	p := historyPrinter{w: out, color: colored(v.GetString("color"), out), most: v.GetInt("events")}
	return p.print(body)
}

// historyQuery is the query that the flags ask for.
func historyQuery(v *viper.Viper, kind string, now time.Time) (url.Values, error) {
	var p problems
	if projections.Kinds()[kind] == nil {
		p.add("%q has no history: want customers, deals or tickets", kind)
	}
	oneOf := func(flag string, choices ...string) {
		if !slices.Contains(choices, v.GetString(flag)) {
			p.add("--%s %q: want %s", flag, v.GetString(flag), strings.Join(choices, ", "))
		}
	}
	oneOf("format", "text", "jsonl", "csv", "html")
	oneOf("color", "auto", "always", "never")
	oneOf("order", "oldest", "newest")
	if v.GetInt("events") != 0 && v.GetString("format") != "text" {
		p.add("--events goes with --format text only: an export is complete")
	}
	query := url.Values{"order": {v.GetString("order")}}
	for _, f := range historyFilters() {
		value := v.GetString(f.name)
		if value == "" {
			continue
		}
		if f.time != nil {
			at, err := pointIn(value, f.time, now)
			if err != nil {
				p.add("--%s %w", f.name, err)
				continue
			}
			value = at.UTC().Format(time.RFC3339Nano)
		}
		query.Set(strings.ReplaceAll(f.name, "-", "_"), value)
	}
	return query, p.err()
}

func dayStart(day time.Time) time.Time { return day }
func nextDay(day time.Time) time.Time  { return day.AddDate(0, 0, 1) }
func dayEnd(day time.Time) time.Time   { return nextDay(day).Add(-time.Millisecond) }

// pointIn reads a time, or a day in the zone of now. Of today only what is over
// counts.
func pointIn(text string, stands func(time.Time) time.Time, now time.Time) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return at, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, text, now.Location())
	if err != nil {
		return time.Time{}, fmt.Errorf("%q: want a time such as 2026-03-31T18:00:00+08:00, or a day such as 2026-03-31", text)
	}
	if at := stands(day); day.After(now) || !at.After(now) {
		return at, nil
	}
	return now, nil
}

func colored(when string, out io.Writer) bool {
	file, ok := out.(*os.File)
	return when == "always" || when == "auto" && ok && term.IsTerminal(int(file.Fd())) && os.Getenv("NO_COLOR") == ""
}
