package importer

import (
	"time"

	"github.com/annals-crm/annals/domain"
)

// Plan is what one row (or the rows of one case) asks for.
type Plan struct {
	Line       int // of its first row
	Rows       int // of the file
	ExternalID string
	Customer   *Customer
	Steps      []Step
	Notices    []string // codes of what the user should know though nothing is wrong
}

// Customer is the one a plan belongs to. The first plan that meets it has it
// registered.
type Customer struct {
	Name     string
	Industry string
	Since    *time.Time // the earliest time of the file that knows it
}

// Step is one command. Its name within the plan goes into the idempotency key.
type Step struct {
	Name    string
	Command string
	Body    func(IDs) any
}

// IDs are known only once earlier commands have been answered.
type IDs struct{ Customer, Record string }

// Codes of notices.
const (
	NoticeOpenedNow = "opened_now" // no opening day in the source
)

// The bodies of the commands. They carry exactly what the interface takes.
type (
	registerCustomer struct {
		Kind       string     `json:"kind"`
		Name       string     `json:"name"`
		Industry   string     `json:"industry,omitempty"`
		OccurredAt *time.Time `json:"occurred_at,omitempty"`
	}
	openDeal struct {
		Title      string        `json:"title"`
		CustomerID string        `json:"customer_id,omitempty"`
		Owner      string        `json:"owner,omitempty"`
		Amount     *domain.Money `json:"amount,omitempty"`
		Product    string        `json:"product,omitempty"`
		Region     string        `json:"region,omitempty"`
		Source     string        `json:"source,omitempty"`
		ExternalID string        `json:"external_id,omitempty"`
		OccurredAt *time.Time    `json:"occurred_at,omitempty"`
	}
	moveDeal struct {
		DealID     string     `json:"deal_id"`
		Stage      string     `json:"stage"`
		OccurredAt *time.Time `json:"occurred_at,omitempty"`
	}
	winDeal struct {
		DealID     string        `json:"deal_id"`
		Amount     *domain.Money `json:"amount,omitempty"`
		OccurredAt time.Time     `json:"occurred_at"`
	}
	loseDeal struct {
		DealID     string    `json:"deal_id"`
		Reason     string    `json:"reason"`
		OccurredAt time.Time `json:"occurred_at"`
	}
	openTicket struct {
		Subject     string    `json:"subject"`
		Description string    `json:"description,omitempty"`
		Channel     string    `json:"channel,omitempty"`
		Priority    string    `json:"priority,omitempty"`
		Complexity  string    `json:"complexity,omitempty"`
		Type        string    `json:"type,omitempty"`
		Attribute   string    `json:"attribute,omitempty"`
		Category    string    `json:"category,omitempty"`
		Scene       string    `json:"scene,omitempty"`
		CustomerID  string    `json:"customer_id,omitempty"`
		ExternalID  string    `json:"external_id,omitempty"`
		OccurredAt  time.Time `json:"occurred_at"`
	}
	logActivity struct {
		TicketID   string    `json:"ticket_id"`
		Activity   string    `json:"activity"`
		Note       string    `json:"note,omitempty"`
		OccurredAt time.Time `json:"occurred_at"`
	}
	resolveTicket struct {
		TicketID   string    `json:"ticket_id"`
		Solution   string    `json:"solution,omitempty"`
		OccurredAt time.Time `json:"occurred_at"`
	}
)
