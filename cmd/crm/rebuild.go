package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

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

// withClient runs a tool with its settings and a client of the server they name.
func withClient(do func(*cobra.Command, *viper.Viper, *apiclient.Client, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		v, err := settings(cmd)
		if err != nil {
			return err
		}
		client, err := apiclient.New(v.GetString("server"), v.GetString("token"), 1)
		if err != nil {
			return usageError{err}
		}
		return do(cmd, v, client, args)
	}
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

func buildsOf(ctx context.Context, client *apiclient.Client, names []string) ([]httpapi.Build, error) {
	var all []httpapi.Build
	for _, name := range names {
		var builds httpapi.BuildList
		if err := client.Get(ctx, "/v1/queries/read-models/"+url.PathEscape(name)+"/builds", nil, &builds); err != nil {
			return nil, err
		}
		all = append(all, builds.Items...)
	}
	return all, nil
}

// underWay tells whether a build will go on by itself.
func underWay(b httpapi.Build) bool {
	switch b.Phase {
	case "replaying", "catching_up", "comparing":
		return true
	case "complete":
		return !b.Served && !b.Previous && b.Reason == ""
	}
	return false
}

// waiting tells whether a build needs a decision, or has come to nothing.
func waiting(b httpapi.Build) bool {
	return slices.Contains([]string{"held", "failed", "cancelled"}, b.Phase)
}

const (
	lookOnTerminal = 200 * time.Millisecond
	lookElsewhere  = time.Second / 2
)

// follow shows how builds go on until all are served or wait for a decision.
func follow(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, builds []httpapi.Build) error {
	progress := newBuildProgress(cmd.ErrOrStderr())
	for {
		progress.show(builds)
		if !slices.ContainsFunc(builds, underWay) {
			break
		}
		if err := client.Pause(cmd.Context(), progress.pause()); err != nil {
			progress.end()
			_, _ = fmt.Fprintln(cmd.ErrOrStderr(), "not following any longer; the rebuild goes on (crm rebuild cancel gives it up)")
			return err
		}
		for i, b := range builds {
			all, err := buildsOf(cmd.Context(), client, []string{b.ReadModel})
			if err != nil {
				progress.end()
				return err
			}
			now := slices.IndexFunc(all, func(other httpapi.Build) bool { return other.Build == b.Build })
			if now < 0 {
				progress.end()
				return fmt.Errorf("%s: build %s is gone: it was dropped, or Redis was emptied", b.ReadModel, b.Build)
			}
			builds[i] = all[now]
		}
	}
	progress.end()
	if err := showBuilds(cmd.OutOrStdout(), v, builds); err != nil {
		return err
	}
	var undone []error
	for _, b := range builds {
		if waiting(b) {
			undone = append(undone, fmt.Errorf("%s: build %s is not served: %s", b.ReadModel, b.Build, strings.TrimSpace(b.Phase+"; "+b.Reason)))
		}
	}
	return errors.Join(undone...)
}

func showBuilds(out io.Writer, v *viper.Viper, builds []httpapi.Build) error {
	if v.GetBool("json") {
		return printJSON(out, httpapi.BuildList{Items: builds})
	}
	return printBuilds(out, builds)
}

func printJSON(out io.Writer, value any) error {
	text := json.NewEncoder(out)
	text.SetIndent("", "  ")
	text.SetEscapeHTML(false)
	return text.Encode(value)
}
