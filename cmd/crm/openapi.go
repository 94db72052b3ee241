package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/annals-crm/annals/adapters/httpapi"
)

func newOpenAPI() *cobra.Command {
	return &cobra.Command{
		Use:     "openapi",
		Short:   "Print the OpenAPI document, to generate clients from",
		Long:    "Print the OpenAPI document of this version. A running server has the same at /openapi.json.",
		Example: "  crm openapi > openapi.json",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return printOpenAPI(cmd.Context(), cmd.OutOrStdout())
		},
	}
}

// printOpenAPI puts all parts together as a server would, on a log of their own
// that is thrown away, and describes what they would serve.
func printOpenAPI(ctx context.Context, out io.Writer) (err error) {
	data, err := os.MkdirTemp("", "crm-openapi-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	p, err := open(ctx, serveConfig{
		listen: "127.0.0.1:0", data: data, role: roleAll, hashKey: make([]byte, hashKeyBytes), states: 1, sweep: time.Second, shutdown: time.Second,
		out: io.Discard, log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		return err
	}
	defer p.close()
	api := p.api()
	api.Version = "" // the same document for every build of one source
	text, err := json.MarshalIndent(httpapi.OpenAPI(api), "", " ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, string(text))
	return err
}
