package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/deal"
	"github.com/annals-crm/annals/domain/policy"
	"github.com/annals-crm/annals/domain/ticket"
)

// What each role may do stands in one table, to be read by people: an operation
// that is not in it, or a right that differs from it, fails here.
func TestRightsAreAsDeclared(t *testing.T) {
	p := startProgram(t)
	var b strings.Builder
	fmt.Fprintf(&b, "%-28s", "operation")
	for _, role := range access.Roles {
		fmt.Fprintf(&b, " %-11s", role)
	}
	ops := operations(p.service)
	slices.SortFunc(ops, func(a, b *huma.Operation) int { return strings.Compare(a.OperationID, b.OperationID) })
	for _, op := range ops {
		byRole, ok := op.Extensions["x-roles"].(map[string]string)
		require.True(t, ok, op.OperationID)
		fmt.Fprintf(&b, "\n%-28s", op.OperationID)
		for _, role := range access.Roles {
			fmt.Fprintf(&b, " %-11s", orDefault(byRole[role], "-"))
		}
	}
	table := strings.ReplaceAll(b.String(), " \n", "\n") + "\n"
	const path = "testdata/rights.txt"
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(table), 0o600))
	}
	want, err := os.ReadFile(path)
	require.NoError(t, err)
	assert.Equal(t, string(want), table, "if this is meant: go test ./adapters/httpapi -run TestRightsAreAsDeclared -update")
}

// staff is an organisation in which mia manages ann, tom stands in for ann, and
// vic for mia.
type staff struct{}

func (staff) Represents(member string, _ time.Time) []string {
	return map[string][]string{"tom": {"ann"}, "vic": {"mia"}}[member]
}

func (staff) Team(member string) []string {
	if member == "mia" {
		return []string{"ann", "mia"}
	}
	return []string{member}
}

// The records of two owners. Deal and ticket of each belong to their customer, and
// somebody else works on them.
type belongings struct{ customer, deal, ticket string }

var (
	anns = belongings{"aaaaaaaa-0000-5000-8000-000000000001", "aaaaaaaa-0000-5000-8000-000000000002", "aaaaaaaa-0000-5000-8000-000000000003"}
	bobs = belongings{"bbbbbbbb-0000-5000-8000-000000000001", "bbbbbbbb-0000-5000-8000-000000000002", "bbbbbbbb-0000-5000-8000-000000000003"}
)

func (b belongings) of(noun string) string {
	return map[string]string{"customer": b.customer, "deal": b.deal, "ticket": b.ticket}[noun]
}

func startOffice(t *testing.T) *program {
	t.Helper()
	p := startProgram(t)
	p.haveExamples(t)
	for owner, has := range map[string]belongings{"ann": anns, "bob": bobs} {
		contact := customer.Contact{ID: jobID, Kind: customer.Mobile, Value: "13800138000", Person: owner + "'s customer"}
		opened := deal.Opened{DealID: has.deal, CustomerID: has.customer, Title: "Deal of " + owner, Owner: "kim", Amount: domain.Money{Minor: 100, Currency: "CNY"}, Stage: policy.Lead}
		asked := ticket.Opened{TicketID: has.ticket, CustomerID: has.customer, Subject: "Ticket of " + owner, Assignee: "sue", Description: "call 13800138000, or li@ningbo.example"}
		p.record(t, customer.Aggregate.Stream(has.customer),
			customer.Registered{CustomerID: has.customer, Kind: customer.Organisation, Details: customer.Details{Name: "Customer of " + owner}, Owner: owner, Stage: "potential", RegisteredAt: started},
			customer.ContactAdded{CustomerID: has.customer, Contact: contact})
		p.record(t, deal.Aggregate.Stream(has.deal), opened)
		p.record(t, ticket.Aggregate.Stream(has.ticket), asked)
	}
	return p
}

var started = time.Date(2026, 1, 18, 2, 0, 0, 0, time.UTC)

func (p *program) record(t *testing.T, stream string, events ...domain.Event) {
	t.Helper()
	var all []domain.NewEvent
	for _, e := range events {
		all = append(all, domain.NewEvent{ID: uuid.NewString(), Event: e, Meta: domain.Meta{OccurredAt: started}})
	}
	_, err := p.log.Append(t.Context(), stream, commands.NoStream, all)
	require.NoError(t, err)
}

