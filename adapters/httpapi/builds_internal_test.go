package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/domain/readmodel"
	"github.com/annals-crm/annals/projections"
)

// keeper stands for a projector that keeps one read model, deals, of which one
// build is on its way and two events are parked.
type keeper struct{}

func (keeper) Builds(_ context.Context, readModel string) ([]Build, error) {
	if readModel != "deals" {
		return nil, errNoModel
	}
	return []Build{{ReadModel: "deals", Build: "3", Served: true, Phase: "complete"}, {ReadModel: "deals", Build: "3.1", Phase: "replaying"}}, nil
}

func (k keeper) all(ctx context.Context, readModel string) (BuildList, error) {
	all, err := k.Builds(ctx, readModel)
	return BuildList{all}, err
}

func (keeper) Parked(_ context.Context, readModel string) ([]projections.Parked, error) {
	if readModel != "deals" {
		return nil, errNoModel
	}
	return []projections.Parked{{Stream: "deal-1", Revision: 4, Reason: "bad bytes"}, {Stream: "deal-2", Revision: 0, Reason: "worse"}}, nil
}

func (k keeper) Rebuild(ctx context.Context, by string, c RebuildReadModels) (BuildList, error) {
	if len(c.ReadModels) == 0 {
		c.ReadModels = []string{"deals"}
	}
	l, err := k.all(ctx, c.ReadModels[0])
	if err == nil {
		l.Items[1].StartedBy, l.Items[1].NoSwitch = by, c.NoSwitch
	}
	return l, err
}

func (k keeper) Cancel(ctx context.Context, _ string, c ReadModelRef) (BuildList, error) {
	return k.all(ctx, c.ReadModel)
}

func (k keeper) Compare(ctx context.Context, _ string, c ReadModelRef) (BuildList, error) {
	return k.all(ctx, c.ReadModel)
}

func (k keeper) Switch(ctx context.Context, _ string, c ReadModelRef) (BuildList, error) {
	return k.all(ctx, c.ReadModel)
}

func (keeper) RollBack(context.Context, string, ReadModelRef) (BuildList, error) {
	return BuildList{}, errUnderWay
}

func (k keeper) Drop(ctx context.Context, _ string, c DropBuild) (BuildList, error) {
	return k.all(ctx, c.ReadModel)
}

func (keeper) Repair(context.Context, string, RepairRecord) (Repaired, error) {
	return Repaired{Build: "3", Counts: "kept", Differences: []difference.Difference{}}, nil
}

func (keeper) RetryParked(_ context.Context, _ string, c RetryParked) (Unparked, error) {
	if c.ReadModel != "deals" {
		return Unparked{}, errNoModel
	}
	return Unparked{Parked: []projections.Parked{}}, nil
}

func (keeper) DiscardParked(_ context.Context, env commands.Envelope, c DiscardParked) (Unparked, error) {
	if env.Actor.ID == "" || c.Reason == "" || env.Command != "discard-parked" {
		return Unparked{}, errNotParked
	}
	return Unparked{Discarded: 1, Parked: []projections.Parked{}}, nil
}

// State is one decision of the past.
func (keeper) State() readmodel.Decisions {
	given := readmodel.Discarded{Revision: 7, EventID: jobID, Type: "deal.won.v1"}
	return readmodel.Decisions{Discards: []readmodel.ParkedDiscarded{
		{ReadModel: "deals", Version: 2, Stream: "deal-1", Events: []readmodel.Discarded{given}, Reason: "first", DiscardedBy: "ann"},
		{ReadModel: "deals", Version: 3, Stream: "deal-2", Events: []readmodel.Discarded{given}, Reason: "second", DiscardedBy: "bob"},
		{ReadModel: "tickets", Version: 3, Stream: "ticket-2", Events: []readmodel.Discarded{given}, Reason: "third", DiscardedBy: "bob"},
	}}
}

func (p *program) ask(t *testing.T, method, path, token, body string, status int, out any) {
	t.Helper()
	r := request(t, method, path, token, body)
	w := &answerTo{header: http.Header{}}
	p.ServeHTTP(w, r)
	require.Equal(t, status, w.status, string(w.body))
	if out != nil {
		require.NoError(t, json.Unmarshal(w.body, out))
	}
}

type answerTo struct {
	header http.Header
	status int
	body   []byte
}

func (a *answerTo) Header() http.Header { return a.header }
func (a *answerTo) WriteHeader(s int)   { a.status = s }
func (a *answerTo) Write(b []byte) (int, error) {
	a.body = append(a.body, b...)
	return len(b), nil
}

