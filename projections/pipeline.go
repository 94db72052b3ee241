package projections

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
)

// Groups of counts behind the board, fields being what:currency:stage.
const (
	stageOrder    = "stages"       // stage -> its place from 1 on
	pipelineAll   = "pipeline"     // of all open deals
	pipelineOwner = "pipeline\x1f" // of one owner's
)

// publishStages keeps the order of stages: that of the latest policy, then
// stages only earlier ones had, where deals may still stand.
func (d *dealDocument) publishStages(_ domain.Recorded, e policy.Published) {
	stages := e.Pack.Sales.StageNames()
	for _, s := range d.Stages {
		if !slices.Contains(stages, s) {
			stages = append(stages, s)
		}
	}
	d.Stages = stages
}

func (d *dealDocument) stageFacts(f *Facts) {
	for i, stage := range d.Stages {
		f.Count(stageOrder, stage, int64(i+1))
	}
}

// pipelineFacts are over open deals only: a won or lost one weighs nothing
// (definitions 5.2). Weights are summed in per cent, and rounded once, at the end.
func (d *Deal) pipelineFacts(f *Facts) {
	if d.Status != deal.Open {
		return
	}
	where := d.Amount.Currency + ":" + d.Stage
	count, amount, weighted := "count:"+where, "amount:"+where, "weighted:"+where
	groups := [2]string{pipelineAll, pipelineOwner + d.Owner}
	for _, group := range groups[:] {
		f.Count(group, count, 1)
		f.Count(group, amount, d.Amount.Minor)
		f.Count(group, weighted, d.Amount.Minor*int64(d.Probability))
	}
}

// Pipeline answers what stands where.
type Pipeline struct{ Views Views }

// BoardFilter asks for the board.
type BoardFilter struct {
	Owner string `query:"owner" doc:"Only the deals of this owner" maxLength:"200" example:"ann"`
	Limit int    `query:"limit" doc:"Deals to show per stage, newest first; 0 for figures only" default:"20" minimum:"0" maximum:"200"`
}

// Board is the pipeline by stage, in the order of the policy. Figures are as of
// one position, over open deals.
type Board struct {
	Position domain.Position `json:"position" doc:"Log position the figures are as of"`
	Stages   []BoardStage    `json:"stages" doc:"In order" nullable:"false"`
	Deals    int64           `json:"deals" doc:"How many are open" example:"12"`
	Amount   []domain.Money  `json:"amount" doc:"What they are worth, by currency" nullable:"false"`
	Weighted []domain.Money  `json:"weighted" doc:"Sum of amount times probability, by currency" nullable:"false"`
}

// BoardStage is one column.
type BoardStage struct {
	Stage    string            `json:"stage" doc:"Name in the policy" example:"quote"`
	Deals    int64             `json:"deals" doc:"How many are open" example:"12"`
	Amount   []domain.Money    `json:"amount" doc:"What they are worth, by currency" nullable:"false"`
	Weighted []domain.Money    `json:"weighted" doc:"Sum of amount times probability, by currency" nullable:"false"`
	Items    []json.RawMessage `json:"items" doc:"First deals of the stage, newest first" nullable:"false"`
	Next     string            `json:"next,omitempty" doc:"Cursor to go on with in the list of deals by stage (and owner)"`
}

// Board returns the board. Its deals are read after its figures, so they may be
// a moment newer. Who does not see all deals gets figures of the owners within
// reach.
func (q Pipeline) Board(ctx context.Context, filter BoardFilter) (Board, error) {
	groups := pipelineGroups(filter.Owner, reachOf(ctx))
	figures, err := q.Views.Figures(restricted(ctx), DealModel, Ask{Groups: append(groups, stageOrder)})
	if err != nil {
		return Board{}, err
	}
	board := board(figures.Counts[stageOrder], sum(figures.Counts, groups))
	board.Position = figures.Position
	if filter.Limit <= 0 {
		return board, nil
	}
	reads, ctx := errgroup.WithContext(ctx)
	for i := range board.Stages {
		stage := &board.Stages[i]
		if stage.Deals == 0 {
			continue
		}
		reads.Go(func() error {
			page, err := Deals(q).List(ctx, DealFilter{Stage: stage.Stage, Owner: filter.Owner, Paging: Paging{Limit: filter.Limit}})
			stage.Items, stage.Next = page.Items, page.Next
			return err
		})
	}
	return board, reads.Wait() //nolint:wrapcheck // the errors are ours
}

// pipelineGroups are the groups of counts that add up to the deals of an owner, or
// to those of all within reach.
func pipelineGroups(owner string, reach access.Reach) []string {
	switch {
	case owner != "" && reach.Includes(owner):
		return []string{pipelineOwner + owner}
	case owner != "":
		return nil
	case !reach.Limited():
		return []string{pipelineAll}
	}
	groups := make([]string, len(reach.Owners()))
	for i, member := range reach.Owners() {
		groups[i] = pipelineOwner + member
	}
	return groups
}

func sum(counts map[string]map[string]int64, groups []string) map[string]int64 {
	if len(groups) == 1 {
		return counts[groups[0]]
	}
	all := map[string]int64{}
	for _, group := range groups {
		for field, n := range counts[group] {
			all[field] += n
		}
	}
	return all
}

func board(order, counts map[string]int64) Board {
	b := Board{}
	var total sums
	stages := map[string]*sums{}
	for field, n := range counts {
		what, rest, _ := strings.Cut(field, ":")
		currency, stage, _ := strings.Cut(rest, ":")
		if stages[stage] == nil {
			stages[stage] = &sums{}
		}
		stages[stage].add(what, currency, n)
		total.add(what, currency, n)
	}
	for _, stage := range inOrder(order, stages) {
		s := stages[stage]
		if s == nil {
			s = &sums{}
		}
		b.Stages = append(b.Stages, BoardStage{
			Stage: stage, Deals: s.deals, Amount: s.amount.list(), Weighted: s.weighted.hundredth(), Items: []json.RawMessage{},
		})
	}
	b.Deals, b.Amount, b.Weighted = total.deals, total.amount.list(), total.weighted.hundredth()
	return b
}

// inOrder lists the stages of the policy, which is the standard one until one is
// published, and then any others that deals stand in.
func inOrder(order map[string]int64, stages map[string]*sums) []string {
	var names []string
	if len(order) == 0 {
		names = policy.Standard().Sales.StageNames()
	}
	for stage := range order {
		names = append(names, stage)
	}
	slices.SortFunc(names[len(names)-len(order):], func(a, b string) int { return int(order[a] - order[b]) })
	known := len(names)
	for stage := range stages {
		if !slices.Contains(names, stage) {
			names = append(names, stage)
		}
	}
	slices.Sort(names[known:])
	return names
}
