package main

import (
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/policyfile"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/projections"
)

func newAnalysis() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "analysis",
		Short: "Work metrics out under other assumptions, and see what differs",
		Long: `An analysis works the same metrics out over the same log twice: as things are, and
under other assumptions: another policy, other definitions of a metric, what had
happened by then, what was known by then. It runs on the server, is kept with its
question, and tells every figure on both sides, the records that count
differently, and why.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newAnalysisStart(), newAnalysisList(), newAnalysisShow(), newAnalysisPack(),
		newAnalysisStep("cancel ID", "Give an analysis up", "cancel-analysis"),
		newAnalysisStep("end ID", "Keep the report of a shadow as it stands, and end it", "end-shadow"))
	return cmd
}

func newAnalysisList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List analyses, newest first", Args: cobra.NoArgs,
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, _ []string) error {
			query := url.Values{"limit": {strconv.Itoa(v.GetInt("limit"))}}
			if status := v.GetString("status"); status != "" {
				query.Set("status", status)
			}
			var page struct {
				Items []projections.AnalysisRecord `json:"items"`
			}
			if err := client.Get(cmd.Context(), "/v1/queries/analyses", query, &page); err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), page.Items)
			}
			return printAnalyses(cmd.OutOrStdout(), page.Items)
		}),
	}
	cmd.Flags().String("status", "", "only those that are running, completed, failed or cancelled")
	cmd.Flags().Int("limit", 50, "most to list")
	cmd.Flags().Bool("json", false, "print as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

func newAnalysisShow() *cobra.Command {
	cmd := &cobra.Command{
		Use: "show ID", Short: "Show what an analysis found, or how far it is", Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			return showAnalysis(cmd, v, client, args[0])
		}),
	}
	cmd.Flags().Bool("all", false, "show also figures that do not differ")
	cmd.Flags().Bool("json", false, "print the report as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

func showAnalysis(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, id string) error {
	path := "/v1/queries/analyses/" + url.PathEscape(id)
	var a projections.AnalysisRecord
	if err := client.Get(cmd.Context(), path, nil, &a); err != nil {
		return err
	}
	var report projections.Report
	switch err := client.Get(cmd.Context(), path+"/report", nil, &report); {
	case pending(err) && a.Status == analysis.Running:
		var p projections.AnalysisProgress
		if err := client.Get(cmd.Context(), path+"/progress", nil, &p); err != nil {
			return err
		}
		_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s: %s\n", a.Name, progressLine(p))
		return err
	case pending(err):
		return fmt.Errorf("%s: %s", a.Name, strings.TrimSuffix(a.Status+": "+a.Message, ": "))
	case err != nil:
		return err
	}
	if v.GetBool("json") {
		return printJSON(cmd.OutOrStdout(), report)
	}
	return printReport(cmd.OutOrStdout(), a, report, v.GetBool("all"))
}

func newAnalysisStep(use, short, command string) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, _ *viper.Viper, client *apiclient.Client, args []string) error {
			_, err := client.Send(cmd.Context(), apiclient.Command{
				Name: command, Key: uuid.NewString(), Body: commands.AnalysisRef{AnalysisID: args[0]},
			})
			return err
		}),
	}
	serverFlags(cmd.Flags())
	return cmd
}

func newAnalysisPack() *cobra.Command {
	cmd := &cobra.Command{
		Use: "pack ID", Short: "Write the process pack of the variant as YAML, to publish it with crm policy import", Args: cobra.ExactArgs(1),
		Example: "  crm analysis pack ID > pack.yaml && crm policy import pack.yaml",
		RunE: withClient(func(cmd *cobra.Command, _ *viper.Viper, client *apiclient.Client, args []string) error {
			var a projections.AnalysisRecord
			if err := client.Get(cmd.Context(), "/v1/queries/analyses/"+url.PathEscape(args[0]), nil, &a); err != nil {
				return err
			}
			if a.Variant.Pack == nil {
				return errors.New("the variant assumes the policies published; there is no other pack")
			}
			return policyfile.Write(cmd.OutOrStdout(), policyfile.File{Pack: *a.Variant.Pack})
		}),
	}
	serverFlags(cmd.Flags())
	return cmd
}
