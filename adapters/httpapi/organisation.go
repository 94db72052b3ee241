package httpapi

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/access"
	"github.com/annals-crm/annals/domain/organisation"
	"github.com/annals-crm/annals/projections"
)

// onOrganisation are the commands on departments, positions and members.
func (c *Commands) onOrganisation() []route {
	var (
		admins     = roles(access.Admin)
		themselves = everyoneOfTheirOwn().team(access.Manager)
		department = []*domain.Error{organisation.ErrNothing, organisation.ErrNoDepartment, organisation.ErrDepartmentClosed}
		position   = []*domain.Error{organisation.ErrNoPosition, organisation.ErrPositionClosed}
		place      = append(append(errs(organisation.ErrElsewhere), department...), position...)
		member     = []*domain.Error{organisation.ErrNothing, organisation.ErrNoMember}
	)
	return []route{
		command("open-department", "Open a department", admins, c.Organisation.OpenDepartment,
			append(errs(organisation.ErrDepartmentExists, organisation.ErrFull), department...)...),
		command("rename-department", "Give a department another name", admins, c.Organisation.RenameDepartment, append(errs(organisation.ErrDepartmentExists), department...)...),
		command("move-department", "Put a department, with all below it, under another one", admins, c.Organisation.MoveDepartment,
			append(errs(organisation.ErrDepartmentExists, organisation.ErrCycle, organisation.ErrFull), department...)...),
		command("close-department", "Close an empty department", admins, c.Organisation.CloseDepartment, organisation.ErrNothing, organisation.ErrNoDepartment, organisation.ErrNotEmpty),
		command("appoint-manager", "Say who manages a department", admins, c.Organisation.AppointManager, append(errs(organisation.ErrNoMember), department...)...),
		command("name-liaison", "Say who answers for the customer data of a department", admins, c.Organisation.NameLiaison, append(errs(organisation.ErrNoMember), department...)...),
		command("open-position", "Open a position in a department", admins, c.Organisation.OpenPosition,
			append(append(errs(organisation.ErrPositionExists, organisation.ErrFull), department...), position...)...),
		command("change-position", "Change what a position is called and which one it reports to", admins, c.Organisation.ChangePosition,
			append(errs(organisation.ErrNothing, organisation.ErrPositionExists, organisation.ErrCycle), position...)...),
		command("close-position", "Close a position that nobody holds", admins, c.Organisation.ClosePosition, organisation.ErrNothing, organisation.ErrNoPosition, organisation.ErrPositionHeld),
		command("add-member", "Say that somebody belongs to the organisation, or does again", admins, c.Organisation.Add,
			append(errs(organisation.ErrMemberExists, organisation.ErrFull), place...)...).creating("organisation/members"),
		command("rename-member", "Say what a member is called", admins, c.Organisation.Rename, member...),
		command("move-member", "Give a member another department or position", admins, c.Organisation.Move, append(errs(organisation.ErrNoMember), place...)...),
		command("remove-member", "Say that a member left; what they managed and stood in for ends with it", admins, c.Organisation.Remove, member...),
		command("name-substitute", "Say who stands in for a member; members do it for themselves, managers for their team", themselves, c.Organisation.NameSubstitute,
			append(errs(organisation.ErrNotOwn, organisation.ErrSelf, organisation.ErrOverlaps), member...)...),
		command("end-substitution", "End a substitution before its time; members do it for themselves, managers for their team", themselves, c.Organisation.EndSubstitution,
			organisation.ErrNothing, organisation.ErrNoSubstitution, organisation.ErrNotOwn),
		command("assign-project-role", "Give a member a role in the CRM project", admins, c.Organisation.AssignProjectRole, member...),
		command("withdraw-project-role", "Take a role in the CRM project from a member", admins, c.Organisation.WithdrawProjectRole, append(errs(organisation.ErrNoRole), member...)...),
	}
}

// onOrganisation are the queries about who belongs where.
func (q *Queries) onOrganisation(history projections.History) []route {
	var (
		all    = projections.Organisation{State: func() organisation.Organisation { return q.Organisation.State() }, Streams: history.Streams, Now: q.Now}
		future = errs(projections.ErrAsOfFuture, domain.ErrUnavailable)
	)
	return []route{
		figures("organisation", "organisation", "Read the tree of departments with positions, members and who manages, now or as of any time", everyone(), all.Tree).
			failing(append(future, organisation.ErrNoDepartment)...),
		memberList(all).failing(append(future, organisation.ErrNoDepartment, projections.ErrCursor)...),
		figures("organisation/members/{id}", "get-member", "Read where a member belonged when, and what they had to do", everyone(), all.Member).
			failing(append(future, organisation.ErrNoMember)...),
		past{history, projections.OrganisationKind(), everyone()}.ofOne(organisation.ID),
	}
}

type memberListOutput struct {
	Link string `header:"Link" doc:"Where the next page is" example:"</v1/queries/organisation/members?cursor=MjAyNC0wNS0zMQ>; rel=\"next\""`
	Body projections.MemberPage
}

// memberList declares the list of members.
func memberList(of projections.Organisation) route {
	return route{
		method: http.MethodGet, path: queryPath + "organisation/members", name: "list-members", tag: "queries", summary: "List members by name", who: everyone(),
		add: func(s *service, op huma.Operation, _ string) {
			register(s, op, func(ctx context.Context, f *projections.MemberFilter) (*memberListOutput, error) {
				page, err := of.Members(ctx, *f)
				if err != nil {
					return nil, err
				}
				return &memberListOutput{nextLink(callOf(ctx).request.URL, page.Next), page}, nil
			})
		},
	}
}

type oneHistoryInput struct {
	projections.HistoryFilter
	Format string `query:"format" enum:"json,jsonl,csv,html" doc:"json is a page, the others are all events that fit the filter: JSON Lines, a table for spreadsheets, a report to read and print. If left out, what Accept prefers"`
}

// ofOne declares the history of the only record of its kind.
func (p past) ofOne(id string) route {
	return route{
		method: http.MethodGet, path: queryPath + p.kind.Name + "/history", name: p.kind.Name + "-history", tag: "queries",
		summary: "Read everything that happened to the " + p.kind.Name + ", or export it", who: p.who,
		errs: p.refusals(projections.ErrInterval, projections.ErrCursor),
		add: func(s *service, op huma.Operation, _ string) {
			documentHistory(s, &op, p.kind.Name)
			register(s, op, func(ctx context.Context, in *oneHistoryInput) (*huma.StreamResponse, error) {
				return p.tellOrExport(ctx, &historyInput{ID: id, HistoryFilter: in.HistoryFilter, Format: in.Format})
			})
		},
	}
}
