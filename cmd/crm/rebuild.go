package main

import (
	"fmt"
	"slices"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
)

func newRebuild() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rebuild [NAME…]",
		Short: "Build read models anew from the log, beside those being served",
		Long: `Build read models anew from the log: those named, or all. Queries go on reading
what they read. When a build has caught up it is compared with the served one,
record by record, and takes its place if nothing differs; otherwise it is held
until somebody decides with crm rebuild switch or crm rebuild cancel. The one it
replaces stays for crm rebuild rollback until the next takes its place, or until
crm rebuild drop.

The command follows the builds to their end. Interrupting it, or the server,
interrupts no rebuild: crm rebuild NAME shows the one on its way again. The exit
status is 1 if a build is held, failed or cancelled.`,
		Example: `  crm rebuild
  crm rebuild deals --no-switch && crm rebuild switch deals
  crm rebuild list
  crm rebuild rollback deals`,
		Args: cobra.ArbitraryArgs,
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			wish := httpapi.RebuildReadModels{ReadModels: args, NoSwitch: v.GetBool("no-switch")}
			var begun httpapi.BuildList
			if err := client.Ask(cmd.Context(), apiclient.Command{Name: "rebuild-read-models", Body: wish}, &begun); err != nil {
				return err
			}
			for _, b := range begun.Items {
				if b.Begun != nil && !*b.Begun {
					_, _ = fmt.Fprintf(cmd.ErrOrStderr(), "%s: build %s was begun already\n", b.ReadModel, b.Build)
				}
			}
			if v.GetBool("detach") {
				return showBuilds(cmd.OutOrStdout(), v, begun.Items)
			}
			return follow(cmd, v, client, begun.Items)
		}),
	}
	cmd.Flags().Bool("no-switch", false, "wait for crm rebuild switch, also if nothing differs")
	cmd.Flags().Bool("detach", false, "only begin it")
	buildFlags(cmd)
	cmd.AddCommand(newRebuildList(),
		newRebuildStep("cancel NAME", "Give up a build on its way and delete it", "cancel-rebuild", false),
		newRebuildStep("compare NAME", "Compare a build with the served one again", "compare-builds", true),
		newRebuildStep("switch NAME", "Make queries read a build, whatever was found", "switch-build", true),
		newRebuildStep("rollback NAME", "Make queries read the build they read before, once it has caught up", "roll-back-build", true),
		newRebuildDrop(),
	)
	return cmd
}

func buildFlags(cmd *cobra.Command) {
	cmd.Flags().Bool("json", false, "print the builds as JSON")
	serverFlags(cmd.Flags())
}

func newRebuildList() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "list [NAME…]",
		Aliases: []string{"status"},
		Short:   "List builds, how far they are and in what they differ",
		Args:    cobra.ArbitraryArgs,
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			if len(args) == 0 {
				var all httpapi.ReadModels
				if err := client.Get(cmd.Context(), "/v1/queries/read-models", nil, &all); err != nil {
					return err
				}
				for _, m := range all.Items {
					args = append(args, m.Name)
				}
			}
			builds, err := buildsOf(cmd.Context(), client, args)
			if err != nil {
				return err
			}
			return showBuilds(cmd.OutOrStdout(), v, builds)
		}),
	}
	buildFlags(cmd)
	return cmd
}

// newRebuildStep is a tool that decides something about the builds of one read
// model, and follows what comes of it if there is anything to follow.
func newRebuildStep(use, short, command string, follows bool) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			var now httpapi.BuildList
			err := client.Ask(cmd.Context(), apiclient.Command{Name: command, Body: httpapi.ReadModelRef{ReadModel: args[0]}}, &now)
			if err != nil {
				return err
			}
			if i := slices.IndexFunc(now.Items, underWay); follows && i >= 0 && !v.GetBool("detach") {
				return follow(cmd, v, client, now.Items[i:i+1])
			}
			return showBuilds(cmd.OutOrStdout(), v, now.Items)
		}),
	}
	if follows {
		cmd.Flags().Bool("detach", false, "do not wait for what comes of it")
	}
	buildFlags(cmd)
	return cmd
}

func newRebuildDrop() *cobra.Command {
	cmd := &cobra.Command{
		Use: "drop NAME [BUILD]", Short: "Delete a build that nobody reads: the one served before, or the one named", Args: cobra.RangeArgs(1, 2),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			wish := httpapi.DropBuild{ReadModelRef: httpapi.ReadModelRef{ReadModel: args[0]}}
			if len(args) > 1 {
				wish.Build = args[1]
			}
			var now httpapi.BuildList
			if err := client.Ask(cmd.Context(), apiclient.Command{Name: "drop-build", Body: wish}, &now); err != nil {
				return err
			}
			return showBuilds(cmd.OutOrStdout(), v, now.Items)
		}),
	}
	buildFlags(cmd)
	return cmd
}
