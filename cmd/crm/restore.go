package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"github.com/annals-crm/annals/adapters/backup"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
)

func newRestore() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "restore --from FILE --data NEWDIR",
		Short: "Put a backup back into a new data directory",
		Long: `Put a backup back into a data directory that is new or empty, and start the server
on it then. The log becomes another incarnation of itself, which it records: read
models in Redis that were made from what came after the backup are not taken for
its own, and are built again.

An EventStoreDB is restored by its own means, with all processes of Annals stopped.
Then, before any of them starts, --eventstore records the new incarnation there.`,
		Example: `  crm restore --from annals-20240531T093000Z.tar --data ./restored
  crm serve --data ./restored
  crm restore --eventstore esdb://db:2113?tls=false --reason 'restored from the backup of May 31st'`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			flags := cmd.Flags() // the settings of a server are not taken for them
			from, data, address := v.GetString("from"), flags.Lookup("data").Value.String(), flags.Lookup("eventstore").Value.String()
			var p problems
			switch {
			case address != "" && (from != "" || data != ""):
				p.add("--eventstore records that an EventStoreDB was restored; --from and --data are for the embedded one")
			case address != "":
				p.connectionString("eventstore", address)
			default:
				if from == "" {
					p.add("--from is needed: the file that crm backup wrote")
				}
				if data == "" {
					p.add("--data is needed: the directory to make")
				}
			}
			if err := p.err(); err != nil {
				return err
			}
			wish := commands.BeginIncarnation{Reason: v.GetString("reason")}
			if address != "" {
				return beginIncarnation(cmd, serveConfig{eventstore: address}, wish)
			}
			return restore(cmd, from, data, wish)
		},
	}
	flags := cmd.Flags()
	flags.String("from", "", "`file` that crm backup wrote")
	flags.String("data", "", "new `directory`")
	flags.String("eventstore", "", "connection string of an EventStoreDB that was restored by its own means")
	flags.String("reason", "restored from a backup", "why; recorded in the log")
	return cmd
}

// restore unpacks beside what it makes, so that nobody finds a part of it: while
// the directory restoring is there, no server starts on the data.
func restore(cmd *cobra.Command, from, data string, wish commands.BeginIncarnation) error {
	entries, err := os.ReadDir(data)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if len(entries) > 0 {
		return fmt.Errorf("--data %s holds %s already; restore into a new directory", data, entries[0].Name())
	}
	file, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }() // it was only read
	part := filepath.Join(data, restoring)
	if err := os.MkdirAll(part, 0o700); err != nil {
		return err
	}
	m, err := backup.Unpack(file, part)
	if err == nil {
		_, err = readThrough(cmd.Context(), part, m)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("%s: %w", from, err), os.RemoveAll(part))
	}
	wish.BackupMadeAt, wish.Position = &m.MadeAt, m.Position
	if err := beginIncarnation(cmd, serveConfig{data: part}, wish); err != nil {
		return err
	}
	if err := moveUp(part, data); err != nil {
		return err
	}
	_, err = english().Fprintf(cmd.OutOrStdout(), "%s holds everything up to position %s, as of %s; start the server with --data %s\n",
		data, m.Position, m.MadeAt.Format(time.RFC3339), data)
	return err
}

// moveUp moves everything from part, which is in data, to data itself.
func moveUp(part, data string) error {
	entries, err := os.ReadDir(part)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Rename(filepath.Join(part, e.Name()), filepath.Join(data, e.Name())); err != nil {
			return err
		}
	}
	if err := syncDir(data); err != nil {
		return err
	}
	if err := os.Remove(part); err != nil {
		return err
	}
	return syncDir(data)
}

// beginIncarnation records that the log was restored.
func beginIncarnation(cmd *cobra.Command, c serveConfig, wish commands.BeginIncarnation) (err error) {
	c.log = slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: slog.LevelError}))
	c.states = 10
	ctx, stop := context.WithCancel(cmd.Context())
	defer stop()
	var s stack
	defer func() { err = errors.Join(err, s.close()) }()
	log, err := openLog(&s, c)
	if err != nil {
		return err
	}
	before, err := commands.LogID(ctx, log)
	switch {
	case err != nil:
		return err
	case before == "":
		return errors.New("the event log is empty: there is nothing that could have been restored")
	}
	write, err := openWriteSide(ctx, c, log, nil)
	if err != nil {
		return err
	}
	env := commands.Envelope{Command: "begin-incarnation", CommandID: uuid.New(), Fresh: true, Actor: domain.Actor{ID: access.System, Role: access.System}}
	if _, err := write.incarnations.Begin(ctx, env, wish); err != nil {
		return err
	}
	after, err := commands.LogID(ctx, log)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(cmd.OutOrStdout(), "log %s goes on as %s; read models are built again for it\n", before, after)
	return err
}
