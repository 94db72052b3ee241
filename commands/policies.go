package commands

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain/policy"
)

// PolicyState is the policy, kept current in memory.
type PolicyState = Live[policy.Policy, policy.Event]

// PublishPolicy puts a process pack into force.
type PublishPolicy struct {
	At
	Pack          policy.Pack `json:"pack" doc:"The whole process pack; read the one in force, change it, send it back"`
	EffectiveFrom *time.Time  `json:"effective_from,omitempty" doc:"Business time from which it applies; now if left out. The first version applies to all time before" example:"2024-06-01T00:00:00Z"`
}

// Policies handles the commands on the process pack.
type Policies struct {
	loop  *Loop
	state *PolicyState
}

// NewPolicies answers once the policy it published is in force everywhere in
// this process.
func NewPolicies(loop *Loop, state *PolicyState) Policies { return Policies{loop, state} }

// Publish fails with policy.ErrPack, which names every problem of the pack.
func (h Policies) Publish(ctx context.Context, env Envelope, c PublishPolicy) (Result, error) {
	result, err := onNew(ctx, h.loop, policy.Aggregate, env, policy.StandardID, c, func(p policy.Policy, m moment) ([]policy.Event, error) {
		publishing := policy.Publishing{Pack: c.Pack, By: env.Actor.ID}
		if c.EffectiveFrom != nil {
			publishing.EffectiveFrom = *c.EffectiveFrom
		}
		return p.Publish(publishing, m.at)
	})
	if err != nil {
		return Result{}, within("pack.", err)
	}
	return result, h.state.Await(ctx, result.Revision)
}

// PublishStandard publishes the standard pack if nothing was published yet.
func (h Policies) PublishStandard(ctx context.Context) error {
	if len(h.state.State().Versions) > 0 {
		return nil
	}
	_, err := h.Publish(ctx, program("publish-policy", "the standard process pack"), PublishPolicy{Pack: policy.Standard()})
	return err
}
