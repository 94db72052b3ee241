package httpapi

import (
	"slices"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/reservation"
	"github.com/annals-crm/annals/domain/ticket"
	"github.com/annals-crm/annals/projections"
)

// Commands is the write side of the API.
type Commands struct {
	Customers    commands.Customers
	Deals        commands.Deals
	Tickets      commands.Tickets
	Organisation commands.Organisation
	Policies     commands.Policies
	Tokens       commands.Tokens
	Analyses     commands.Analyses
	Webhooks     commands.Webhooks
	WebhookTests WebhooksUnderWay // sends tests
	Parking      Parking          // nil: parked events cannot be dealt with here
	Rebuilding   Rebuilding       // nil: read models cannot be rebuilt from here
}

// routes is the table of contents of all commands: name, summary, who may call
// it, what carries it out, and the errors it can end in besides those that any
// command can.
func (c *Commands) routes() []route {
	return slices.Concat(
		tagged("commands: customers", c.onCustomers()), tagged("commands: deals", c.onDeals()),
		tagged("commands: tickets", c.onTickets()), tagged("commands: analyses", c.onAnalyses()),
		tagged("commands: the organisation", c.onOrganisation()), tagged("commands: webhooks", c.onWebhooks()), tagged("commands: the program", c.onTheProgram()),
		tagged("commands: several at once", []route{batch(everyone())}),
	)
}

func (c *Commands) onCustomers() []route {
	var (
		people  = roles(access.Service, access.Marketing, access.Application).own(access.Sales).team(access.Manager)
		keepers = roles(access.Marketing, access.Application).own(access.Sales).team(access.Manager) // RB-09
		gone    = customer.ErrNotFound
		key     = []*domain.Error{reservation.ErrTaken, reservation.ErrEmail, reservation.ErrMobile, reservation.ErrCreditCode, reservation.ErrExternalID}
		tag     = []*domain.Error{customer.ErrUnknownDimension, customer.ErrUnknownTagValue, customer.ErrTooMany}
	)
	return []route{
		command("register-customer", "Register a customer", people, c.Customers.Register,
			slices.Concat(key, tag, errs(customer.ErrUnknownStage, gone))...).creating("customers"),
		command("change-customer-details", "Change what describes a customer", people, c.Customers.ChangeDetails, append(key, gone)...),
		command("add-contact", "Add a way to reach a customer", people, c.Customers.AddContact,
			append(key, gone, customer.ErrContactExists, customer.ErrTooMany)...),
		command("verify-contact", "Confirm a contact; the second confirmation verifies it", people, c.Customers.VerifyContact,
			append(key, gone, customer.ErrNoContact)...),
		command("remove-contact", "Remove a contact", people, c.Customers.RemoveContact, gone, customer.ErrNoContact),
		command("log-interaction", "Record being in touch with a customer", people, c.Customers.LogInteraction,
			gone, customer.ErrNoContact, deal.ErrNotFound, ticket.ErrNotFound),
		command("add-tag", "Tag a customer", people, c.Customers.AddTag, append(tag, gone)...),
		command("remove-tag", "Take a tag off a customer", people, c.Customers.RemoveTag, gone),
		command("assign-customer", "Give a customer to another owner", keepers, c.Customers.Assign, gone),
		command("change-lifecycle-stage", "Put a customer into a lifecycle stage by hand", keepers, c.Customers.ChangeStage,
			gone, customer.ErrUnknownStage, customer.ErrReason),
	}
}

func (c *Commands) onDeals() []route {
	var (
		sellers = roles(access.Application).own(access.Sales).team(access.Manager)
		gone    = deal.ErrNotFound
	)
	return []route{
		command("open-deal", "Open a deal", sellers, c.Deals.Open, domain.ErrMoney, deal.ErrExists, customer.ErrNotFound).creating("deals"),
		command("move-deal", "Move a deal to another stage", sellers, c.Deals.Move,
			gone, deal.ErrUnknownStage, deal.ErrStageRule, deal.ErrReason, deal.ErrClosed),
		command("send-quote", "Record that a quote went out", sellers, c.Deals.SendQuote, gone, domain.ErrMoney, deal.ErrCurrency, deal.ErrClosed),
		command("sign-contract", "Record that the customer signed", sellers, c.Deals.SignContract,
			gone, domain.ErrMoney, deal.ErrCurrency, deal.ErrSigned, deal.ErrClosed),
		command("record-payment", "Record money received; payment in full wins the deal", sellers, c.Deals.RecordPayment,
			gone, domain.ErrMoney, deal.ErrCurrency, deal.ErrNotSigned, deal.ErrOverpaid, deal.ErrClosed),
		command("win-deal", "Close a deal as won", sellers, c.Deals.Win, gone, domain.ErrMoney, deal.ErrCurrency, deal.ErrClosed),
		command("lose-deal", "Close a deal as lost", sellers, c.Deals.Lose, gone, deal.ErrReason, deal.ErrClosed),
		command("reopen-deal", "Take back that a deal was won or lost", sellers, c.Deals.Reopen, gone, deal.ErrReason, deal.ErrOpen),
		command("assign-deal", "Give a deal to another owner", sellers, c.Deals.Assign, gone),
		command("change-deal-details", "Change what describes a deal", sellers, c.Deals.ChangeDetails,
			gone, domain.ErrMoney, deal.ErrCurrency, deal.ErrClosed, customer.ErrNotFound),
	}
}

