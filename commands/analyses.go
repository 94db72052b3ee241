package commands

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/analysis"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// StartAnalysis asks for metrics under other assumptions, and for what differs.
type StartAnalysis struct {
	At
	Name     string       `json:"name" doc:"What to call it" minLength:"1" maxLength:"200" example:"first response in 30 minutes"`
	Metrics  []string     `json:"metrics" doc:"Names of the metrics" minItems:"1" maxItems:"20" nullable:"false" example:"[\"sla_compliance\"]"`
	Period   string       `json:"period,omitempty" doc:"How long a period is, in the organisation's zone; months if left out" enum:"day,week,month,quarter,year,whole" example:"month"`
	From     domain.Date  `json:"from,omitempty" doc:"A day of the first period; twelve periods if left out" format:"date" example:"2024-01-01"`
	To       domain.Date  `json:"to,omitempty" doc:"A day of the last period; the day the baseline is of if left out" format:"date" example:"2024-12-31"`
	By       string       `json:"by,omitempty" doc:"Break the metrics down by this dimension" maxLength:"50" example:"assignee"`
	Baseline AnalysisSide `json:"baseline,omitempty" doc:"What to compare with; how things are if left out"`
	Variant  AnalysisSide `json:"variant,omitempty" doc:"What to assume instead"`
	Shadow   bool         `json:"shadow,omitempty" doc:"Go on with the log until it is ended: try rules on what happens before they are put into force" example:"false"`
}

// AnalysisSide is what one side of an analysis assumes; nothing is what is the case.
type AnalysisSide struct {
	PolicyVersion *int           `json:"policy_version,omitempty" doc:"Version of the policy to put into force for all time; 0 is the pack the product ships" minimum:"0" example:"1"`
	Set           map[string]any `json:"set,omitempty" doc:"Fields to change in that version, or in the one in force, by their paths as differences between versions show them" example:"{\"tickets.sla[standard].targets[first_response].seconds\":1800}"`
	Definitions   map[string]int `json:"definitions,omitempty" doc:"Definitions of metrics other than the present ones" example:"{\"first_contact_resolution\":1}"`
	AsOf          *time.Time     `json:"as_of,omitempty" doc:"Leave out what happened later" example:"2024-03-31T16:00:00Z"`
	KnownAt       *time.Time     `json:"known_at,omitempty" doc:"Leave out what was recorded later" example:"2024-03-31T16:00:00Z"`
}

// AnalysisRef is embedded by the commands on one analysis.
type AnalysisRef struct {
	AnalysisID string `json:"analysis_id" doc:"Id of the analysis" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// CancelAnalysis gives an analysis up.
type CancelAnalysis struct {
	At
	AnalysisRef
}

// EndShadow makes the report of a shadow, as it stands, the last one.
type EndShadow struct {
	At
	AnalysisRef
}

// Analyses handles the commands on analyses.
type Analyses struct {
	Loop *Loop
	// Check tells whether a question can be answered.
	Check func(analysis.Started) error
	// Standing is the report of a shadow as it stands; nil if there is none yet.
	Standing func(ctx context.Context, id string) (*analysis.Completed, error)
}

// Start fails with input.ErrInvalid, policy.ErrPack, policy.ErrNoVersion, or as
// Check does.
func (h Analyses) Start(ctx context.Context, env Envelope, c StartAnalysis) (Result, error) {
	id := newID(env, analysis.Aggregate.Category, "")
	result, err := onNew(ctx, h.Loop, analysis.Aggregate, env, id, c, func(a analysis.Analysis, _ moment) ([]analysis.Event, error) {
		now := h.Loop.now() // what is known by then is recorded time, whenever somebody says that they asked
		started := analysis.Started{
			AnalysisID: id, Name: c.Name, Shadow: c.Shadow, StartedBy: env.Actor.ID,
			Question: analysis.Question{Metrics: c.Metrics, Period: c.Period, From: c.From, To: c.To, By: c.By},
		}
		if started.Period == "" {
			started.Period = "month"
		}
		var err error
		if started.Baseline, err = h.assumptions("baseline", c.Baseline, now); err != nil {
			return nil, err
		}
		if started.Variant, err = h.assumptions("variant", c.Variant, now); err != nil {
			return nil, err
		}
		events, err := a.Start(started, now)
		for _, e := range events {
			if e, ok := e.(analysis.Started); ok && err == nil {
				err = h.Check(e)
			}
		}
		return events, err
	})
	return existing(result, err, env, analysis.ErrExists, id)
}

// assumptions makes of what is to be changed the whole pack, so that the question
// stays the same whatever is published later.
func (h Analyses) assumptions(side string, in AnalysisSide, at time.Time) (analysis.Assumptions, error) {
	a := analysis.Assumptions{Set: in.Set, Definitions: in.Definitions}
	if in.AsOf != nil {
		a.AsOf = *in.AsOf
	}
	if in.KnownAt != nil {
		a.KnownAt = *in.KnownAt
	}
	if in.PolicyVersion == nil && len(in.Set) == 0 {
		return a, nil
	}
	from := h.Loop.policy.State().InForce(at)
	if in.PolicyVersion != nil {
		var err error
		if from, err = h.Loop.policy.State().Numbered(*in.PolicyVersion); err != nil {
			return a, err
		}
	}
	pack, err := from.Pack.With(in.Set)
	a.Pack, a.PolicyVersion = &pack, from.Number
	return a, within(side+".set.", err)
}

// within makes problems with fields of a pack problems with the field of the
// command that holds it.
func within(field string, err error) error {
	told, ok := errors.AsType[*domain.Error](err)
	if !ok || told.Code != policy.ErrPack.Code {
		return err
	}
	problems, _ := told.Details.([]input.Problem)
	problems = slices.Clone(problems)
	for i := range problems {
		problems[i].Field = field + problems[i].Field
	}
	return told.In(field + told.Field).With(problems)
}

// Cancel fails with analysis.ErrEnded.
func (h Analyses) Cancel(ctx context.Context, env Envelope, c CancelAnalysis) (Result, error) {
	return onOne(ctx, h.Loop, analysis.Aggregate, env, c.AnalysisID, c, func(a analysis.Analysis, m moment) ([]analysis.Event, error) {
		return a.Cancel(env.Actor.ID, m.at)
	})
}

// EndShadow fails with analysis.ErrEnded, ErrNoShadow or ErrNoReport.
func (h Analyses) EndShadow(ctx context.Context, env Envelope, c EndShadow) (Result, error) {
	standing, err := h.Standing(ctx, c.AnalysisID)
	if err != nil {
		return Result{}, err
	}
	return onOne(ctx, h.Loop, analysis.Aggregate, env, c.AnalysisID, c, func(a analysis.Analysis, m moment) ([]analysis.Event, error) {
		if standing != nil {
			last := *standing
			last.EndedBy, last.CompletedAt = env.Actor.ID, domain.Instant(m.at)
			return a.End(&last)
		}
		return a.End(nil)
	})
}

// Finish records what came of an analysis: analysis.Completed or Failed. The
// second one changes nothing.
func (h Analyses) Finish(ctx context.Context, id string, e analysis.Event) (Result, error) {
	env := program("finish-analysis", id)
	return onOne(ctx, h.Loop, analysis.Aggregate, env, id, id, func(a analysis.Analysis, _ moment) ([]analysis.Event, error) {
		return a.Finish(e)
	})
}
