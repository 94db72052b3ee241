package policy

import (
	"slices"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/period"
)

// Customers is what the pack says about customers.
type Customers struct {
	NumberPattern         string           `json:"number_pattern" doc:"How customers are numbered" example:"{YYYYMM}-{seq:3}"`                                      // CM-05
	NumberPatterns        []string         `json:"number_patterns" doc:"Patterns to choose from"`                                                                   // CM-06
	EntryDeadlineSeconds  int64            `json:"entry_deadline_seconds" doc:"Time to enter a customer after meeting it" example:"86400"`                          // CM-10
	RequiredFields        []string         `json:"required_fields" doc:"Without these a customer cannot be registered"`                                             // DG-08
	ProfileFields         []string         `json:"profile_fields" doc:"A profile is complete when these are filled"`                                                // CM-02, definitions 5.8
	LifecycleStages       []LifecycleStage `json:"lifecycle_stages" doc:"In order"`                                                                                 // LC-01
	ExistingAfterWonDeals int              `json:"existing_after_won_deals" doc:"Won deals that make a customer an existing one" example:"1"`                       // X3
	ExistingAfterMonths   int              `json:"existing_after_months" doc:"0: only a repurchase counts"`                                                         // X3
	ChurnAfter            period.Span      `json:"churn_after" doc:"Without a contract and an order for so long: churned; P3M are months, P90D days" example:"P3M"` // X1
	CoolingAfter          period.Span      `json:"cooling_after" doc:"Out of touch for so long: cooling; at least P7D" example:"P3M"`                               // X1, LC-05
	DormantAfter          period.Span      `json:"dormant_after" doc:"Out of touch for so long: dormant" example:"P6M"`                                             // X1, LC-06
	ValueTiers            []ValueTier      `json:"value_tiers" doc:"From the highest to the lowest"`                                                                // LC-09, X6
	ValueWindowDays       int              `json:"value_window_days" doc:"Days that count for the value of a customer" example:"365"`                               // X7
	ValueBasis            string           `json:"value_basis" doc:"What the value is made of: contracts signed, or money received" enum:"signed,paid"`             // X7
	Types                 []string         `json:"types" doc:"Types of customers"`                                                                                  // FB-06
	AcquisitionChannels   []string         `json:"acquisition_channels" doc:"Lawful sources of customers"`                                                          // CM-07..CM-09
	InteractionChannels   []string         `json:"interaction_channels" doc:"Channels to be in touch through"`
	NeedTypes             []string         `json:"need_types" doc:"Kinds of needs"`                                                           // CM-27
	ContactRoles          []string         `json:"contact_roles" doc:"Roles of contacts in decisions"`                                        // CM-13
	TagDimensions         []TagDimension   `json:"tag_dimensions" doc:"Dimensions that customers are tagged in"`                              // CM-18..CM-26
	CompletionReward      CompletionReward `json:"completion_reward"`                                                                         // DG-04
	WinBackWindowDays     int              `json:"win_back_window_days" doc:"Days in which a lost customer counts as won back" example:"180"` // definitions 5.7
	ConversionWindowDays  int              `json:"conversion_window_days" doc:"From potential to won, for AN-01"`                             // definitions 5.4
}

// LifecycleStage is one stage a customer can be in, and what brings it there.
type LifecycleStage struct {
	Name      string `json:"name" doc:"Name" example:"potential"`
	Criterion string `json:"criterion" doc:"What brings a customer into it" example:"first contact"`
}

// The stages of the standard pack (LC-01).
const (
	Potential  = "potential"
	Interested = "interested"
	ClosedWon  = "closed_won"
	Existing   = "existing"
	Churned    = "churned"
)

// ValueTier takes the customers whose value is From or more, up to the next
// higher tier.
type ValueTier struct {
	Name string `json:"name" doc:"Name" example:"gold"`
	From int64  `json:"from" doc:"Minor units"`
}

// TagDimension is one way to sort customers by. Without Values any value goes.
type TagDimension struct {
	Name      string   `json:"name" doc:"Name" example:"industry"`
	Values    []string `json:"values,omitempty" doc:"Values there are; any if empty"`
	Exclusive bool     `json:"exclusive,omitempty" doc:"A new value replaces the old one"`
}

// CompletionReward pays Amount for every full Fields valid completions.
type CompletionReward struct {
	Fields   int          `json:"fields" doc:"Fields to fill in for it" example:"5"`
	Amount   domain.Money `json:"amount"`
	HoldDays int          `json:"hold_days" doc:"A completion counts when it is still valid after these days"`
}

// StageNames lists the lifecycle stages in order.
func (c Customers) StageNames() []string {
	names := make([]string, len(c.LifecycleStages))
	for i, s := range c.LifecycleStages {
		names[i] = s.Name
	}
	return names
}

// TagDimension finds a dimension by name.
func (c Customers) TagDimension(name string) (TagDimension, bool) {
	i := slices.IndexFunc(c.TagDimensions, func(d TagDimension) bool { return d.Name == name })
	if i < 0 {
		return TagDimension{}, false
	}
	return c.TagDimensions[i], true
}

// Tier is the value tier of a customer worth minor units (X6: half-open).
func (c Customers) Tier(minor int64) string {
	for _, t := range c.ValueTiers {
		if minor >= t.From {
			return t.Name
		}
	}
	return ""
}
