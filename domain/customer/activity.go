package customer

import (
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// Directions of an interaction.
const (
	Inbound  = "inbound"
	Outbound = "outbound"
)

// Interaction is a time we were in touch with the customer.
type Interaction struct {
	InteractionID string
	Direction     string
	Channel       string
	TwoWay        bool // of an outbound one: the customer was reached and answered
	Summary       string
	ContactID     string
	DealID        string
	TicketID      string
}

// LogInteraction records that we were in touch (AU-06). What comes in is always
// two-way. It may have happened before the customer was registered. It fails
// with ErrNotFound, ErrNoContact or input.ErrInvalid.
func (c Customer) LogInteraction(in Interaction, p policy.Version, at time.Time) ([]Event, error) {
	if c.ID == "" {
		return nil, ErrNotFound
	}
	var check input.Checker
	check.Required("interaction_id", in.InteractionID)
	check.Required("direction", in.Direction)
	check.OneOf("direction", in.Direction, []string{Inbound, Outbound})
	check.Required("channel", in.Channel)
	check.OneOf("channel", in.Channel, p.Pack.Customers.InteractionChannels)
	check.Text("summary", &in.Summary)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if in.ContactID != "" {
		if _, err := c.contact(in.ContactID); err != nil {
			return nil, err
		}
	}
	return []Event{InteractionLogged{
		CustomerID: c.ID, InteractionID: in.InteractionID, Direction: in.Direction, Channel: in.Channel,
		TwoWay: in.TwoWay || in.Direction == Inbound, Summary: in.Summary, ContactID: in.ContactID,
		DealID: in.DealID, TicketID: in.TicketID, Owner: c.Owner, At: domain.Instant(at),
	}}, nil
}

// AddTag tags the customer in a dimension of the policy (CM-18, CM-25). In a
// dimension that takes one value it replaces the old one (CM-24). A tag the
// customer has changes nothing. It fails with ErrNotFound, ErrUnknownDimension,
// ErrUnknownTagValue, ErrTooMany or input.ErrInvalid.
func (c Customer) AddTag(in Tag, p policy.Version) ([]Event, error) {
	if c.ID == "" {
		return nil, ErrNotFound
	}
	var check input.Checker
	check.RequiredName("dimension", &in.Dimension)
	check.RequiredName("value", &in.Value)
	if err := check.Err(); err != nil {
		return nil, err
	}
	rule, ok := p.Pack.Customers.TagDimension(in.Dimension)
	switch {
	case !ok:
		var names []string
		for _, d := range p.Pack.Customers.TagDimensions {
			names = append(names, d.Name)
		}
		return nil, ErrUnknownDimension.Because("the policy has no tag dimension %q; it has %s", in.Dimension, strings.Join(names, ", "))
	case len(rule.Values) > 0 && !slices.Contains(rule.Values, in.Value):
		return nil, ErrUnknownTagValue.Because("the tag dimension %s has no value %q; it has %s", rule.Name, in.Value, strings.Join(rule.Values, ", "))
	case slices.Contains(c.Tags, in):
		return nil, nil
	}
	x := decision{customer: c}
	if rule.Exclusive {
		for _, old := range c.Tags {
			if old.Dimension == in.Dimension {
				x.record(TagRemoved{CustomerID: c.ID, Tag: old, ReplacedBy: in.Value})
			}
		}
	}
	if n := len(x.customer.Tags); n >= MaxTags {
		return nil, ErrTooMany.Because("the customer has %d tags; remove one first", n)
	}
	x.record(TagAdded{CustomerID: c.ID, Tag: in})
	return x.events, nil
}

// RemoveTag takes a tag away; one the customer does not have changes nothing.
// It fails with ErrNotFound.
func (c Customer) RemoveTag(tag Tag) ([]Event, error) {
	if c.ID == "" {
		return nil, ErrNotFound
	}
	if !slices.Contains(c.Tags, tag) {
		return nil, nil
	}
	return []Event{TagRemoved{CustomerID: c.ID, Tag: tag}}, nil
}
