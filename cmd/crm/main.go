// Command crm is Annals: the server, its embedded event store, and the tools
// that work on them. This package wires the parts and does nothing else.
//
//	POST /v1/commands ──► httpapi ──► commands ──► domain
//	                                     │
//	                                     ▼
//	                                EventStoreDB ──► projector ──► Redis
//	                                                                 │
//	GET /v1/queries ◄── httpapi ◄── projections (queries) ◄──────────┘
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // calendars work on machines without a zone database

	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program with its surroundings passed in. It returns the
// exit status: 0 done, 1 failed, 2 called wrongly.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRoot()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	_, _ = fmt.Fprintln(stderr, "crm:", err) // nowhere else to say it
	if _, ok := errors.AsType[usageError](err); ok {
		return 2
	}
	return 1
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "crm",
		Short: "The CRM backend that never forgets",
		Long: `Annals keeps every fact about a customer as an event and never overwrites one.

Settings come from flags, then from CRM_* variables (--hash-key is
CRM_HASH_KEY), then from the file named by --config (YAML, same names).`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().String("config", "", "YAML `file` with settings")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(
		newServe(),
		newEventStore(),
		newToken(),
		newServiceAccount(),
		newWebhook(),
		newHistory(),
		newImport(),
		newRebuild(),
		newRepair(),
		newParked(),
		newPolicy(),
		newOrganisation(),
		newBackup(),
		newRestore(),
		newDoctor(),
		newAnalysis(),
		newOpenAPI(),
		newDemo(),
		newPublished(),
		newBench(),
	)
	return root
}

// usageError is a mistake in how the program was called.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }
