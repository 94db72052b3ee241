package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/importer"
	"github.com/annals-crm/annals/domain/policy"
)

func newImport() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Import history from CSV files",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newImportOf(importer.Deals), newImportOf(importer.Tickets), newImportMappings())
	return cmd
}

func newImportOf(kind string) *cobra.Command {
	cmd := &cobra.Command{
		Use:   kind + " FILE.csv",
		Short: "Import " + kind,
		Long: `Import ` + kind + ` from a CSV file into a running server.

Every row becomes ordinary commands with the times at which things happened, so
all rules hold and the history names the caller. A mapping says what the columns
mean; without --mapping a built-in one is chosen by the columns (see crm import
mappings).

Repeat an import as often as you like: rows that are in already change nothing,
and one that was interrupted is completed. Rows that are refused are reported,
each with its line and reason; the others are imported. The exit status is 1 if
any row was refused.`,
		Example: "  crm import " + kind + " FILE.csv --dry-run\n" +
			"  CRM_TOKEN=… crm import " + kind + " FILE.csv --report refused.csv\n" +
			"  crm import " + kind + " FILE.csv --mapping ours.yaml --delimiter ';' --encoding gb18030",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			return runImport(cmd, v, kind, args[0])
		},
	}
	flags := cmd.Flags()
	serverFlags(flags)
	flags.String("mapping", "", "YAML `file`, or name of a built-in mapping")
	flags.String("source", "", "where the rows come from, if not what the mapping says; part of what makes a row the same row")
	flags.String("zone", "", "IANA `zone` of times without one, if not the mapping's or the organisation's")
	flags.String("currency", "", "`code` of amounts, if not the mapping's")
	flags.String("delimiter", "", "`character` between fields or tab, if not the mapping's or a comma")
	flags.String("encoding", "", "utf-8 or gb18030 (also reads GBK), if not the mapping's")
	flags.StringArray("lookup", nil, "`NAME=FILE`: where a lookup of the mapping is, if not beside the imported file")
	flags.Int("parallel", 32, "rows on the way at the same time")
	flags.Duration("retry", time.Minute, "how long to wait for a server that is out of reach")
	flags.String("report", "", "CSV `file` to write the refused rows to")
	flags.Bool("dry-run", false, "check everything that can be checked without sending anything")
	flags.Int("show", 3, "rows whose commands a dry run prints")
	flags.Bool("json", false, "print the summary as JSON")
	return cmd
}

// importJob is one import, checked as far as it can be before it begins.
type importJob struct {
	v      *viper.Viper
	file   *importer.File
	client *apiclient.Client
	zone   string // and where it is from
}

func prepareImport(ctx context.Context, v *viper.Viper, kind, path string) (*importJob, error) {
	if v.GetInt("parallel") < 1 {
		return nil, usageError{fmt.Errorf("--parallel %d: want at least 1", v.GetInt("parallel"))}
	}
	client, err := apiclient.New(v.GetString("server"), v.GetString("token"), v.GetInt("parallel"))
	if err != nil {
		return nil, usageError{err}
	}
	client.Patience = v.GetDuration("retry")
	m, err := chooseMapping(v, kind, path)
	if err != nil {
		return nil, err
	}
	job := &importJob{v: v, client: client, zone: "the mapping's"}
	if m.Zone == "" {
		if m.Zone, job.zone, err = organisationZone(ctx, client, v.GetBool("dry-run")); err != nil {
			return nil, err
		}
	}
	job.file, err = importer.Open(path, kind, m)
	if wrong, ok := errors.AsType[importer.Problems](err); ok {
		return nil, usageError{fmt.Errorf("%s cannot be imported:\n%w", path, wrong)}
	}
	return job, err
}

// chooseMapping is the mapping asked for, or the built-in one that fits, with
// what flags say instead.
func chooseMapping(v *viper.Viper, kind, path string) (importer.Mapping, error) {
	overrides := importer.Mapping{Delimiter: v.GetString("delimiter"), Encoding: v.GetString("encoding")}
	var m importer.Mapping
	if name := v.GetString("mapping"); name == "" {
		header, err := importer.Header(path, overrides)
		if err != nil {
			return m, err
		}
		if m, err = importer.For(kind, header); err != nil {
			return m, usageError{err}
		}
	} else {
		text, err := importer.BuiltinText(name)
		if err != nil {
			if text, err = os.ReadFile(name); err != nil {
				return m, usageError{fmt.Errorf("--mapping: %w", err)}
			}
		}
		if m, err = importer.ParseMapping(text); err != nil {
			return m, usageError{fmt.Errorf("--mapping %s:\n%w", name, err)}
		}
	}
	for flag, field := range map[string]*string{
		"source": &m.Source, "zone": &m.Zone, "currency": &m.Currency, "delimiter": &m.Delimiter, "encoding": &m.Encoding,
	} {
		if value := v.GetString(flag); value != "" {
			*field = value
		}
	}
	for _, lookup := range v.GetStringSlice("lookup") {
		name, file, _ := strings.Cut(lookup, "=")
		l, known := m.Lookups[name]
		if !known || file == "" {
			return m, usageError{fmt.Errorf("--lookup %q: want NAME=FILE with a lookup of the mapping", lookup)}
		}
		l.File = file
		m.Lookups[name] = l
	}
	return m, nil
}

// organisationZone asks the server; a dry run makes do without one.
func organisationZone(ctx context.Context, client *apiclient.Client, dry bool) (zone, from string, err error) {
	if dry {
		return policy.Standard().Zone, "the standard pack's", nil
	}
	var answer struct {
		Pack struct {
			Zone string `json:"zone"`
		} `json:"pack"`
	}
	if err := client.Get(ctx, "/v1/queries/policies", nil, &answer); err != nil {
		return "", "", fmt.Errorf("ask the server for the organisation's zone (or give --zone): %w", err)
	}
	return answer.Pack.Zone, "the organisation's", nil
}