func (c *Commands) onTickets() []route {
	var (
		anyone = roles(access.Service, access.Application).own(access.Sales).team(access.Manager) // RB-02, RB-03
		agents = roles(access.Service, access.Application).team(access.Manager)
		gone   = ticket.ErrNotFound
	)
	return []route{
		command("open-ticket", "Open a service ticket", anyone, c.Tickets.Open, ticket.ErrExists, ticket.ErrNotFound, customer.ErrNotFound).creating("tickets"),
		command("triage-ticket", "Sort a ticket anew", agents, c.Tickets.Triage, gone),
		command("assign-ticket", "Hand a ticket to an agent", agents, c.Tickets.Assign, gone, ticket.ErrResolved, ticket.ErrClosed),
		command("reply-to-ticket", "Answer the customer, or leave a note", anyone, c.Tickets.Reply, gone),
		command("receive-message", "Record a message from the customer", anyone, c.Tickets.Receive, gone),
		command("wait-for-customer", "Let a ticket wait, which may pause its clocks", agents, c.Tickets.Wait, gone, ticket.ErrResolved, ticket.ErrClosed),
		command("resume-ticket", "End the waiting", agents, c.Tickets.Resume, gone, ticket.ErrResolved, ticket.ErrClosed),
		command("propose-solution", "Propose a solution to the customer", agents, c.Tickets.Propose, gone, ticket.ErrResolved, ticket.ErrClosed),
		command("resolve-ticket", "Say that the problem is solved", agents, c.Tickets.Resolve, gone, ticket.ErrClosed),
		command("close-ticket", "Close a resolved ticket", agents, c.Tickets.Close, gone, ticket.ErrNotResolved),
		command("reopen-ticket", "Take back that a ticket was resolved", anyone, c.Tickets.Reopen, gone, ticket.ErrNotResolved, ticket.ErrGraceOver),
		command("log-ticket-activity", "Record a step of work", agents, c.Tickets.LogActivity, gone),
	}
}

func (c *Commands) onAnalyses() []route {
	var (
		analysts = roles(access.Analyst, access.Auditor)
		gone     = analysis.ErrNotFound
	)
	return []route{
		command("start-analysis", "Work metrics out under other assumptions, and what differs", analysts, c.Analyses.Start,
			policy.ErrPack, policy.ErrNoVersion, projections.ErrNoMetric, projections.ErrNoDefinition, projections.ErrDimension, projections.ErrCoarse,
			projections.ErrSpan, projections.ErrTooManyRows).creating("analyses"),
		command("cancel-analysis", "Give an analysis up", analysts, c.Analyses.Cancel, gone, analysis.ErrEnded),
		command("end-shadow", "Keep the report of a shadow as it stands, and end it", analysts, c.Analyses.EndShadow,
			gone, analysis.ErrEnded, analysis.ErrNoShadow, analysis.ErrNoReport),
	}
}

func (c *Commands) onTheProgram() []route {
	admins := roles(access.Admin)
	return append([]route{
		command("publish-policy", "Put a process pack into force", admins, c.Policies.Publish, policy.ErrPack),
		command("issue-token", "Let somebody call the API", admins, noFurther(c.Tokens.Issue),
			access.ErrTokenExists, access.ErrNameTaken, access.ErrNoAccount, access.ErrDisabled),
		command("revoke-token", "End a token", admins, c.Tokens.Revoke, access.ErrNoToken),
		command("create-service-account", "Let tokens be issued for a program", admins, c.Tokens.CreateAccount, access.ErrNameTaken),
		command("change-service-account", "Say anew what a service account is for, who answers for it and what it may do", admins, c.Tokens.ChangeAccount, access.ErrNoAccount),
		command("disable-service-account", "End all tokens of a service account", admins, c.Tokens.DisableAccount, access.ErrNoAccount),
		command("enable-service-account", "Let tokens be issued for a service account again", admins, c.Tokens.EnableAccount, access.ErrNoAccount),
	}, c.onReadModels()...)
}

// tagged groups routes in the reference.
func tagged(tag string, routes []route) []route {
	for i := range routes {
		routes[i].tag = tag
	}
	return routes
}

func errs(all ...*domain.Error) []*domain.Error { return all }
