package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/annals-crm/annals/adapters/backup"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
)

func newBackupVerify() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check that a backup is whole and can be read",
		Long: `Check every file of a backup against its sum, then unpack it beside temporary files
(TMPDIR), open the event log in it, and read every event. Nothing of it stays.`,
		Example: "  crm backup verify annals-20240531T093000Z.tar",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			m, events, err := verifyBackup(cmd.Context(), args[0], v.GetBool("sums"))
			if err != nil {
				return fmt.Errorf("%s: %w", args[0], err)
			}
			out := cmd.OutOrStdout()
			if _, err := english().Fprintf(out, "%s is whole: %d files, %d bytes, made at %s by version %s, of log %s up to position %s\n",
				args[0], len(m.Files), m.Bytes(), m.MadeAt.Format("2006-01-02T15:04:05Z"), m.Program, m.Log, m.Position); err != nil || v.GetBool("sums") {
				return err
			}
			_, err = english().Fprintf(out, "%d events were read from it\n", events)
			return err
		},
	}
	cmd.Flags().Bool("sums", false, "check only the sums of the files")
	return cmd
}

// verifyBackup reads the whole backup and, unless only sums are wanted, every
// event in it.
func verifyBackup(ctx context.Context, path string, sums bool) (m backup.Manifest, events int, err error) {
	file, err := os.Open(path)
	if err != nil {
		return m, 0, err
	}
	defer func() { _ = file.Close() }() // it was only read
	if sums {
		m, err = backup.Check(file)
		return m, 0, err
	}
	dir, err := os.MkdirTemp("", "annals-verify-")
	if err != nil {
		return m, 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if m, err = backup.Unpack(file, filepath.Join(dir, "data")); err != nil {
		return m, 0, err
	}
	events, err = readThrough(ctx, filepath.Join(dir, "data"), m)
	return m, events, err
}

// readThrough opens an unpacked backup and counts the events up to where it must
// hold them all.
func readThrough(ctx context.Context, data string, m backup.Manifest) (events int, err error) {
	if _, err := hashKey("", serveConfig{data: data}); err != nil {
		return 0, fmt.Errorf("hash key: %w", err)
	}
	var s stack
	defer func() { err = errors.Join(err, s.close()) }()
	log, err := openLog(&s, serveConfig{data: data, log: slog.New(slog.DiscardHandler)})
	if err != nil {
		return 0, err
	}
	id, err := commands.LogID(ctx, log)
	if err != nil {
		return 0, err
	}
	if id != m.Log {
		return 0, backup.ErrDamaged.Because("the log in it is %q, not %q", id, m.Log)
	}
	for r, err := range log.ReadAll(ctx, domain.StartOfLog) {
		if err != nil {
			return events, err
		}
		if unread, ok := r.Event.(domain.Undecodable); ok {
			return events, fmt.Errorf("event %d of %s: %w", r.Revision, r.Stream, unread.Err)
		}
		events++
	}
	end, err := log.LastPosition(ctx)
	if err == nil && end.Compare(m.Position) < 0 {
		err = backup.ErrDamaged.Because("the log in it ends at %s, before %s", end, m.Position)
	}
	return events, err
}
