package customer

import (
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// Manual is the trigger of a stage that a person set.
const Manual = "manual"

// ChangeStage puts the customer into a lifecycle stage by hand, against what
// its deals say; a reason is needed (X4). It fails with ErrNotFound,
// ErrUnknownStage, ErrReason, input.ErrInvalid or input.ErrOutOfOrder.
func (c Customer) ChangeStage(to, reason string, p policy.Version, at time.Time) ([]Event, error) {
	if c.ID == "" {
		return nil, ErrNotFound
	}
	var check input.Checker
	check.Text("reason", &reason)
	if err := check.Err(); err != nil {
		return nil, err
	}
	if err := knownStage(to, p.Pack.Customers); err != nil {
		return nil, err
	}
	switch {
	case to == c.Stage:
		return nil, nil
	case reason == "":
		return nil, ErrReason.Because("changing the lifecycle stage by hand needs a reason")
	}
	at, err := input.NotBefore(at, c.StageSince)
	if err != nil {
		return nil, err
	}
	return []Event{LifecycleStageChanged{
		CustomerID: c.ID, Owner: c.Owner, From: c.Stage, To: to, Trigger: Manual, Reason: reason,
		EnteredAt: c.StageSince, EffectiveAt: at,
	}}, nil
}

func knownStage(stage string, rules policy.Customers) error {
	if names := rules.StageNames(); !slices.Contains(names, stage) {
		return ErrUnknownStage.Because("the policy has no lifecycle stage %q; it has %s", stage, strings.Join(names, ", "))
	}
	return nil
}
