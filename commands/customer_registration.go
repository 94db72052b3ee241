package commands

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
)

// RegisterCustomer starts a customer's file.
type RegisterCustomer struct {
	At
	Kind               string         `json:"kind,omitempty" doc:"organisation if left out" enum:"organisation,person" example:"organisation"`
	Name               string         `json:"name" doc:"Company name, or name of the person" minLength:"1" maxLength:"200" example:"Ningbo Precision Ltd"`
	Industry           string         `json:"industry,omitempty" doc:"Industry" maxLength:"200" example:"manufacturing"`
	City               string         `json:"city,omitempty" doc:"City" maxLength:"200" example:"Ningbo"`
	Region             string         `json:"region,omitempty" doc:"Region" maxLength:"200" example:"East"`
	Website            string         `json:"website,omitempty" doc:"Website" maxLength:"200" example:"ningbo-precision.example"`
	CreditCode         string         `json:"credit_code,omitempty" doc:"Unified social credit code; no other customer may have it" maxLength:"40" example:"91350100M000100Y43"`
	ExternalID         string         `json:"external_id,omitempty" doc:"Id in another system; no other customer may have it" maxLength:"200" example:"ERP-4711"`
	InitialNeed        string         `json:"initial_need,omitempty" doc:"What they first asked for" maxLength:"10000" example:"workstations for 200 engineers"`
	NeedType           string         `json:"need_type,omitempty" doc:"Kind of need, in the policy's words" maxLength:"100" example:"product_enquiry"`
	DecisionPreference string         `json:"decision_preference,omitempty" doc:"What their decision maker looks at" maxLength:"200" example:"price"`
	ParentID           string         `json:"parent_id,omitempty" doc:"Customer that is the group it belongs to" format:"uuid" example:"0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55"`
	Birthday           domain.Date    `json:"birthday,omitempty" doc:"Birthday of the person" format:"date" example:"1984-02-29"`
	Anniversary        domain.Date    `json:"anniversary,omitempty" doc:"Anniversary of the company" format:"date" example:"1996-10-01"`
	Source             Source         `json:"source,omitempty" doc:"Where the customer came from"`
	Owner              string         `json:"owner,omitempty" doc:"Contact on our side; the sender if left out" maxLength:"200" example:"ann"`
	Stage              string         `json:"stage,omitempty" doc:"Lifecycle stage; the policy's first if left out" maxLength:"100" example:"potential"`
	Contacts           []Contact      `json:"contacts,omitempty" doc:"Ways to reach the customer; no other customer may have the e-mail addresses" maxItems:"50"`
	Tags               []customer.Tag `json:"tags,omitempty" doc:"Tags in the policy's dimensions" maxItems:"100"`
}

// Source is where a customer came from.
type Source struct {
	Channel    string     `json:"channel,omitempty" doc:"Channel, in the policy's words" maxLength:"100" example:"trade_show"`
	Detail     string     `json:"detail,omitempty" doc:"Campaign, event or person" maxLength:"200" example:"Canton Fair 2024"`
	AcquiredAt *time.Time `json:"acquired_at,omitempty" doc:"When the information was obtained" example:"2024-05-30T06:00:00Z"`
}

// Contact is one way to reach a customer.
type Contact struct {
	Kind     string `json:"kind" doc:"What the value is" enum:"email,mobile,phone,wechat,address,other" example:"mobile"`
	Value    string `json:"value" doc:"E-mail addresses and mobile numbers are brought into their normal form" minLength:"1" maxLength:"200" example:"13800138000"`
	Person   string `json:"person,omitempty" doc:"Whom it reaches" maxLength:"200" example:"Li Wei"`
	Position string `json:"position,omitempty" doc:"Position of that person" maxLength:"200" example:"head of purchasing"`
	Role     string `json:"role,omitempty" doc:"Part in decisions, in the policy's words" maxLength:"100" example:"decision_maker"`
}

// Register claims the keys of the customer, takes a number, and records the
// file. It fails with reservation.ErrTaken, which names the customer that has a
// key, or with what the domain refuses.
func (h Customers) Register(ctx context.Context, env Envelope, c RegisterCustomer) (Result, error) {
	if c.Owner == "" {
		c.Owner = env.Actor.ID
	}
	id := derived(env.CommandID, customer.Aggregate.Category).String()
	if err := known(ctx, h.Loop, env, customer.Aggregate, "parent_id", c.ParentID); err != nil {
		return Result{}, err
	}
	in := c.registration(env, id)
	repeated, err := h.repeated(ctx, env, id)
	if err != nil {
		return Result{}, err
	}
	finish := func(bool) {}
	if !repeated {
		if finish, err = h.reserve(ctx, env, &in); err != nil {
			return Result{}, err
		}
	}
	result, err := onNew(ctx, h.Loop, customer.Aggregate, env, id, c, func(state customer.Customer, m moment) ([]customer.Event, error) {
		return state.Register(in, m.policy, m.at)
	})
	finish(err == nil)
	return result, err
}

// repeated tells whether a command under a caller's key was carried out before.
func (h Customers) repeated(ctx context.Context, env Envelope, id string) (bool, error) {
	if env.Fresh {
		return false, nil
	}
	for _, err := range h.Loop.store.Read(ctx, customer.Aggregate.Stream(id), 0) {
		return err == nil, err
	}
	return false, nil
}

// reserve decides once without recording, so that no key is claimed and no
// number taken for a file that the domain refuses.
func (h Customers) reserve(ctx context.Context, env Envelope, in *customer.Registration) (finish func(bool), err error) {
	m, err := h.Loop.moment(env)
	if err != nil {
		return nil, err
	}
	var none customer.Customer
	events, err := none.Register(*in, m.policy, m.at)
	if err != nil {
		return nil, err
	}
	if err := seesNew(ctx, h.Loop, env, customer.Aggregate, events); err != nil {
		return nil, err
	}
	if finish, err = h.Reservations.hold(ctx, env, in.CustomerID, none, events); err != nil {
		return nil, err
	}
	in.Number, err = h.Numbers.assign(ctx, numberRequest{
		env: env, holder: in.CustomerID, pattern: m.policy.Pack.Customers.NumberPattern, at: m.at, zone: m.policy.Pack.Location(), policy: m.policy.Number,
	})
	if err != nil {
		finish(false)
	}
	return finish, err
}

func (c RegisterCustomer) registration(env Envelope, id string) customer.Registration {
	in := customer.Registration{
		CustomerID: id, Kind: c.Kind, Owner: c.Owner, Stage: c.Stage, Tags: c.Tags,
		Details: customer.Details{
			Name: c.Name, Industry: c.Industry, City: c.City, Region: c.Region, Website: c.Website,
			CreditCode: c.CreditCode, ExternalID: c.ExternalID, InitialNeed: c.InitialNeed, NeedType: c.NeedType,
			DecisionPreference: c.DecisionPreference, ParentID: c.ParentID, Birthday: c.Birthday, Anniversary: c.Anniversary,
		},
		Source: customer.Source{Channel: c.Source.Channel, Detail: c.Source.Detail},
	}
	if c.Source.AcquiredAt != nil {
		in.Source.AcquiredAt = *c.Source.AcquiredAt
	}
	for i, contact := range c.Contacts {
		in.Contacts = append(in.Contacts, contact.as(derivedAt(env.CommandID, "contact", i)))
	}
	return in
}

func (c Contact) as(id string) customer.Contact {
	return customer.Contact{ID: id, Kind: c.Kind, Value: c.Value, Person: c.Person, Position: c.Position, Role: c.Role}
}
