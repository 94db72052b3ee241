package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/policyfile"
	"github.com/annals-crm/annals/domain/policy"
)

func newPolicy() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "policy",
		Short: "Read, compare and publish versions of the process pack",
		Long: `The process pack holds every number and list that decisions and figures depend on.
Publishing one makes a new version, which applies from a business time on; all
earlier ones stay, and every event names the version it was decided under.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newPolicyShow(), newPolicyVersions(), newPolicyDiff(), newPolicyExport(), newPolicyImport(), newPolicyCheck())
	return cmd
}

// which are the flags that say which version is meant.
func which(cmd *cobra.Command) {
	cmd.Flags().Int("version", -1, "`number` of the version; 0 is the pack the product ships; the one in force if not given")
	cmd.Flags().String("at", "", "the version in force at this `time`, or during a day")
	serverFlags(cmd.Flags())
}

// versionMeant asks the server for the version the flags mean.
func versionMeant(ctx context.Context, v *viper.Viper, client *apiclient.Client) (found policy.Version, err error) {
	number, at := v.GetInt("version"), v.GetString("at")
	switch {
	case number >= 0 && at != "":
		return found, usageError{errors.New("give --version or --at, not both")}
	case number >= 0:
		return found, client.Get(ctx, "/v1/queries/policies/"+strconv.Itoa(number), nil, &found)
	}
	query := url.Values{}
	if at != "" {
		when, err := pointIn(at, dayStart, time.Now())
		if err != nil {
			return found, usageError{fmt.Errorf("--at %w", err)}
		}
		query.Set("at", when.UTC().Format(time.RFC3339Nano))
	}
	var answer httpapi.PolicyAnswer
	err = client.Get(ctx, "/v1/queries/policies", query, &answer)
	return answer.Version, err
}

func newPolicyShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show", Short: "Show the process pack in force, or another version", Args: cobra.NoArgs,
		Example: "  crm policy show\n  crm policy show --at 2024-05-31\n  crm policy show --version 2",
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, _ []string) error {
			found, err := versionMeant(cmd.Context(), v, client)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if _, err := fmt.Fprintf(out, "# version %d, %s\n", found.Number, inForce(found)); err != nil {
				return err
			}
			return policyfile.Write(out, policyfile.File{Pack: found.Pack})
		}),
	}
	which(cmd)
	return cmd
}

// inForce says from when a version applies, and who published it.
func inForce(v policy.Version) string {
	switch {
	case v.Number == 0:
		return "as the product ships it"
	case v.PublishedBy == "":
		return "in force from " + v.EffectiveFrom.Local().Format(time.RFC3339)
	}
	return "in force from " + v.EffectiveFrom.Local().Format(time.RFC3339) + ", published by " + v.PublishedBy
}

func newPolicyVersions() *cobra.Command {
	cmd := &cobra.Command{
		Use: "versions", Short: "List the versions published", Args: cobra.NoArgs,
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, _ []string) error {
			var answer httpapi.PolicyAnswer
			if err := client.Get(cmd.Context(), "/v1/queries/policies", nil, &answer); err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), answer.Versions)
			}
			t := newTable(cmd.OutOrStdout())
			t.row("VERSION", "IN FORCE FROM", "PUBLISHED BY", "")
			for _, version := range answer.Versions {
				now := ""
				if version.Number == answer.Number {
					now = "in force now"
				}
				t.row(strconv.Itoa(version.Number), version.EffectiveFrom.Local().Format(time.RFC3339), version.PublishedBy, now)
			}
			return t.flush()
		}),
	}
	cmd.Flags().Bool("json", false, "print them as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

func newPolicyDiff() *cobra.Command {
	cmd := &cobra.Command{
		Use: "diff FROM TO", Short: "Show what differs between two versions", Args: cobra.ExactArgs(2),
		Example: "  crm policy diff 1 2\n  crm policy diff 0 1     (what you changed of what the product ships)",
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			var diff httpapi.PolicyDiff
			if err := client.Get(cmd.Context(), "/v1/queries/policies/diff", url.Values{"from": {args[0]}, "to": {args[1]}}, &diff); err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), diff)
			}
			if len(diff.Differences) == 0 {
				_, err := fmt.Fprintln(cmd.OutOrStdout(), "nothing differs")
				return err
			}
			return printDifferences(cmd.OutOrStdout(), "VERSION "+args[0], "VERSION "+args[1], diff.Differences)
		}),
	}
	cmd.Flags().Bool("json", false, "print it as JSON")
	serverFlags(cmd.Flags())
	return cmd
}
