package customer_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/reservation"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, customer.Types) }

type (
	events = []customer.Event
	cases  = []domaintest.Case[customer.Customer, customer.Event]
	when   = func(customer.Customer) (events, error)
)

var (
	std    = policy.Version{Number: 1, Pack: policy.Standard()}
	day1   = time.Date(2024, 5, 1, 1, 0, 0, 0, time.UTC)
	day2   = day1.AddDate(0, 0, 1)
	haiTai = customer.Details{Name: "海泰机械", Industry: "manufacturing"}

	registered = customer.Registered{
		CustomerID: "c1", Number: "202405-001", Kind: "organisation", Details: haiTai, Owner: "ann", Stage: "potential", RegisteredAt: day1,
	}
	mail   = customer.Contact{ID: "k1", Kind: "email", Value: "wang@haitai.example", Person: "王芳", Role: "decision_maker"}
	mobile = customer.Contact{ID: "k2", Kind: "mobile", Value: "+8613800138000", Person: "王芳"}

	mailAdded   = customer.ContactAdded{CustomerID: "c1", Contact: mail}
	mobileAdded = customer.ContactAdded{CustomerID: "c1", Contact: mobile}
	confirmed   = customer.ContactVerified{CustomerID: "c1", Contact: mobile, Confirmations: 1}
	verified    = customer.ContactVerified{CustomerID: "c1", Contact: mobile, Confirmations: 2, Verified: true}
)

func TestRegister(t *testing.T) {
	register := func(change func(*customer.Registration), rules policy.Version) when {
		return func(c customer.Customer) (events, error) {
			in := customer.Registration{CustomerID: "c1", Number: "202405-001", Details: haiTai, Owner: "ann"}
			change(&in)
			return c.Register(in, rules, day1)
		}
	}
	as := func(change func(*customer.Registration)) when { return register(change, std) }
	strict := std
	strict.Pack.Customers.RequiredFields = []string{"name", "industry", "city", "owner", "source_channel", "acquired_at", "contact"}
	imported := registered
	imported.Kind, imported.Stage = "person", "existing"
	imported.Source = customer.Source{Channel: "trade_show", Detail: "Canton Fair", AcquiredAt: day1}
	training := customer.Tag{Dimension: "demand", Value: "training"}
	domaintest.Run(t, customer.Aggregate, cases{
		{Name: "CM-01 the least", When: as(func(*customer.Registration) {}), Then: events{registered}},
		{
			Name: "CM-02 SP-02 the most", Then: events{imported, mailAdded, mobileAdded, customer.TagAdded{CustomerID: "c1", Tag: training}},
			When: as(func(in *customer.Registration) {
				in.Kind, in.Stage, in.Source = "person", "existing", customer.Source{Channel: "trade_show", Detail: " Canton Fair ", AcquiredAt: day1}
				typed := mobile
				typed.Value = "138 0013-8000"
				in.Contacts, in.Tags = []customer.Contact{mail, typed}, []customer.Tag{training, training}
			}),
		},
		{Name: "twice", Given: events{registered}, When: as(func(*customer.Registration) {}), Err: customer.ErrExists},
		{Name: "DG-08 no name", When: as(func(in *customer.Registration) { in.Details.Name = " " }), Err: input.ErrInvalid.In("name")},
		{Name: "DG-08 what the policy asks for", When: register(func(*customer.Registration) {}, strict), Err: input.ErrInvalid.In("city"), Says: "asks for city"},
		{Name: "neither organisation nor person", When: as(func(in *customer.Registration) { in.Kind = "dog" }), Err: input.ErrInvalid.In("kind")},
		{Name: "LC-01 unknown stage", When: as(func(in *customer.Registration) { in.Stage = "won" }), Err: customer.ErrUnknownStage.In("stage"), Says: "potential, interested"},
		{Name: "CM-09 unlawful source", When: as(func(in *customer.Registration) { in.Source.Channel = "bought_list" }), Err: input.ErrInvalid.In("source.channel")},
		{Name: "bad contact", When: as(func(in *customer.Registration) { in.Contacts = []customer.Contact{{ID: "k"}} }), Err: input.ErrInvalid.In("kind")},
		{Name: "bad tag", When: as(func(in *customer.Registration) { in.Tags = []customer.Tag{{Dimension: "x", Value: "y"}} }), Err: customer.ErrUnknownDimension},
		{Name: "bad credit code", When: as(func(in *customer.Registration) { in.Details.CreditCode = "123" }), Err: input.ErrInvalid.In("credit_code"), Says: "has 18"},
		{Name: "too long", When: as(func(in *customer.Registration) { in.Details.City = strings.Repeat("长", 201) }), Err: input.ErrInvalid.In("city"), Says: "201"},
	})
}

