package main

import (
	"io"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/access"
)

// Whatever a command recorded, a query that waits for its position is answered,
// also one of a read model that has nothing to do with it, on a log where nothing
// else happens.
func TestEveryCommandIsReadBack(t *testing.T) {
	t.Setenv(asProgram, "1")
	server, err := startServer(t.Context(), t.TempDir(), io.Discard)
	require.NoError(t, err)
	defer server.stop()
	client, err := apiclient.New(server.url, server.token, 1)
	require.NoError(t, err)
	_, hash := commands.NewSecret()
	for _, c := range []apiclient.Command{
		{Name: "open-department", Key: "1", Body: commands.OpenDepartment{Name: "Sales"}},
		{Name: "issue-token", Key: "2", Body: commands.IssueToken{Name: "ann", Hash: hash, Roles: []string{access.Sales}}},
		{Name: "register-customer", Key: "3", Body: commands.RegisterCustomer{Name: "Ningbo Precision Ltd"}},
	} {
		done, err := client.Send(t.Context(), c)
		require.NoError(t, err)
		for _, path := range []string{"customers", "deals", "metrics/win_rate", "disclosures"} {
			get(t, client, path, url.Values{"min_position": {done.Position.String()}}, &struct{}{})
		}
	}
}
