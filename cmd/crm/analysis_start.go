package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/projections"
)

func newAnalysisStart() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "start METRIC…",
		Short: "Start an analysis, and show what it finds",
		Long: `Start an analysis of one or several metrics and follow it to its end. Interrupting
the command does not end the analysis: crm analysis show ID tells how far it is.

What is assumed for the variant is said with --set, --policy-version, --definition,
--as-of and --known-at; the same with --baseline- in front says what it is compared
with. Nothing said is what is the case. Fields of the policy are named as crm policy
diff names them.`,
		Example: `  crm analysis start sla_compliance --set 'tickets.sla[standard].targets[first_response].seconds=1800'
  crm analysis start win_rate won_value --known-at 2024-03-31 --period month --from 2024-01-01 --to 2024-03-31
  crm analysis start sla_compliance --set 'tickets.first_fix_seconds=86400' --shadow`,
		Args: cobra.MinimumNArgs(1),
		RunE: withClient(startAnalysis),
	}
	flags := cmd.Flags()
	flags.String("name", "", "what to call it; made of the metrics if not given")
	flags.String("period", "month", "how long a period is: day, week, month, quarter, year, whole")
	flags.String("from", "", "a `day` of the first period; twelve periods if not given")
	flags.String("to", "", "a `day` of the last period")
	flags.String("by", "", "break the metrics down by this `dimension`")
	sideFlags(flags, "", "the variant")
	sideFlags(flags, "baseline-", "the baseline")
	flags.Bool("shadow", false, "go on with the log until crm analysis end: try rules on what happens before they are put into force")
	flags.Bool("detach", false, "do not wait for what comes of it")
	flags.Bool("all", false, "show also figures that do not differ")
	flags.Bool("json", false, "print as JSON")
	serverFlags(flags)
	return cmd
}

func sideFlags(flags *pflag.FlagSet, prefix, of string) {
	flags.StringArray(prefix+"set", nil, "`path=value` of a field of the policy, of "+of)
	flags.Int(prefix+"policy-version", -1, "`number` of the policy of "+of+" for all time; 0 is the pack the product ships")
	flags.StringArray(prefix+"definition", nil, "`metric=number` of a definition, of "+of)
	flags.String(prefix+"as-of", "", "leave out what happened after this `time`, or day, of "+of)
	flags.String(prefix+"known-at", "", "leave out what was recorded after this `time`, or day, of "+of)
}

// sideMeant is what the flags assume of one side.
func sideMeant(v *viper.Viper, prefix string) (commands.AnalysisSide, error) {
	var side commands.AnalysisSide
	if n := v.GetInt(prefix + "policy-version"); n >= 0 {
		side.PolicyVersion = &n
	}
	for _, field := range v.GetStringSlice(prefix + "set") {
		path, text, ok := cutLast(field)
		if !ok {
			return side, usageError{fmt.Errorf("--%sset %q: want path=value", prefix, field)}
		}
		if side.Set == nil {
			side.Set = map[string]any{}
		}
		var value any
		if err := json.Unmarshal([]byte(text), &value); err != nil {
			value = text // a text needs no quotes
		}
		side.Set[path] = value
	}
	for _, field := range v.GetStringSlice(prefix + "definition") {
		metric, text, _ := cutLast(field)
		n, err := strconv.Atoi(text)
		if err != nil {
			return side, usageError{fmt.Errorf("--%sdefinition %q: want metric=number", prefix, field)}
		}
		if side.Definitions == nil {
			side.Definitions = map[string]int{}
		}
		side.Definitions[metric] = n
	}
	for flag, into := range map[string]**time.Time{"as-of": &side.AsOf, "known-at": &side.KnownAt} {
		text := v.GetString(prefix + flag)
		if text == "" {
			continue
		}
		at, err := pointIn(text, dayEnd, time.Now())
		if err != nil {
			return side, usageError{fmt.Errorf("--%s%s %w", prefix, flag, err)}
		}
		*into = &at
	}
	return side, nil
}

// cutLast cuts path=value; names in a path may hold anything but "]=".
func cutLast(field string) (path, value string, ok bool) {
	if i := strings.LastIndex(field, "]"); i >= 0 {
		name, value, ok := strings.Cut(field[i:], "=")
		return field[:i] + name, value, ok
	}
	return strings.Cut(field, "=")
}

func startAnalysis(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) (err error) {
	wish := commands.StartAnalysis{
		Name: v.GetString("name"), Metrics: args, Period: v.GetString("period"), By: v.GetString("by"), Shadow: v.GetBool("shadow"),
		From: domain.Date(v.GetString("from")), To: domain.Date(v.GetString("to")),
	}
	if wish.Name == "" {
		wish.Name = strings.Join(args, ", ")
	}
	if wish.Variant, err = sideMeant(v, ""); err != nil {
		return err
	}
	if wish.Baseline, err = sideMeant(v, "baseline-"); err != nil {
		return err
	}
	started, err := client.Send(cmd.Context(), apiclient.Command{Name: "start-analysis", Key: uuid.NewString(), Body: wish})
	if err != nil {
		return err
	}
	if v.GetBool("detach") {
		if v.GetBool("json") {
			return printJSON(cmd.OutOrStdout(), started)
		}
		_, err := fmt.Fprintln(cmd.OutOrStdout(), started.ID)
		return err
	}
	if err := followAnalysis(cmd, client, started); err != nil {
		return err
	}
	return showAnalysis(cmd, v, client, started.ID)
}

// followAnalysis shows how an analysis goes on until it has ended, or until a
// shadow has caught up with the log.
func followAnalysis(cmd *cobra.Command, client *apiclient.Client, started apiclient.Result) error {
	query := url.Values{"min_position": {started.Position.String()}}
	progress := newAnalysisProgress(cmd.ErrOrStderr())
	defer progress.end()
	for {
		var p projections.AnalysisProgress
		if err := client.Get(cmd.Context(), "/v1/queries/analyses/"+started.ID+"/progress", query, &p); err != nil {
			return err
		}
		progress.show(p)
		if p.Phase == "following" {
			err := reportReady(cmd.Context(), client, started.ID)
			if err == nil || !pending(err) {
				return err
			}
		} else if p.Phase != "queued" && p.Phase != "replaying" && p.Phase != "reporting" {
			return nil
		}
		if err := client.Pause(cmd.Context(), progress.pause()); err != nil {
			_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "not following any longer; the analysis goes on: crm analysis show %s\n", started.ID)
			return err
		}
	}
}

func reportReady(ctx context.Context, client *apiclient.Client, id string) error {
	var report json.RawMessage
	return client.Get(ctx, "/v1/queries/analyses/"+id+"/report", nil, &report)
}

// pending tells whether there is no report yet.
func pending(err error) bool {
	problem, ok := errors.AsType[*apiclient.Problem](err)
	return ok && problem.Code == analysis.ErrNoReport.Code
}
