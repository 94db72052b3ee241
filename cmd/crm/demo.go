package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/annals-crm/annals/adapters/importer"
)

func newDemo() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Import sample data into a throw-away server and show the dashboards",
		Long: `Start a server on a free port with a temporary data directory, import sample
deals and tickets through its public interface, and print the dashboards.

Without --data-dir the samples are generated: a year of a made-up seller of
machines, the same every time.`,
		Example: "  crm demo\n  crm demo --stay",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			return demo(cmd.Context(), v.GetString("data-dir"), v.GetBool("stay"), cmd.OutOrStdout(), cmd.ErrOrStderr())
		},
	}
	cmd.Flags().String("data-dir", "", "`directory` with "+salesDir+"/ and helpdesk/; generated if empty")
	cmd.Flags().Bool("stay", false, "keep the server running until Ctrl-C, to look around")
	return cmd
}

func demo(ctx context.Context, samples string, stay bool, stdout, stderr io.Writer) (err error) {
	work, err := os.MkdirTemp("", "annals-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(work)) }()
	if samples, err = samplesIn(samples, work); err != nil {
		return err
	}
	t, err := newTrial(ctx, samples, filepath.Join(work, "data"), stderr)
	if err != nil {
		return err
	}
	server := t.server
	defer server.stop()
	if _, err := t.importAll(ctx); err != nil {
		return err
	}
	d, err := t.read(ctx)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(stdout)
	if err := d.print(stdout); err != nil || !stay {
		return err
	}
	_, _ = fmt.Fprintf(stdout, "\nThe server stays until Ctrl-C. Reference: %s/docs\n\n  curl -H 'Authorization: Bearer %s' '%s/v1/queries/dashboards/sales?by=region'\n", server.url, server.token, server.url)
	select {
	case <-ctx.Done():
		return nil
	case <-server.ended: // a Ctrl-C reaches it too, perhaps before us
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(time.Second):
			return errors.New("the server ended by itself")
		}
	}
}

// samplesIn is the directory of the samples: the one given, or work with
// generated ones.
func samplesIn(given, work string) (string, error) {
	if given == "" {
		return work, generate(work)
	}
	for _, file := range sampleFiles(given) {
		if _, err := os.Stat(file); err != nil {
			return "", usageError{fmt.Errorf("--data-dir: %w", err)}
		}
	}
	return given, nil
}

// sampleFiles yields what to import, in order.
func sampleFiles(dir string) func(yield func(kind, file string) bool) {
	return func(yield func(kind, file string) bool) {
		if yield(importer.Deals, filepath.Join(dir, salesDir, pipelineCSV)) {
			yield(importer.Tickets, filepath.Join(dir, filepath.FromSlash(helpdeskCSV)))
		}
	}
}
