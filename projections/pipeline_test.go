package projections_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

func TestBoard(t *testing.T) {
	pipeline := projections.Pipeline{Views: projectionstest.Folded(t, projections.DealModel, dealHistory()...)}

	board, err := pipeline.Board(t.Context(), projections.BoardFilter{Limit: 1})
	require.NoError(t, err)
	require.Equal(t, policy.Standard().Sales.StageNames(), stages(board))
	assert.Equal(t, domain.Position{Commit: 1800, Prepare: 1800}, board.Position)
	eur := func(minor int64) domain.Money { return domain.Money{Minor: minor, Currency: "EUR"} }

	lead, quote := board.Stages[0], board.Stages[2]
	assert.Equal(t, int64(2), lead.Deals)
	assert.Equal(t, []domain.Money{cny(300), eur(70)}, lead.Amount)
	assert.Equal(t, []domain.Money{cny(30), eur(7)}, lead.Weighted)
	assert.Equal(t, []string{"d"}, ids(t, projections.List{Items: lead.Items}))
	assert.NotEmpty(t, lead.Next)
	assert.Equal(t, []domain.Money{cny(50)}, quote.Weighted)
	assert.Empty(t, quote.Next)
	assert.Equal(t, projections.BoardStage{
		Stage: policy.Payment, Amount: []domain.Money{}, Weighted: []domain.Money{}, Items: []json.RawMessage{},
	}, board.Stages[4], "an empty stage is shown, and e, which is closed, counts nowhere")
	assert.Equal(t, int64(3), board.Deals)
	assert.Equal(t, []domain.Money{cny(400), eur(70)}, board.Amount)
	assert.Equal(t, []domain.Money{cny(80), eur(7)}, board.Weighted)

	next, err := projections.Deals(pipeline).List(t.Context(), projections.DealFilter{Stage: policy.Lead, Sort: "opened", Paging: projections.Paging{Cursor: lead.Next}})
	require.NoError(t, err)
	assert.Equal(t, []string{"c"}, ids(t, next), "the list of the stage goes on where the board ends")

	board, err = pipeline.Board(t.Context(), projections.BoardFilter{Owner: "alice"})
	require.NoError(t, err)
	assert.Equal(t, int64(2), board.Deals)
	assert.Equal(t, []domain.Money{cny(80)}, board.Weighted)
	assert.Empty(t, board.Stages[0].Items)
}

func TestBoardKeepsTheOrderOfThePolicy(t *testing.T) {
	published := func(names ...string) projectionstest.Fact {
		pack := policy.Standard()
		pack.Sales.Stages = nil
		for _, name := range names {
			pack.Sales.Stages = append(pack.Sales.Stages, policy.Stage{Name: name})
		}
		return projectionstest.Fact{Stream: "policy-standard", Event: policy.Published{Pack: pack}}
	}
	strange := of("z", deal.Opened{DealID: "z", Stage: "strange", Amount: cny(0), OpenedOn: "2024-05-01"})
	for name, test := range map[string]struct {
		given []projectionstest.Fact
		want  []string
	}{
		"standard until one is published": {nil, policy.Standard().Sales.StageNames()},
		"of the latest, with what earlier ones had and what deals have at the end": {
			[]projectionstest.Fact{published("x", "y"), strange, published("y", "w")}, []string{"y", "w", "x", "strange"},
		},
	} {
		events := projectionstest.History(test.given...)
		projectionstest.Equivalent(t, projections.DealModel, events...)
		pipeline := projections.Pipeline{Views: projectionstest.Folded(t, projections.DealModel, events...)}
		board, err := pipeline.Board(t.Context(), projections.BoardFilter{})
		require.NoError(t, err)
		assert.Equal(t, test.want, stages(board), name)
	}
}

func stages(b projections.Board) []string {
	var names []string
	for _, s := range b.Stages {
		names = append(names, s.Stage)
	}
	return names
}
