package commands_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/ticket"
)

// What a record belongs to exists, and is of the right kind.
func TestReferencesMustExist(t *testing.T) {
	store := new(commandstest.Memory)
	company, err := customersOver(t, store).Register(t.Context(), fresh(), commands.RegisterCustomer{Name: "Ningbo Precision Ltd"})
	require.NoError(t, err)
	loop := loopOver(t, store, nil) // of another process
	deals, tickets := commands.Deals{Loop: loop}, commands.Tickets{Loop: loop}
	customers := commands.Customers{Loop: loop}
	opened, err := deals.Open(t.Context(), fresh(), commands.OpenDeal{Title: "200 workstations", CustomerID: company.ID})
	require.NoError(t, err)
	asked, err := tickets.Open(t.Context(), fresh(), commands.OpenTicket{Subject: "Fan makes noise", CustomerID: company.ID})
	require.NoError(t, err)
	_, err = tickets.Open(t.Context(), fresh(), commands.OpenTicket{Subject: "It still does", CustomerID: company.ID, LinkedTo: asked.ID})
	require.NoError(t, err)

	before := len(store.Log())
	on := commands.CustomerRef{CustomerID: company.ID}
	for _, nobody := range []string{opened.ID, "5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"} {
		_, err = deals.Open(t.Context(), fresh(), commands.OpenDeal{Title: "200 workstations", CustomerID: nobody})
		require.ErrorIs(t, err, customer.ErrNotFound)
		_, err = deals.ChangeDetails(t.Context(), fresh(), commands.ChangeDealDetails{DealRef: commands.DealRef{DealID: opened.ID}, CustomerID: &nobody})
		require.ErrorIs(t, err, customer.ErrNotFound)
		_, err = tickets.Open(t.Context(), fresh(), commands.OpenTicket{Subject: "Fan makes noise", CustomerID: nobody})
		require.ErrorIs(t, err, customer.ErrNotFound)
		_, err = tickets.Open(t.Context(), fresh(), commands.OpenTicket{Subject: "Fan makes noise", LinkedTo: nobody})
		require.ErrorIs(t, err, ticket.ErrNotFound)
		_, err = customers.LogInteraction(t.Context(), fresh(), commands.LogInteraction{CustomerRef: on, Direction: "inbound", Channel: "phone", ContactID: nobody})
		require.ErrorIs(t, err, customer.ErrNoContact)
		_, err = customers.Register(t.Context(), fresh(), commands.RegisterCustomer{Name: "Branch", ParentID: nobody})
		require.ErrorIs(t, err, customer.ErrNotFound)
		_, err = customers.ChangeDetails(t.Context(), fresh(), commands.ChangeCustomerDetails{CustomerRef: on, ParentID: &nobody})
		require.ErrorIs(t, err, customer.ErrNotFound)
	}
	_, err = customers.LogInteraction(t.Context(), fresh(), commands.LogInteraction{CustomerRef: on, Direction: "inbound", Channel: "phone", DealID: company.ID})
	require.ErrorIs(t, err, deal.ErrNotFound)
	_, err = customers.LogInteraction(t.Context(), fresh(), commands.LogInteraction{CustomerRef: on, Direction: "inbound", Channel: "phone", TicketID: company.ID})
	require.ErrorIs(t, err, ticket.ErrNotFound)
	require.Len(t, store.Log(), before)
}
