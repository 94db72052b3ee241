package main

import (
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/viper"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
)

func newTokenList() *cobra.Command {
	cmd := &cobra.Command{
		Use: "list", Short: "List the tokens ever issued; never their secrets", Args: cobra.NoArgs,
		RunE: withClient(func(cmd *cobra.Command, v *viper.Viper, client *apiclient.Client, _ []string) error {
			var all httpapi.TokenList
			if err := client.Get(cmd.Context(), "/v1/queries/tokens", nil, &all); err != nil {
				return err
			}
			if v.GetBool("json") {
				return printJSON(cmd.OutOrStdout(), all)
			}
			return printTokens(cmd.OutOrStdout(), all)
		}),
	}
	cmd.Flags().Bool("json", false, "print the tokens as JSON")
	serverFlags(cmd.Flags())
	return cmd
}

func printTokens(out io.Writer, all httpapi.TokenList) error {
	t := newTable(out)
	t.row("NAME", "TOKEN_ID", "KIND", "ROLES", "SCOPES", "IN USE", "UNTIL", "LAST USED")
	for _, token := range all.Items {
		use, until := "yes", "for good"
		if !token.Active {
			use = "no"
		}
		if token.ExpiresAt != nil {
			until = token.ExpiresAt.UTC().Format(time.RFC3339)
		}
		scopes := "all"
		if len(token.Scopes) > 0 {
			scopes = strings.Join(token.Scopes, ", ")
		}
		t.row(token.Name, token.ID, strings.ReplaceAll(token.Kind, "_", " "), strings.Join(token.Roles, ", "), scopes, use, until, lastUsed(token, all.LastUseKnown))
	}
	return t.flush()
}

// lastUsed is to the hour of UTC, as the other times are UTC, so minutes are not
// shown.
func lastUsed(token httpapi.Token, known bool) string {
	switch {
	case !known:
		return "not known now"
	case token.LastUsed == nil:
		return "never"
	}
	return token.LastUsed.UTC().Format("2006-01-02T15Z")
}
