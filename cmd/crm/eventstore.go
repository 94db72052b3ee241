package main

import (
	"github.com/spf13/cobra"

	"github.com/annals-crm/annals/adapters/embedded/eventstore"
)

func newEventStore() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eventstore",
		Short: "Run the embedded event store alone, for any EventStoreDB client",
		Long: `Run the embedded event store as a server of its own. It speaks EventStoreDB's
gRPC protocol, so any of its clients can connect:

  esdb://127.0.0.1:2113?tls=false

It has no users and no TLS: whoever reaches the address can read and write.`,
		Example: "  crm eventstore --listen 127.0.0.1:2113 --data ./data/eventstore",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := settings(cmd)
			if err != nil {
				return err
			}
			var p problems
			log := newLogger(v, cmd.ErrOrStderr(), &p)
			p.listenable("listen", v.GetString("listen"), v.GetBool("allow-remote"))
			if v.GetString("data") == "" {
				p.add("--data must name a directory")
			}
			if err := p.err(); err != nil {
				return err
			}
			defer raiseHeap()()
			return eventstore.Run(cmd.Context(), eventstore.Config{
				Dir: v.GetString("data"), Listen: v.GetString("listen"), AllowRemote: v.GetBool("allow-remote"), Logger: log,
			})
		},
	}
	flags := cmd.Flags()
	flags.String("listen", "127.0.0.1:2113", "`address` to answer gRPC on")
	flags.Bool("allow-remote", false, "listen beyond this machine, although it cannot tell callers apart")
	flags.String("data", "./data/eventstore", "`directory` of the data")
	logFlags(flags)
	return cmd
}
