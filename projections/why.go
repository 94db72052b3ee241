package projections

import (
	"context"
	"strings"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/policy"
)

// Rule says why a field is what it is, beyond which event made it so. Fields
// without a rule are explained by the event alone.
type Rule struct {
	Field string // as asked for
	Of    string // top-level field of the document it is part of; Field if empty
	Part  string // what the path of a change of it ends in, such as .breached_at; empty: any
	// Explain adds the rule and its inputs. It is called with the event that
	// changed the field last.
	Explain func(*reasoning)
	// Reckon, instead, works out a field that no document holds.
	Reckon func(*reasoning) (value any, causes []int, err error)
}

// Explanation is why a field of a record is what it is.
type Explanation struct {
	Record  Record         `json:"record" doc:"The record"`
	Field   string         `json:"field" doc:"The field asked about" example:"stage"`
	Value   any            `json:"value" doc:"What it is; null if nothing" example:"\"quote\""`
	Changes []Change       `json:"changes" doc:"What the cause changed of it; nothing if it never had a value" nullable:"false"`
	Cause   []HistoryEntry `json:"cause" doc:"The event that changed it last, or those it is reckoned from" nullable:"false"`
	With    []HistoryEntry `json:"with" doc:"What else the same command recorded" nullable:"false"`
	Rule    *RuleShown     `json:"rule,omitempty" doc:"The rule behind it, if one decided"`
	Inputs  []Input        `json:"inputs" doc:"What the rule was applied to" nullable:"false"`
	Times   int            `json:"times" doc:"How often it changed so far" example:"2"`
}

// RuleShown is a rule and where it stands.
type RuleShown struct {
	Text          string `json:"text" doc:"What the rule says" example:"a deal enters a stage when the fact it requires is recorded"`
	PolicyVersion int    `json:"policy_version,omitempty" doc:"Version of the process pack it stands in; none if it is not policy" example:"1"`
	Path          string `json:"path,omitempty" doc:"Where it stands in the pack" example:"sales.stages[quote]"`
	Value         any    `json:"value,omitempty" doc:"What stands there" example:"{\"name\":\"quote\",\"probability\":50,\"requires\":\"quote_sent\"}"`
}

// Input is one thing a rule was applied to.
type Input struct {
	Name    string `json:"name" doc:"What it is" example:"fact"`
	Value   any    `json:"value" doc:"What it was" example:"\"quote_sent\""`
	EventID string `json:"event_id,omitempty" doc:"The event it comes from, if another one than the cause"`
}

// reasoning is an explanation on its way.
type reasoning struct {
	*Explanation
	story  *story
	cause  *domain.Recorded // nil of what is reckoned
	policy policy.Policy
	at     time.Time // business time it is explained for
}

// Why explains a field of a record as of a point: any field of its document, a
// part of one (clocks[resolution].due_at), or one that its kind has a rule for.
// It fails with ErrNoField and the errors of Tell.
func (h History) Why(ctx context.Context, kind *Kind, id, field string, at Point) (Explanation, error) {
	s, err := h.story(ctx, kind, id, at)
	if err != nil {
		return Explanation{}, err
	}
	e := Explanation{Field: field, Changes: []Change{}, Cause: []HistoryEntry{}, With: []HistoryEntry{}, Inputs: []Input{}}
	if e.Record, err = s.record(); err != nil {
		return Explanation{}, err
	}
	x := &reasoning{Explanation: &e, story: s, policy: h.Policy(), at: at.AsOf}
	if x.at.IsZero() {
		x.at = h.Now()
	}
	rule := ruleFor(kind, field)
	if rule.Reckon != nil {
		value, causes, err := rule.Reckon(x)
		if err != nil {
			return Explanation{}, err
		}
		e.Value = value
		return e, x.tellCauses(causes)
	}
	if field == "" {
		return Explanation{}, ErrNoField.Because("say which field, as in field=stage")
	}
	last, err := x.lastChange(rule)
	if err != nil || last < 0 {
		return e, err
	}
	x.cause = s.events[last]
	if err := x.tellCauses([]int{last}); err != nil {
		return Explanation{}, err
	}
	if rule.Explain != nil {
		rule.Explain(x)
	}
	return e, nil
}

func ruleFor(kind *Kind, field string) Rule {
	for _, r := range kind.Rules {
		if r.Field == field {
			if r.Of == "" {
				r.Of = field
			}
			return r
		}
	}
	top := field
	if end := strings.IndexAny(field, ".["); end > 0 {
		top = field[:end]
	}
	return Rule{Field: field, Of: top}
}

// concerns tells whether a change at path is one of the field.
func (r Rule) concerns(path string) bool {
	if r.Part != "" {
		return strings.HasSuffix(path, r.Part)
	}
	rest, ok := strings.CutPrefix(path, r.Field)
	if ok && (rest == "" || rest[0] == '.' || rest[0] == '[') || r.Of != r.Field && path == r.Of {
		return true
	}
	return strings.HasPrefix(r.Field, path+".") || strings.HasPrefix(r.Field, path+"[") // all of what it is part of came or went
}

// rule states what decided; version 0 is a rule of the program.
func (x *reasoning) rule(version int, path string, value any, text string) {
	x.Rule = &RuleShown{Text: text, PolicyVersion: version, Path: path, Value: value}
}

func (x *reasoning) input(name string, value any) {
	x.Inputs = append(x.Inputs, Input{Name: name, Value: value})
}

func (x *reasoning) inputOf(r *domain.Recorded, name string, value any) {
	x.Inputs = append(x.Inputs, Input{Name: name, Value: value, EventID: r.ID})
}

// pack is a version of the process pack; the standard one before any was published.
func (x *reasoning) pack(version int) policy.Pack {
	if v, ok := x.policy.Version(version); ok {
		return v.Pack
	}
	return policy.Standard()
}
