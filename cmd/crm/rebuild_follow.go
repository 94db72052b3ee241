package main

import (
	"context"
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