func TestWhoMayDealWithBuilds(t *testing.T) {
	p := startProgram(t)
	var l BuildList
	p.ask(t, http.MethodGet, "/v1/queries/read-models/deals/builds", "auditor", "", http.StatusOK, &l)
	assert.Equal(t, "3.1", l.Items[1].Build)
	p.ask(t, http.MethodGet, "/v1/queries/read-models/deals/builds", "sales", "", http.StatusForbidden, nil)
	p.ask(t, http.MethodGet, "/v1/queries/read-models/none/builds", "auditor", "", http.StatusNotFound, nil)
	p.ask(t, http.MethodPost, "/v1/commands/rebuild-read-models", "auditor", `{"read_models":["deals"]}`, http.StatusForbidden, nil)
	p.ask(t, http.MethodPost, "/v1/commands/rebuild-read-models", "admin", `{"read_models":["deals"],"no_switch":true}`, http.StatusOK, &l)
	assert.Equal(t, "ann", l.Items[1].StartedBy, "the caller's name, not a field of the request")
	assert.True(t, l.Items[1].NoSwitch)
	p.ask(t, http.MethodPost, "/v1/commands/roll-back-build", "admin", `{"read_model":"deals"}`, http.StatusUnprocessableEntity, nil)
}

func TestParkedAndDiscarded(t *testing.T) {
	p := startProgram(t)
	var l ParkedList
	p.ask(t, http.MethodGet, "/v1/queries/read-models/deals/parked", "auditor", "", http.StatusOK, &l)
	assert.Len(t, l.Items, 2)
	assert.Equal(t, 2, l.Total)
	require.Len(t, l.Discarded, 2)
	assert.Equal(t, "second", l.Discarded[0].Reason, "the latest first")
	p.ask(t, http.MethodGet, "/v1/queries/read-models/deals/parked?stream=deal-1&limit=1", "auditor", "", http.StatusOK, &l)
	assert.Equal(t, uint64(4), l.Items[0].Revision)
	assert.Equal(t, "first", l.Discarded[0].Reason)
	p.ask(t, http.MethodPost, "/v1/commands/discard-parked", "admin", `{"read_model":"deals","stream":"deal-1"}`, http.StatusUnprocessableEntity, nil)
	p.ask(t, http.MethodPost, "/v1/commands/discard-parked", "admin", `{"read_model":"deals","stream":"deal-1","reason":"broken import"}`, http.StatusOK, nil)
}

func TestVersionsOfThePolicy(t *testing.T) {
	p := startProgram(t)
	var shipped struct {
		Number int
		Pack   map[string]json.RawMessage
	}
	p.ask(t, http.MethodGet, "/v1/queries/policies/0", "sales", "", http.StatusOK, &shipped)
	body := func(change func(map[string]json.RawMessage)) string {
		change(shipped.Pack)
		text, err := json.Marshal(map[string]any{"pack": shipped.Pack})
		require.NoError(t, err)
		return string(text)
	}
	p.ask(t, http.MethodPost, "/v1/commands/publish-policy", "admin", body(func(map[string]json.RawMessage) {}), http.StatusOK, nil)
	p.ask(t, http.MethodPost, "/v1/commands/publish-policy", "admin", body(func(pack map[string]json.RawMessage) { pack["currency"] = []byte(`"EUR"`) }), http.StatusOK, nil)

	var diff PolicyDiff
	p.ask(t, http.MethodGet, "/v1/queries/policies/diff?from=1&to=2", "sales", "", http.StatusOK, &diff)
	assert.Equal(t, []difference.Difference{{Path: "currency", From: "CNY", To: "EUR"}}, diff.Differences)
	assert.Equal(t, "ann", diff.To.PublishedBy)
	p.ask(t, http.MethodGet, "/v1/queries/policies/diff?from=0&to=1", "sales", "", http.StatusOK, &diff)
	assert.Empty(t, diff.Differences)
	p.ask(t, http.MethodGet, "/v1/queries/policies/diff?from=1", "sales", "", http.StatusUnprocessableEntity, nil)
	p.ask(t, http.MethodGet, "/v1/queries/policies/3", "sales", "", http.StatusNotFound, nil)

	var wrong Problem
	p.ask(t, http.MethodPost, "/v1/commands/publish-policy", "admin", body(func(pack map[string]json.RawMessage) {
		pack["zone"], pack["currency"] = []byte(`"Mars"`), []byte(`"Yuan"`)
	}), http.StatusUnprocessableEntity, &wrong)
	require.Len(t, wrong.Errors, 2)
	assert.Equal(t, "body.pack.zone", wrong.Errors[0].Location)
	assert.Equal(t, "body.pack.currency", wrong.Errors[1].Location)
}
