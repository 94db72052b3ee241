package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/adapters/policyfile"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/policy"
)

func newPolicyExport() *cobra.Command {
	cmd := &cobra.Command{
		Use: "export [FILE.yaml]", Short: "Write a version to a file to be edited", Args: cobra.MaximumNArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) (err error) {
			found, err := versionMeant(cmd.Context(), v, client)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			if len(args) > 0 {
				file, err := os.OpenFile(args[0], os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) //nolint:gosec // a policy is no secret
				if err != nil {
					return fmt.Errorf("%w; files that are there are not written over", err)
				}
				defer func() { err = errors.Join(err, file.Close()) }()
				out = file
			}
			return policyfile.Write(out, policyfile.File{Version: found.Number, Pack: found.Pack})
		}),
	}
	which(cmd)
	return cmd
}

func newPolicyCheck() *cobra.Command {
	return &cobra.Command{
		Use: "check FILE.yaml", Short: "Check a file, without a server", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if _, err := readPolicy(cmd.ErrOrStderr(), args[0]); err != nil {
				return err
			}
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "the file is good")
			return err
		},
	}
}

// readPolicy reads a file and tells every problem with it.
func readPolicy(stderr io.Writer, name string) (policyfile.File, error) {
	text, err := os.ReadFile(name) //nolint:gosec // the caller's own file
	if err != nil {
		return policyfile.File{}, err
	}
	f, err := policyfile.Read(text)
	problems := policyfile.Problems(err)
	for _, p := range problems {
		_, _ = fmt.Fprintf(stderr, "%s: %s: %s\n", name, p.Field, p.Message)
	}
	if len(problems) > 0 {
		return f, fmt.Errorf("%s: %d problems", name, len(problems))
	}
	return f, err
}

func newPolicyImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import FILE.yaml",
		Short: "Publish a file as the next version",
		Long: `Publish a file as the next version of the process pack. It shows what differs
from the latest version, and with --dry-run does no more than that.

A file exported from a version that is not the latest any more is refused, so that
nobody's change is undone unawares; --force publishes it all the same.`,
		Example: `  crm policy export pack.yaml && vi pack.yaml
  crm policy import pack.yaml --dry-run
  crm policy import pack.yaml --effective-from 2024-06-01`,
		Args: cobra.ExactArgs(1),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			f, err := readPolicy(cmd.ErrOrStderr(), args[0])
			if err != nil {
				return err
			}
			if from := v.GetString("effective-from"); from != "" {
				at, err := pointIn(from, dayStart, time.Now())
				if err != nil {
					return usageError{fmt.Errorf("--effective-from %w", err)}
				}
				f.EffectiveFrom = &at
			}
			return publish(cmd, v, client, f)
		}),
	}
	cmd.Flags().Bool("dry-run", false, "only show what would change")
	cmd.Flags().Bool("force", false, "publish also if another version was published since the file was exported")
	cmd.Flags().String("effective-from", "", "business `time` from which it applies, or a day from its start; now if neither this nor the file says")
	serverFlags(cmd.Flags())
	return cmd
}

func publish(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, f policyfile.File) error {
	var all httpapi.PolicyAnswer
	if err := client.Get(cmd.Context(), "/v1/queries/policies", nil, &all); err != nil {
		return err
	}
	var latest policy.Version
	if err := client.Get(cmd.Context(), "/v1/queries/policies/"+strconv.Itoa(len(all.Versions)), nil, &latest); err != nil {
		return err
	}
	stale := f.Version > 0 && f.Version != latest.Number
	if stale && !v.GetBool("force") {
		return fmt.Errorf("the file was exported from version %d, but version %d was published since; see crm policy diff %d %d, and export again or --force",
			f.Version, latest.Number, f.Version, latest.Number)
	}
	differences, err := latest.Pack.Diff(f.Pack)
	if err != nil {
		return err
	}
	out := cmd.OutOrStdout()
	if len(differences) == 0 {
		_, _ = fmt.Fprintf(out, "nothing differs from version %d\n", latest.Number)
	} else if err := printDifferences(out, fmt.Sprintf("VERSION %d", latest.Number), "THE FILE", differences); err != nil {
		return err
	}
	if v.GetBool("dry-run") {
		_, err := fmt.Fprintln(out, "dry run: nothing was published")
		return err
	}
	wish := apiclient.Command{Name: "publish-policy", Key: uuid.NewString(), Body: commands.PublishPolicy{Pack: f.Pack, EffectiveFrom: f.EffectiveFrom}}
	if latest.Number > 0 { // what was compared is what is replaced
		wish.IfMatch = strconv.Quote(strconv.Itoa(latest.Number - 1))
	}
	result, err := client.Send(cmd.Context(), wish)
	if err != nil {
		return err
	}
	if len(result.Events) == 0 {
		_, err = fmt.Fprintln(out, "nothing was published: this pack applies from then on anyway")
		return err
	}
	_, err = fmt.Fprintf(out, "published as version %d\n", result.Revision+1)
	return err
}
