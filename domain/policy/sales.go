package policy

import "slices"

// Sales is what the pack says about the sales pipeline.
type Sales struct {
	Stages               []Stage  `json:"stages" doc:"In order"`                                                                            // SP-01
	FirstSolutionSeconds int64    `json:"first_solution_seconds" doc:"Time to the first solution of a deal" example:"259200"`               // SP-08
	NeedsAnswerSeconds   int64    `json:"needs_answer_seconds" doc:"Time to answer what a customer needs" example:"86400"`                  // SP-05
	HandoverSeconds      int64    `json:"handover_seconds,omitempty" doc:"Time to hand a won deal over; no deadline if 0" example:"172800"` // SP-13; 0: no deadline
	LossReasons          []string `json:"loss_reasons" doc:"Suggestions"`                                                                   // AN-13
}

// Stage is one stage of the pipeline. A deal enters it only when the fact it
// requires is recorded.
type Stage struct {
	Name        string `json:"name" doc:"Name" example:"quote"`
	Probability int    `json:"probability" doc:"Per cent"`
	Requires    Fact   `json:"requires,omitempty" doc:"Fact that must be recorded before" enum:"quote_sent,contract_signed,payment_received"`
}

// Fact is what can bring a deal into a stage.
type Fact string

// The facts a stage can require (SP-01, definitions 5.2).
const (
	QuoteSent       Fact = "quote_sent"
	ContractSigned  Fact = "contract_signed"
	PaymentReceived Fact = "payment_received"
)

// The stages of the standard pack (SP-01).
const (
	Lead        = "lead"
	Opportunity = "opportunity"
	Quote       = "quote"
	Deal        = "deal"
	Payment     = "payment"
)

// Order is the place of a stage in the pipeline; -1 if the pack has no such stage.
func (s Sales) Order(stage string) int {
	return slices.IndexFunc(s.Stages, func(x Stage) bool { return x.Name == stage })
}

// Probability of a stage in per cent; 0 if the pack has no such stage.
func (s Sales) Probability(stage string) int {
	if i := s.Order(stage); i >= 0 {
		return s.Stages[i].Probability
	}
	return 0
}

// StageNames lists the stages in order.
func (s Sales) StageNames() []string {
	names := make([]string, len(s.Stages))
	for i, x := range s.Stages {
		names[i] = x.Name
	}
	return names
}
