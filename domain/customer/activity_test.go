package customer_test

import (
	"fmt"
	"testing"

	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/input"
)

func TestLogInteraction(t *testing.T) {
	log := func(direction, channel string, twoWay bool) when {
		return func(c customer.Customer) (events, error) {
			return c.LogInteraction(customer.Interaction{
				InteractionID: "i1", Direction: direction, Channel: channel, TwoWay: twoWay, Summary: "asked about after-sales", DealID: "d1",
			}, std, day1.AddDate(0, -1, 0))
		}
	}
	logged := func(direction string, twoWay bool) customer.InteractionLogged {
		return customer.InteractionLogged{
			CustomerID: "c1", InteractionID: "i1", Direction: direction, Channel: "phone", TwoWay: twoWay,
			Summary: "asked about after-sales", DealID: "d1", Owner: "ann", At: day1.AddDate(0, -1, 0),
		}
	}
	domaintest.Run(t, customer.Aggregate, cases{
		{Name: "5.7 what comes in is two-way; before the registration", Given: events{registered}, When: log("inbound", "phone", false), Then: events{logged("inbound", true)}},
		{Name: "5.7 what goes out is not by itself", Given: events{registered}, When: log("outbound", "phone", false), Then: events{logged("outbound", false)}},
		{Name: "unless the customer was reached", Given: events{registered}, When: log("outbound", "phone", true), Then: events{logged("outbound", true)}},
		{Name: "unknown direction", Given: events{registered}, When: log("sideways", "phone", true), Err: input.ErrInvalid.In("direction")},
		{Name: "no channel", Given: events{registered}, When: log("inbound", "", true), Err: input.ErrInvalid.In("channel")},
		{Name: "unknown channel", Given: events{registered}, When: log("inbound", "pigeon", true), Err: input.ErrInvalid.In("channel")},
		{Name: "never registered", When: log("inbound", "phone", true), Err: customer.ErrNotFound},
	})
}

func TestTags(t *testing.T) {
	add := func(dimension, value string) when {
		return func(c customer.Customer) (events, error) {
			return c.AddTag(customer.Tag{Dimension: dimension, Value: value}, std)
		}
	}
	remove := func(dimension, value string) when {
		return func(c customer.Customer) (events, error) {
			return c.RemoveTag(customer.Tag{Dimension: dimension, Value: value})
		}
	}
	added := func(dimension, value string) customer.TagAdded {
		return customer.TagAdded{CustomerID: "c1", Tag: customer.Tag{Dimension: dimension, Value: value}}
	}
	removed := func(dimension, value, by string) customer.TagRemoved {
		return customer.TagRemoved{CustomerID: "c1", Tag: customer.Tag{Dimension: dimension, Value: value}, ReplacedBy: by}
	}
	full := events{registered, added("grade", "dormant")}
	for i := range customer.MaxTags - 1 {
		full = append(full, added("demand", fmt.Sprint(i)))
	}
	domaintest.Run(t, customer.Aggregate, cases{
		{Name: "CM-18", Given: events{registered}, When: add("demand", " training "), Then: events{added("demand", "training")}},
		{Name: "CM-18 several of one dimension", Given: events{registered, added("demand", "training")}, When: add("demand", "logistics"), Then: events{added("demand", "logistics")}},
		{Name: "has it", Given: events{registered, added("demand", "training")}, When: add("demand", "training"), Then: nil},
		{
			Name: "CM-24 CM-26 a grade replaces the old one", Given: events{registered, added("grade", "potential")}, When: add("grade", "strategic"),
			Then: events{removed("grade", "potential", "strategic"), added("grade", "strategic")},
		},
		{Name: "CM-25 unknown dimension", Given: events{registered}, When: add("mood", "good"), Err: customer.ErrUnknownDimension.In("dimension"), Says: "demand, industry, risk"},
		{Name: "CM-26 unknown value", Given: events{registered}, When: add("grade", "nice"), Err: customer.ErrUnknownTagValue.In("value"), Says: "strategic, potential, dormant"},
		{Name: "no value", Given: events{registered}, When: add("demand", ""), Err: input.ErrInvalid.In("value")},
		{Name: "no more fit", Given: full, When: add("demand", "x"), Err: customer.ErrTooMany},
		{Name: "replacing still fits", Given: full, When: add("grade", "strategic"), Then: events{removed("grade", "dormant", "strategic"), added("grade", "strategic")}},
		{Name: "tag for nobody", When: add("demand", "x"), Err: customer.ErrNotFound},

		{Name: "removed", Given: events{registered, added("demand", "training")}, When: remove("demand", "training"), Then: events{removed("demand", "training", "")}},
		{Name: "not there", Given: events{registered}, When: remove("demand", "training"), Then: nil},
		{Name: "removed already", Given: events{registered, added("demand", "x"), removed("demand", "x", "")}, When: remove("demand", "x"), Then: nil},
		{Name: "untag nobody", When: remove("demand", "x"), Err: customer.ErrNotFound},
	})
}

func TestAssign(t *testing.T) {
	assign := func(owner string) when {
		return func(c customer.Customer) (events, error) { return c.Assign(owner) }
	}
	toBob := customer.OwnerAssigned{CustomerID: "c1", From: "ann", To: "bob"}
	domaintest.Run(t, customer.Aggregate, cases{
		{Name: "RB-07 names both", Given: events{registered}, When: assign("bob"), Then: events{toBob}},
		{Name: "to its owner", Given: events{registered, toBob}, When: assign("bob"), Then: nil},
		{Name: "to nobody", Given: events{registered}, When: assign(""), Err: input.ErrInvalid.In("owner")},
		{Name: "to the program", Given: events{registered}, When: assign("System"), Err: input.ErrInvalid.In("owner"), Says: "no records"},
		{Name: "never registered", When: assign("bob"), Err: customer.ErrNotFound},
	})
}

func TestChangeStage(t *testing.T) {
	change := func(to, reason string, days int) when {
		return func(c customer.Customer) (events, error) {
			return c.ChangeStage(to, reason, std, day1.AddDate(0, 0, days))
		}
	}
	changed := customer.LifecycleStageChanged{
		CustomerID: "c1", Owner: "ann", From: "potential", To: "interested", Trigger: "manual", Reason: "quoted by phone", EnteredAt: day1, EffectiveAt: day2,
	}
	domaintest.Run(t, customer.Aggregate, cases{
		{Name: "X4 by hand, with a reason", Given: events{registered}, When: change("interested", "quoted by phone", 1), Then: events{changed}},
		{Name: "X4 without one", Given: events{registered}, When: change("interested", "", 1), Err: customer.ErrReason.In("reason")},
		{Name: "to where it is", Given: events{registered, changed}, When: change("interested", "", 2), Then: nil},
		{Name: "LC-01 unknown", Given: events{registered}, When: change("won", "x", 1), Err: customer.ErrUnknownStage.In("stage"), Says: "potential, interested, closed_won, existing, churned"},
		{Name: "before it came to its stage", Given: events{registered, changed}, When: change("churned", "x", 0), Err: input.ErrOutOfOrder},
		{Name: "never registered", When: change("interested", "x", 1), Err: customer.ErrNotFound},
	})
}
