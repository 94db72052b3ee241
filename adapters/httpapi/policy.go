package httpapi

import (
	"context"
	"time"

	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/domain/policy"
)

// PolicyFilter asks for the process pack.
type PolicyFilter struct {
	At time.Time `query:"at" doc:"Business time to show the pack of; now if left out" example:"2024-06-01T00:00:00Z"`
}

// PolicyAnswer is the process pack that applies at a time.
type PolicyAnswer struct {
	policy.Version
	Versions []PublishedVersion `json:"versions" doc:"Every version published, in that order" nullable:"false"`
}

// PublishedVersion names one version.
type PublishedVersion struct {
	Number        int       `json:"number" doc:"Number of the version; 0 is the pack the product ships" example:"2"`
	EffectiveFrom time.Time `json:"effective_from,omitzero" doc:"Business time from which it applies; the first applies to all time before, too"`
	PublishedBy   string    `json:"published_by,omitempty" doc:"Who published it" example:"ann"`
}

// PolicyNumber asks for one version.
type PolicyNumber struct {
	Number int `path:"number" doc:"Number of the version; 0 is the pack the product ships" minimum:"0" example:"2"`
}

// PolicyDiffFilter asks for what differs between two versions.
type PolicyDiffFilter struct {
	From int `query:"from" required:"true" doc:"Number of the one version; 0 is the pack the product ships" minimum:"0" example:"1"`
	To   int `query:"to" required:"true" doc:"Number of the other one" minimum:"0" example:"2"`
}

// PolicyDiff is what differs between two versions.
type PolicyDiff struct {
	From        PublishedVersion        `json:"from" doc:"The one version"`
	To          PublishedVersion        `json:"to" doc:"The other one"`
	Differences []difference.Difference `json:"differences" doc:"Fields of the pack that differ, from what to what" nullable:"false"`
}

// onPolicies are the queries about the process pack.
func (q *Queries) onPolicies() []route {
	return []route{
		figures("policies", "policies", "Read the process pack in force at a time, and which versions there are", everyone(), q.policies),
		figures("policies/diff", "policy-diff", "Read what differs between two versions of the process pack", everyone(), q.policyDiff).failing(policy.ErrNoVersion),
		figures("policies/{number}", "policy-version", "Read one version of the process pack", everyone(), q.policyVersion).failing(policy.ErrNoVersion),
	}
}

func (q *Queries) policies(_ context.Context, f PolicyFilter) (PolicyAnswer, error) {
	if f.At.IsZero() {
		f.At = q.Now()
	}
	all := q.Policy.State()
	answer := PolicyAnswer{Version: all.InForce(f.At), Versions: make([]PublishedVersion, len(all.Versions))}
	for i, v := range all.Versions {
		answer.Versions[i] = versionOf(v)
	}
	return answer, nil
}

func (q *Queries) policyVersion(_ context.Context, in PolicyNumber) (policy.Version, error) {
	return q.Policy.State().Numbered(in.Number)
}

func (q *Queries) policyDiff(_ context.Context, f PolicyDiffFilter) (PolicyDiff, error) {
	from, err := q.Policy.State().Numbered(f.From)
	if err != nil {
		return PolicyDiff{}, err
	}
	to, err := q.Policy.State().Numbered(f.To)
	if err != nil {
		return PolicyDiff{}, err
	}
	diff := PolicyDiff{From: versionOf(from), To: versionOf(to)}
	if diff.Differences, err = from.Pack.Diff(to.Pack); diff.Differences == nil {
		diff.Differences = []difference.Difference{}
	}
	return diff, err
}

func versionOf(v policy.Version) PublishedVersion {
	return PublishedVersion{v.Number, v.EffectiveFrom, v.PublishedBy}
}
