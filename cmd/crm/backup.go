package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/backup"
	"github.com/annals-crm/annals/adapters/httpapi"
	"github.com/annals-crm/annals/commands"
)

func newBackup() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup --to FILE",
		Short: "Back up the embedded event store, while it runs",
		Long: `Back up the embedded event store with all keys into one file, of which everything
can be restored: read models are made from the log. Nobody waits meanwhile.

A running server is asked (--server, with an admin token in CRM_TOKEN or --token).
While none runs, --data names the directory.

Whoever has the file can read everything, and has the keys. It is checked while it
is written, is there under its name only when it is complete, and never takes the
place of another file. An EventStoreDB is backed up by its own means.`,
		Example: `  crm backup --to /backups/                 # annals-20240531T093000Z.tar
  crm backup --to before-upgrade.tar --data ./data     (server stopped)
  crm backup verify before-upgrade.tar`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			var p problems
			if v.GetString("to") == "" {
				p.add("--to is needed: the file to write, or a directory to write it into")
			}
			if cmd.Flags().Changed("data") {
				data := v.GetString("data")
				if _, err := os.Stat(eventStoreDir(data)); err != nil {
					p.add("--data %s holds no event store: %w", data, err)
				}
				if _, err := os.Stat(filepath.Join(data, hashFile)); err != nil && v.GetString("hash-key") == "" {
					p.add("--hash-key is needed: the server was given one, and a backup without it is of no use: %w", err)
				}
			}
			if err := p.err(); err != nil {
				return err
			}
			if cmd.Flags().Changed("data") {
				return backUpOffline(cmd, v)
			}
			return backUpOnline(cmd, v)
		},
	}
	flags := cmd.Flags()
	flags.String("to", "", "`file` to write, or directory")
	flags.String("data", "", "`directory` of a server that is not running")
	flags.String("hash-key", "", "hash key of that server, if it is not kept in --data")
	serverFlags(flags)
	cmd.AddCommand(newBackupVerify())
	return cmd
}

func backUpOnline(cmd *cobra.Command, v *viper.Viper) error {
	client, err := apiclient.New(v.GetString("server"), v.GetString("token"), 1)
	if err != nil {
		return usageError{err}
	}
	body, err := client.Stream(cmd.Context(), "/v1/backup", nil)
	if err != nil {
		return err
	}
	defer func() { _ = body.Close() }() // read to its end, or given up
	return keepBackup(cmd, v.GetString("to"), body)
}

func backUpOffline(cmd *cobra.Command, v *viper.Viper) (err error) {
	c := serveConfig{data: v.GetString("data"), log: slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError}))}
	if c.hashKey, err = hashKey(v.GetString("hash-key"), c); err != nil {
		return usageError{fmt.Errorf("--hash-key: %w", err)}
	}
	var s stack
	defer func() { err = errors.Join(err, s.close()) }()
	node, err := openNode(&s, c)
	if err != nil {
		return err
	}
	log, err := connect(&s, c, node.ConnectionString())
	if err != nil {
		return err
	}
	b := backups{node: node, data: c.data, key: c.hashKey, now: time.Now, log: func(ctx context.Context) (string, error) { return commands.LogID(ctx, log) }}
	made, err := b.make(cmd.Context())
	if err != nil {
		return err
	}
	defer made.Close()
	return keepBackup(cmd, v.GetString("to"), piped(made))
}

// piped is a backup to read.
func piped(b httpapi.Backup) io.Reader {
	r, w := io.Pipe()
	go func() { _ = w.CloseWithError(b.Write(w)) }() // it never fails
	return r
}

// keepBackup writes a backup under a name of its own, checks it on the way, and
// gives it its name when it is whole and on disk.
func keepBackup(cmd *cobra.Command, to string, from io.Reader) (err error) {
	if info, err := os.Stat(to); err == nil && info.IsDir() {
		to = filepath.Join(to, backupName(time.Now()))
	}
	if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("%s is there already; a backup takes the place of no file", to), err)
	}
	part, err := os.CreateTemp(filepath.Dir(to), filepath.Base(to)+".part-*") // for its owner alone
	if err != nil {
		return err
	}
	defer func() {
		err = errors.Join(err, part.Close(), os.Remove(part.Name()))
	}()
	shown := newBytesProgress(cmd.ErrOrStderr())
	m, err := backup.Check(io.TeeReader(from, io.MultiWriter(part, shown)))
	shown.finish()
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	if err := part.Sync(); err != nil {
		return err
	}
	if err := os.Link(part.Name(), to); err != nil { // unlike a renaming, it never replaces a file
		return err
	}
	if err := syncDir(filepath.Dir(to)); err != nil {
		return err
	}
	_, err = english().Fprintf(cmd.OutOrStdout(), "%s: %d files, %d bytes, everything up to position %s of log %s\n", to, len(m.Files), m.Bytes(), m.Position, m.Log)
	return err
}

// syncDir has the names in a directory on disk.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