func (p *program) as(t *testing.T, token, method, target, body string) (status int, code, text string) {
	t.Helper()
	w := httptest.NewRecorder()
	p.ServeHTTP(w, request(t, method, target, token, body))
	var problem Problem
	if w.Code >= 400 {
		problem = problemIn(t, w)
	}
	return w.Code, problem.Code, w.Body.String()
}

// Every operation, as every role, on a record within reach and on one beyond.
func TestRightsHoldForEveryOperation(t *testing.T) {
	p := startOffice(t)
	for _, op := range operations(p.service) {
		if op.Method == http.MethodPost {
			startOffice(t).tryAllRoles(t, op) // it changes records
		} else {
			p.tryAllRoles(t, op)
		}
	}
}

func (p *program) tryAllRoles(t *testing.T, op *huma.Operation) {
	t.Helper()
	byRole, _ := op.Extensions["x-roles"].(map[string]string)
	noun, target, body := requestOf(t, op)
	for _, role := range access.Roles {
		right := byRole[role]
		for caller, within := range map[string]map[string]bool{"ann": {"own": true, "team": true}, "mia": {"team": true}, "tom": {"own": true, "team": true}, "vic": {"own": true, "team": true}, "zoe": {}} {
			token := role + ":" + caller
			if right == "" {
				status, code, _ := p.as(t, token, op.Method, target(anns), body(anns))
				assert.Equal(t, http.StatusForbidden, status, "%s as %s", op.OperationID, token)
				assert.Equal(t, "forbidden", code)
				continue
			}
			all := right == "all" || right == "masked"
			for _, of := range []belongings{anns, bobs} {
				status, code, text := p.as(t, token, op.Method, target(of), body(of))
				assert.NotEqual(t, "forbidden", code, "%s as %s", op.OperationID, token)
				assert.Less(t, status, 500, "%s as %s: %s", op.OperationID, token, text)
				sees := all || of == anns && within[right]
				if noun != "" {
					absent := slices.Contains([]string{"customer_not_found", "deal_not_found", "ticket_not_found"}, code)
					assert.Equal(t, !sees, absent, "%s of %s as %s: %s", op.OperationID, of.of(noun), token, text)
				}
				for _, hidden := range []belongings{anns, bobs} {
					if noun == "" && !all && (hidden != anns || !within[right]) {
						for _, id := range []string{hidden.customer, hidden.deal, hidden.ticket} {
							assert.NotContains(t, text, id, "%s as %s", op.OperationID, token)
						}
					}
				}
				if right == "masked" {
					assert.NotContains(t, text, "13800138000", "%s as %s", op.OperationID, token)
					assert.NotContains(t, text, "li@ningbo", "%s as %s", op.OperationID, token)
				}
			}
		}
	}
}

// requestOf makes an example request about a record; noun is what kind of record
// the operation is on, if it is on one.
func requestOf(t *testing.T, op *huma.Operation) (noun string, target, body func(belongings) string) {
	t.Helper()
	example := map[string]json.RawMessage{}
	if op.RequestBody != nil {
		text, err := json.Marshal(op.RequestBody.Content["application/json"].Example)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &example))
	}
	for _, n := range []string{"customer", "deal", "ticket"} {
		if strings.Contains(op.Path, "/"+n+"s/{id}") {
			noun = n
		}
		if _, ok := example[n+"_id"]; ok && noun == "" {
			noun = n
		}
	}
	target = func(b belongings) string {
		return strings.ReplaceAll(exampleOf(op), jobID, orDefault(b.of(noun), jobID))
	}
	body = func(b belongings) string {
		if op.RequestBody == nil {
			return ""
		}
		for _, n := range []string{"customer", "deal", "ticket"} {
			if _, ok := example[n+"_id"]; ok {
				example[n+"_id"] = json.RawMessage(`"` + b.of(n) + `"`)
			}
		}
		if _, ok := example["linked_to"]; ok {
			example["linked_to"] = json.RawMessage(`"` + b.ticket + `"`)
		}
		delete(example, "parent_id")
		text, err := json.Marshal(example)
		require.NoError(t, err)
		return string(text)
	}
	return noun, target, body
}
