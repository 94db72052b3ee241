package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"

	"github.com/spf13/cobra"
)

func newPublished() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "published",
		Short: "Import the samples and compare every figure with the published ones",
		Long: `Prove the whole way from a CSV file to a dashboard. A fresh server is started as
its own process, the samples are imported with crm import, and every figure that
the dashboards serve is compared with the published one, or, where none was
published, with what a plain computation from the files gives. Then the imports
are repeated, which must change nothing; the figures are compared again as live
metrics, from analyses under the pack the product ships and as of the last day of
the data, and after a rebuild; and on a second server an import is killed in the
middle and completed by repeating it.

Without --data-dir the samples are generated, and every figure is compared with
the computation. The exit status is 1 if anything differs.`,
		Example: "  crm published --data-dir samples",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			return published(cmd.Context(), v.GetString("data-dir"), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().String("data-dir", "", "`directory` with "+salesDir+"/ and helpdesk/; generated if empty")
	return cmd
}

func published(ctx context.Context, given string, stdout, stderr io.Writer) (err error) {
	work, err := os.MkdirTemp("", "annals-published-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	samples, err := samplesIn(given, work)
	if err != nil {
		return err
	}
	sheet, err := workOut(samples)
	if err != nil {
		return err
	}
	c := &comparison{table: newTable(stdout), wanted: sheet.facts.figures(sheet.managers), managers: sheet.managers}
	if given != "" {
		c.published = publishedFigures()
	}
	if err := c.wholeImport(ctx, samples, filepath.Join(work, "whole"), sheet, stderr); err != nil {
		return err
	}
	if err := c.killedImport(ctx, samples, filepath.Join(work, "killed"), stderr); err != nil {
		return err
	}
	return errors.Join(c.table.flush(), c.result(stdout))
}

// wholeImport imports, compares, imports again and compares again, and then in
// retrospect.
func (c *comparison) wholeImport(ctx context.Context, samples, data string, sheet *worksheet, stderr io.Writer) error {
	t, err := newTrial(ctx, samples, data, stderr)
	if err != nil {
		return err
	}
	defer t.server.stop()
	first, err := t.importAll(ctx)
	if err != nil {
		return err
	}
	before, err := t.read(ctx)
	if err != nil {
		return err
	}
	c.all(before)
	again, err := t.importAll(ctx)
	if err != nil {
		return err
	}
	after, err := t.read(ctx)
	if err != nil {
		return err
	}
	c.check("import repeated: answers", "as at first", same(reflect.DeepEqual(first, again)))
	c.check("import repeated: log position", first.position.String(), again.position.String())
	c.check("import repeated: figures", "as at first", same(reflect.DeepEqual(before.facts(), after.facts())))
	return c.inRetrospect(ctx, t, sheet, before)
}

// killedImport kills an import in the middle, completes it, and compares.
func (c *comparison) killedImport(ctx context.Context, samples, data string, stderr io.Writer) error {
	t, err := newTrial(ctx, samples, data, stderr)
	if err != nil {
		return err
	}
	defer t.server.stop()
	left, err := t.importKilled(ctx)
	if err != nil {
		return err
	}
	c.check("import killed: deals left out", "some", some(left))
	if _, err := t.importAll(ctx); err != nil {
		return err
	}
	d, err := t.read(ctx)
	if err != nil {
		return err
	}
	wrong := 0
	for i, f := range d.facts().figures(c.managers) {
		if i >= len(c.wanted) || f != c.wanted[i] {
			wrong++
		}
	}
	c.check("import completed: figures that differ", "0", fmt.Sprint(wrong))
	return nil
}

func same(yes bool) string {
	if yes {
		return "as at first"
	}
	return "changed"
}

func some(n int64) string {
	if n > 0 {
		return "some"
	}
	return "none"
}
