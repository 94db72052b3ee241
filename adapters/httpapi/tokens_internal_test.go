package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/tokenuse"
	"github.com/annals-crm/annals/projections"
)

func TestLastUseOfTokens(t *testing.T) {
	p := startProgram(t)
	for _, name := range []string{"ann", "bob"} {
		_, hash := commands.NewSecret()
		w := p.do(t, http.MethodPost, "/v1/commands/issue-token", `{"name":"`+name+`","hash":"`+hash+`","roles":["sales"]}`)
		require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	}
	all := tokensOf(t, p.service)
	assert.True(t, all.LastUseKnown)
	assert.Nil(t, all.Items[0].LastUsed)

	hour := time.Date(2026, 1, 18, 23, 0, 0, 0, time.UTC)
	p.log.Given(t, tokenuse.Aggregate.Stream("1"), tokenuse.Noted{TokenID: all.Items[0].ID, Hour: hour})
	all = tokensOf(t, p.service)
	require.NotNil(t, all.Items[0].LastUsed)
	assert.Equal(t, hour, *all.Items[0].LastUsed)
	assert.Nil(t, all.Items[1].LastUsed)
}

// Who has to revoke a token finds its id also when there are no read models.
func TestTokensAreListedWithoutReadModels(t *testing.T) {
	state := access.Evolve(access.Tokens{}, access.TokenIssued{TokenID: jobID, Name: "ann", Kind: access.Person, Roles: []string{"sales"}})
	for _, err := range []error{domain.ErrUnavailable, projections.ErrBuilding} {
		q := &Queries{Views: outOfReach{err: err}, Tokens: heldTokens{state}, Now: time.Now}
		all, listed := q.tokens(t.Context())
		require.NoError(t, listed)
		assert.Len(t, all.Items, 1)
		assert.False(t, all.LastUseKnown)
	}
}

func tokensOf(t *testing.T, s *service) TokenList {
	t.Helper()
	f := &fixture{service: s}
	w := f.do(t, http.MethodGet, "/v1/queries/tokens", "auditor", "")
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var all TokenList
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &all))
	return all
}

// heldTokens is a state that nothing follows.
type heldTokens struct{ all access.Tokens }

func (h heldTokens) State() access.Tokens { return h.all }

type outOfReach struct {
	projections.Views
	err error
}

func (o outOfReach) Scan(context.Context, projections.Model, projections.Scan) (projections.Scanned, error) {
	return projections.Scanned{}, o.err
}