func TestEveryProblemAtOnce(t *testing.T) {
	_, err := customer.Customer{}.Register(customer.Registration{CustomerID: "c1", Kind: "dog", Details: customer.Details{Birthday: "x"}}, std, day1)
	var refusal *domain.Error
	assert.ErrorAs(t, err, &refusal)
	problems, ok := refusal.Details.([]input.Problem)
	assert.True(t, ok)
	assert.Len(t, problems, 3)
}

func TestChange(t *testing.T) {
	text := func(s string) *string { return &s }
	day := domain.Date("1980-02-29")
	change := func(in customer.Edit) when {
		return func(c customer.Customer) (events, error) { return c.Change(in, std) }
	}
	changed := customer.DetailsChanged{CustomerID: "c1", Changes: []customer.Change{
		{Field: "industry", From: "manufacturing", To: ""},
		{Field: "city", To: "宁波"},
		{Field: "credit_code", To: "91350100M000100Y43"},
		{Field: "birthday", To: "1980-02-29"},
	}}
	domaintest.Run(t, customer.Aggregate, cases{
		{
			Name: "only what differs", Given: events{registered}, Then: events{changed},
			When: change(customer.Edit{Name: text("海泰机械 "), Industry: text(""), City: text("宁波"), CreditCode: text("91350100m000100y43"), Birthday: &day}),
		},
		{Name: "nothing differs", Given: events{registered, changed}, When: change(customer.Edit{City: text("宁波"), Industry: text("")}), Then: nil},
		{Name: "name cleared", Given: events{registered}, When: change(customer.Edit{Name: text("")}), Err: input.ErrInvalid.In("name")},
		{Name: "CM-27 unknown need", Given: events{registered}, When: change(customer.Edit{NeedType: text("x")}), Err: input.ErrInvalid.In("need_type")},
		{Name: "CM-15 its own parent", Given: events{registered}, When: change(customer.Edit{ParentID: text("c1")}), Err: input.ErrInvalid.In("parent_id")},
		{Name: "never registered", When: change(customer.Edit{}), Err: customer.ErrNotFound},
	})
}

func TestRecordSource(t *testing.T) {
	source := func(to customer.Source) when {
		return func(c customer.Customer) (events, error) { return c.RecordSource(to, std) }
	}
	recorded := customer.SourceRecorded{CustomerID: "c1", To: customer.Source{Channel: "partner", AcquiredAt: day1}}
	inShanghai := day1.In(std.Pack.Location())
	domaintest.Run(t, customer.Aggregate, cases{
		{Name: "CM-07", Given: events{registered}, When: source(customer.Source{Channel: "partner", AcquiredAt: inShanghai}), Then: events{recorded}},
		{Name: "the same", Given: events{registered, recorded}, When: source(recorded.To), Then: nil},
		{Name: "CM-09 unlawful", Given: events{registered}, When: source(customer.Source{Channel: "x"}), Err: input.ErrInvalid.In("source.channel")},
		{Name: "never registered", When: source(recorded.To), Err: customer.ErrNotFound},
	})
}

