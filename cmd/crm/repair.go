package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/domain/difference"
)

func newRepair() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "repair NAME ID",
		Short: "Compare one record of a read model with what the log says, and put it right",
		Long: `Fold one record of a read model anew from the log and show in what the stored one
differs. With --mend it is put right, in one transaction and only if the read
model still stands where the record was folded to.

Counts the record goes into are put right with it if its places in lists show
that they were wrong, too. If that cannot be told from one record, it says so;
then crm rebuild is the way. The exit status is 1 if something differs and was
not put right.`,
		Example: `  crm repair deals 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11
  crm repair deals 5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11 --mend`,
		Args: cobra.ExactArgs(2),
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, args []string) error {
			client.Patience = 10 * time.Minute // the server asks to be asked again while it reads the log
			wish := httpapi.RepairRecord{ReadModelRef: httpapi.ReadModelRef{ReadModel: args[0]}, ID: args[1], Mend: v.GetBool("mend")}
			var repaired httpapi.Repaired
			if err := client.Ask(cmd.Context(), apiclient.Command{Name: "repair-record", Body: wish}, &repaired); err != nil {
				return err
			}
			if v.GetBool("json") {
				if err := printJSON(cmd.OutOrStdout(), repaired); err != nil {
					return err
				}
			} else if err := printRepaired(cmd.OutOrStdout(), repaired); err != nil {
				return err
			}
			if !repaired.Mended && len(repaired.Differences)+repaired.Places > 0 {
				return errors.New("the record is not what the log says; --mend puts it right")
			}
			return nil
		}),
	}
	cmd.Flags().Bool("mend", false, "put right what differs")
	cmd.Flags().Bool("json", false, "print the outcome as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

func printRepaired(out io.Writer, r httpapi.Repaired) error {
	if len(r.Differences)+r.Places == 0 {
		_, err := fmt.Fprintf(out, "build %s at %s holds what the log says\n", r.Build, r.Position)
		return err
	}
	if err := printDifferences(out, "STORED", "RIGHT", r.Differences); err != nil {
		return err
	}
	counts := map[string]string{
		"kept":   "counts are right",
		"mended": "counts go along",
		"unsure": "whether counts are right cannot be told from one record: rebuild the read model",
	}
	_, err := fmt.Fprintf(out, "%d places or values wrong; %s\n", r.Places, counts[r.Counts])
	if err == nil && r.Mended {
		_, err = fmt.Fprintf(out, "put right in build %s at %s\n", r.Build, r.Position)
	}
	return err
}

// printDifferences shows fields that differ as a table.
func printDifferences(out io.Writer, from, to string, all []difference.Difference) error {
	if len(all) == 0 {
		return nil
	}
	t := newTable(out)
	t.row("FIELD", from, to)
	for _, d := range all {
		path := d.Path
		if path == "" {
			path = "(all)"
		}
		t.row(path, inShort(d.From), inShort(d.To))
	}
	return t.flush()
}
