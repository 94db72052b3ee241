package commands_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/input"
)

// at is a command that happened some time from now.
func at(after time.Duration) commands.At {
	moment := now.Add(after)
	return commands.At{OccurredAt: &moment}
}

// atOf is the request of a command that carries at.
func atOf(a commands.At) commands.Envelope {
	env := fresh()
	env.OccurredAt = a.Occurred()
	return env
}

// plain are secrets that are kept as they are.
type plain struct{}

func (plain) Secret(webhookID string) (string, error) { return "secret of " + webhookID, nil }

func (plain) Open(_, sealed string) (string, error) { return sealed, nil }

// Nothing happens to a record before it began, whatever the command; only being
// in touch with somebody is older than their file.
func TestNothingHappensBeforeTheBeginning(t *testing.T) {
	store := new(commandstest.Memory)
	loop := loopOver(t, store, nil)
	deals, tickets := commands.Deals{Loop: loop}, commands.Tickets{Loop: loop}
	customers := customersOver(t, store)
	ctx, began, money := t.Context(), at(-time.Hour), domain.Money{Minor: 5, Currency: "CNY"}

	opened, err := deals.Open(ctx, atOf(began), commands.OpenDeal{Title: "pumps", Amount: money, At: began})
	require.NoError(t, err)
	registered, err := customers.Register(ctx, atOf(began), commands.RegisterCustomer{
		Name: "Ningbo", Contacts: []commands.Contact{{Kind: "email", Value: "li@ningbo.example"}}, At: began,
	})
	require.NoError(t, err)
	reported, err := tickets.Open(ctx, atOf(began), commands.OpenTicket{Subject: "noise", At: began})
	require.NoError(t, err)
	hooks := commands.Webhooks{
		Loop: loop, Secrets: plain{}, Address: func(string) error { return nil },
		Place: func(context.Context, string) (domain.Position, error) { return domain.StartOfLog, nil },
	}
	created, err := hooks.Create(ctx, atOf(began), commands.CreateWebhook{At: began, WebhookSettings: commands.WebhookSettings{URL: "https://hooks.example.com"}})
	require.NoError(t, err)
	onHook := commands.WebhookRef{WebhookID: created.ID}
	onDeal, onCustomer, onTicket := commands.DealRef{DealID: opened.ID}, commands.CustomerRef{CustomerID: registered.ID}, commands.TicketRef{TicketID: reported.ID}
	title, city := "valves", "Ningbo"

	for name, send := range map[string]func(commands.Envelope) (commands.Result, error){
		"assign-deal": func(env commands.Envelope) (commands.Result, error) {
			return deals.Assign(ctx, env, commands.AssignDeal{DealRef: onDeal, Owner: "bob"})
		},
		"change-deal-details": func(env commands.Envelope) (commands.Result, error) {
			return deals.ChangeDetails(ctx, env, commands.ChangeDealDetails{DealRef: onDeal, Title: &title})
		},
		"send-quote": func(env commands.Envelope) (commands.Result, error) {
			return deals.SendQuote(ctx, env, commands.SendQuote{DealRef: onDeal, Amount: money})
		},
		"sign-contract": func(env commands.Envelope) (commands.Result, error) {
			return deals.SignContract(ctx, env, commands.SignContract{DealRef: onDeal, Amount: money})
		},
		"change-customer-details": func(env commands.Envelope) (commands.Result, error) {
			return customers.ChangeDetails(ctx, env, commands.ChangeCustomerDetails{CustomerRef: onCustomer, City: &city})
		},
		"add-contact": func(env commands.Envelope) (commands.Result, error) {
			return customers.AddContact(ctx, env, commands.AddContact{CustomerRef: onCustomer, Contact: commands.Contact{Kind: "phone", Value: "1"}})
		},
		"add-tag": func(env commands.Envelope) (commands.Result, error) {
			return customers.AddTag(ctx, env, commands.AddTag{CustomerRef: onCustomer, Tag: commands.Tag{Dimension: "demand", Value: "training"}})
		},
		"assign-customer": func(env commands.Envelope) (commands.Result, error) {
			return customers.Assign(ctx, env, commands.AssignCustomer{CustomerRef: onCustomer, Owner: "bob"})
		},
		"pause-webhook": func(env commands.Envelope) (commands.Result, error) {
			return hooks.Pause(ctx, env, commands.PauseWebhook{WebhookRef: onHook})
		},
		"rotate-webhook-secret": func(env commands.Envelope) (commands.Result, error) {
			made, err := hooks.RotateSecret(ctx, env, commands.RotateWebhookSecret{WebhookRef: onHook})
			return made.Result, err
		},
		"assign-ticket": func(env commands.Envelope) (commands.Result, error) {
			return tickets.Assign(ctx, env, commands.AssignTicket{TicketRef: onTicket, Assignee: "sue"})
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(store.Log())
			_, err := send(atOf(at(-2 * time.Hour)))
			require.ErrorIs(t, err, input.ErrOutOfOrder)
			assert.Len(t, store.Log(), before)

			_, err = send(atOf(at(-time.Hour - input.Skew/2)))
			require.NoError(t, err, "clocks may lie apart")
			for _, recorded := range store.Log()[before:] {
				assert.Equal(t, began.Occurred(), recorded.OccurredAt(), "but nothing is dated before the beginning")
			}
		})
	}
	_, err = deals.Open(ctx, atOf(began), commands.OpenDeal{Title: "pumps", ExternalID: "A1", At: began})
	require.NoError(t, err)
	_, err = deals.Open(ctx, atOf(at(-2*time.Hour)), commands.OpenDeal{Title: "pumps", ExternalID: "A1"})
	require.ErrorIs(t, err, deal.ErrExists, "whoever opens it a second time hears that it is there")
	_, err = customers.LogInteraction(ctx, atOf(at(-2*time.Hour)), commands.LogInteraction{CustomerRef: onCustomer, Direction: "inbound", Channel: "phone"})
	require.NoError(t, err)
}