func TestContacts(t *testing.T) {
	add := func(in customer.Contact) when {
		return func(c customer.Customer) (events, error) { return c.AddContact(in, std) }
	}
	verify := func(id string) when {
		return func(c customer.Customer) (events, error) { return c.VerifyContact(id) }
	}
	remove := func(id string) when {
		return func(c customer.Customer) (events, error) { return c.RemoveContact(id, " dead number ") }
	}
	with := func(change func(*customer.Contact)) customer.Contact {
		contact := mail
		change(&contact)
		return contact
	}
	full := events{registered}
	for i := range customer.MaxContacts {
		full = append(full, customer.ContactAdded{CustomerID: "c1", Contact: customer.Contact{ID: fmt.Sprint(i), Kind: "wechat", Value: fmt.Sprint(i)}})
	}
	reachable := events{registered, mailAdded, mobileAdded}
	removed := customer.ContactRemoved{CustomerID: "c1", Contact: mobile, Confirmations: 2, Verified: true, Reason: "dead number"}
	domaintest.Run(t, customer.Aggregate, cases{
		{Name: "normalised", Given: events{registered}, When: add(with(func(k *customer.Contact) { k.Value = " Wang@HaiTai.example" })), Then: events{mailAdded}},
		{Name: "the same again", Given: reachable, When: add(with(func(k *customer.Contact) { k.ID = "k9" })), Then: nil},
		{Name: "the same with another role", Given: reachable, When: add(with(func(k *customer.Contact) { k.Role = "user" })), Err: customer.ErrContactExists},
		{
			Name: "one number, two people", Given: reachable, When: add(with(func(k *customer.Contact) { k.ID, k.Person = "k9", "李伟" })),
			Then: events{customer.ContactAdded{CustomerID: "c1", Contact: with(func(k *customer.Contact) { k.ID, k.Person = "k9", "李伟" })}},
		},
		{Name: "an id twice", Given: reachable, When: add(with(func(k *customer.Contact) { k.Value = "x@y.example" })), Err: customer.ErrContactExists.In("contact_id")},
		{Name: "CM-12 one digit short", Given: events{registered}, When: add(customer.Contact{ID: "k", Kind: "mobile", Value: "1380013800"}), Err: input.ErrInvalid.In("value"), Says: "1 too few"},
		{Name: "bad e-mail", Given: events{registered}, When: add(with(func(k *customer.Contact) { k.Value = "wang" })), Err: input.ErrInvalid.In("value")},
		{Name: "unknown kind", Given: events{registered}, When: add(with(func(k *customer.Contact) { k.Kind = "pigeon" })), Err: input.ErrInvalid.In("kind")},
		{Name: "CM-13 unknown role", Given: events{registered}, When: add(with(func(k *customer.Contact) { k.Role = "boss" })), Err: input.ErrInvalid.In("role"), Says: "decision_maker"},
		{Name: "no more fit", Given: full, When: add(mail), Err: customer.ErrTooMany},
		{Name: "never registered", When: add(mail), Err: customer.ErrNotFound},

		{Name: "CM-11 confirmed once", Given: reachable, When: verify("k2"), Then: events{confirmed}},
		{Name: "CM-11 confirmed twice is verified", Given: append(reachable[:3:3], confirmed), When: verify("k2"), Then: events{verified}},
		{Name: "verified already", Given: append(reachable[:3:3], confirmed, verified), When: verify("k2"), Then: nil},
		{Name: "verify what is not there", Given: reachable, When: verify("k3"), Err: customer.ErrNoContact.In("contact_id")},
		{Name: "verify for nobody", When: verify("k2"), Err: customer.ErrNotFound},

		{Name: "removed", Given: append(reachable[:3:3], confirmed, verified), When: remove("k2"), Then: events{removed}},
		{Name: "removed already", Given: append(reachable[:3:3], confirmed, verified, removed), When: remove("k2"), Err: customer.ErrNoContact},
		{Name: "remove from nobody", When: remove("k2"), Err: customer.ErrNotFound},
	})
}

func TestKeys(t *testing.T) {
	key := func(kind reservation.Kind, value string) reservation.Key {
		return reservation.Key{Kind: kind, Value: value}
	}
	tagged := customer.ContactAdded{CustomerID: "c1", Contact: customer.Contact{ID: "k3", Kind: "email", Value: "wang+crm@haitai.example"}}
	coded := registered
	coded.CreditCode, coded.ExternalID = "91350100M000100Y43", "X1"
	cleared := customer.DetailsChanged{CustomerID: "c1", Changes: []customer.Change{{Field: "external_id", From: "X1", To: "X2"}}}
	for _, tt := range []struct {
		name           string
		given, then    events
		claim, release []reservation.Key
	}{
		{"nothing that identifies", nil, events{registered}, nil, nil},
		{"credit code, external id, e-mail", nil, events{coded, mailAdded}, []reservation.Key{
			key("credit_code", "91350100M000100Y43"), key("external_id", "X1"), key("email", "wang@haitai.example"),
		}, nil},
		{"the same mailbox twice", events{registered, mailAdded}, events{tagged}, nil, nil},
		{"a mobile number once it is verified", events{registered, mobileAdded}, events{confirmed}, nil, nil},
		{"verified", events{registered, mobileAdded, confirmed}, events{verified}, []reservation.Key{key("mobile", "+8613800138000")}, nil},
		{"changed", events{coded}, events{cleared}, []reservation.Key{key("external_id", "X2")}, []reservation.Key{key("external_id", "X1")}},
		{"removed", events{registered, mailAdded}, events{customer.ContactRemoved{CustomerID: "c1", Contact: mail}}, nil, []reservation.Key{key("email", "wang@haitai.example")}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := domaintest.Fold(customer.Aggregate, tt.given...)
			claim, release := customer.Keys(before, tt.then)
			assert.Equal(t, tt.claim, claim)
			assert.Equal(t, tt.release, release)
			for _, k := range claim {
				assert.False(t, before.Holds(k))
			}
			for _, k := range release {
				assert.True(t, before.Holds(k))
			}
		})
	}
}
