package main

import (
	"encoding/json"
	"io"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
)

// withClient runs a tool with its settings and a client of the server they name.
func withClient(do func(*cobra.Command, *viper.Viper, *apiclient.Client, []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		v, err := settings(cmd)
		if err != nil {
			return err
		}
		client, err := apiclient.New(v.GetString("server"), v.GetString("token"), 1)
		if err != nil {
			return usageError{err}
		}
		return do(cmd, v, client, args)
	}
}

func printJSON(out io.Writer, value any) error {
	text := json.NewEncoder(out)
	text.SetIndent("", "  ")
	text.SetEscapeHTML(false)
	return text.Encode(value)
}
