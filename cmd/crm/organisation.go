package main

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/organisationfile"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/projections"
)

func newOrganisation() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "organisation",
		Short: "Show the departments and who belongs to them, and bring them in from a file",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newOrganisationShow(), newOrganisationExport(), newOrganisationImport())
	return cmd
}

// treeAt asks the server for the organisation, at the times that flags name.
func treeAt(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client) (tree projections.OrganisationTree, err error) {
	var p problems
	query := url.Values{}
	for _, flag := range []string{"as-of", "known-at"} {
		text := v.GetString(flag)
		if text == "" {
			continue
		}
		at, err := pointIn(text, dayEnd, time.Now())
		if err != nil {
			p.add("--%s %w", flag, err)
			continue
		}
		query.Set(strings.ReplaceAll(flag, "-", "_"), at.UTC().Format(time.RFC3339Nano))
	}
	if err := p.err(); err != nil {
		return tree, err
	}
	return tree, client.Get(cmd.Context(), "/v1/queries/organisation", query, &tree)
}

func pointFlags(cmd *cobra.Command) {
	cmd.Flags().String("as-of", "", "what had happened by this `time`, or by the end of a day; now if not given")
	cmd.Flags().String("known-at", "", "what was known by this `time`, or by the end of a day; now if not given")
	serverFlags(cmd.Flags())
}

func newOrganisationShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show", Short: "Show the tree of departments, now or as of any time", Args: cobra.NoArgs,
		Example: "  crm organisation show\n  crm organisation show --as-of 2024-05-31",
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, _ []string) error {
			tree, err := treeAt(cmd, v, client)
			if err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), tree)
			}
			return printOrganisation(cmd.OutOrStdout(), tree)
		}),
	}
	cmd.Flags().Bool("json", false, "print it as JSON")
	pointFlags(cmd)
	return cmd
}

func newOrganisationExport() *cobra.Command {
	cmd := &cobra.Command{
		Use: "export [FILE.yaml]", Short: "Write the organisation to a file to be edited", Args: cobra.MaximumNArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) (err error) {
			tree, err := treeAt(cmd, v, client)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if len(args) > 0 {
				file, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
				if err != nil {
					return fmt.Errorf("%w; files that are there are not written over", err)
				}
				defer func() { err = errors.Join(err, file.Close()) }()
				out = file
			}
			return organisationfile.Write(out, organisationfile.Of(tree))
		}),
	}
	pointFlags(cmd)
	return cmd
}

func newOrganisationImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE.yaml",
		Short: "Make the organisation what a file says",
		Long: `Compare a file with the organisation, and send the commands that lead from one to
the other. It shows each of them, and with --dry-run does no more than that. What
the file leaves out stays and is listed; --prune ends it: members leave, empty
departments and positions are closed.

A second import of the same file finds nothing to do. One that was interrupted is
simply repeated.`,
		Example: `  crm organisation export company.yaml && vi company.yaml
  crm organisation import company.yaml --dry-run
  crm organisation import company.yaml --occurred-at 2024-06-01`,
		Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			plan, err := planOf(cmd, v, client, args[0])
			if err != nil {
				return err
			}
			at := commands.At{}
			if text := v.GetString("occurred-at"); text != "" {
				occurred, err := pointIn(text, dayStart, time.Now())
				if err != nil {
					return usageError{fmt.Errorf("--occurred-at %w", err)}
				}
				at.OccurredAt = &occurred
			}
			return carryOut(cmd, v, client, plan, at)
		}),
	}
	cmd.Flags().Bool("dry-run", false, "only show what would be done")
	cmd.Flags().Bool("prune", false, "end what the file leaves out")
	cmd.Flags().String("occurred-at", "", "business `time` at which all of it happened, or the start of a day; now if not given")
	serverFlags(cmd.Flags())
	return cmd
}

// planOf reads a file, tells every problem with it, and plans.
func planOf(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, name string) (plan organisationfile.Plan, err error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return plan, err
	}
	file, err := organisationfile.Read(text)
	if err == nil {
		var tree projections.OrganisationTree
		if err := client.Get(cmd.Context(), "/v1/queries/organisation", nil, &tree); err != nil {
			return plan, err
		}
		plan, err = organisationfile.New(file, tree, v.GetBool("prune"))
	}
	problems := organisationfile.Problems(err)
	for _, p := range problems {
		place := strings.TrimSuffix(name+": "+p.Field, ": ") // what is no YAML of ours has no field, but a line
		_, _ = fmt.Fprintln(cmd.ErrOrStderr(), place+": "+p.Message)
	}
	if len(problems) > 0 {
		return plan, fmt.Errorf("%s: %d problems", name, len(problems))
	}
	return plan, err
}

// carryOut sends the commands of a plan, one after the other: each builds on
// those before it.
func carryOut(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, plan organisationfile.Plan, at commands.At) error {
	out, together := cmd.OutOrStdout(), uuid.NewString()
	for _, left := range plan.Left {
		_, _ = fmt.Fprintln(out, "stays, though the file leaves it out:", left)
	}
	for i, step := range plan.Steps {
		if !v.GetBool("dry-run") {
			result, err := client.Send(cmd.Context(), apiclient.Command{Name: step.Command, Key: uuid.NewString(), Correlation: together, Body: step.Body(at)})
			if err != nil {
				return fmt.Errorf("%s: %w (%d of %d steps are done; mend it and import again)", step.Text, err, i, len(plan.Steps))
			}
			step.Took(result.ID)
		}
		if _, err := fmt.Fprintln(out, step.Text); err != nil {
			return err
		}
	}
	done := fmt.Sprintf("%d commands were sent", len(plan.Steps))
	switch {
	case len(plan.Steps) == 0:
		done = "nothing to do: the organisation is what the file says"
	case v.GetBool("dry-run"):
		done = fmt.Sprintf("dry run: %d commands would be sent", len(plan.Steps))
	}
	_, err := fmt.Fprintln(out, done)
	return err
}
