package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/annals-crm/annals/adapters/importer"
)

func newImportMappings() *cobra.Command {
	return &cobra.Command{
		Use:   "mappings [NAME]",
		Short: "List the built-in mappings, or print one to start an own one from",
		Example: `  crm import mappings
  crm import mappings sales-opportunities > ours.yaml`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 {
				text, err := importer.BuiltinText(strings.TrimSuffix(args[0], ".yaml"))
				if err != nil {
					return usageError{err}
				}
				_, err = cmd.OutOrStdout().Write(text)
				return err
			}
			all, err := importer.Builtin()
			if err != nil {
				return err
			}
			t := newTable(cmd.OutOrStdout())
			t.row("NAME", "FOR", "ABOUT")
			for _, m := range all {
				t.row(m.Name, m.Kind, m.About)
			}
			return t.flush()
		},
	}
}
