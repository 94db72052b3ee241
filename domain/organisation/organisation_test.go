package organisation_test

import (
	"time"

	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/organisation"
)

type (
	state  = organisation.Organisation
	events = []organisation.Event
	cases  = []domaintest.Case[state, organisation.Event]
)

var begin = time.Date(2024, 5, 31, 9, 0, 0, 0, time.UTC)

// day is the start of work, n days after the beginning.
func day(n int) time.Time { return begin.AddDate(0, 0, n) }

func opened(id, parent string, n int) organisation.DepartmentOpened {
	return organisation.DepartmentOpened{DepartmentID: id, Name: "The " + id, ParentID: parent, OpenedAt: day(n)}
}

func joined(id, department string, n int) organisation.MemberJoined {
	return organisation.MemberJoined{MemberID: id, Name: "Name of " + id, DepartmentID: department, JoinedAt: day(n)}
}

func post(id, department, reportsTo string, n int) organisation.PositionOpened {
	return organisation.PositionOpened{PositionID: id, DepartmentID: department, Title: "The " + id, ReportsTo: reportsTo, OpenedAt: day(n)}
}

func manages(department, from, to string, n int) organisation.ManagerAppointed {
	return organisation.ManagerAppointed{DepartmentID: department, Department: "The " + department, From: from, To: to, AppointedAt: day(n)}
}

func stands(id, member, substitute string, from, until time.Time) organisation.SubstituteNamed {
	s := organisation.SubstituteNamed{SubstitutionID: id, MemberID: member, SubstituteID: substitute, From: from, NamedAt: day(1)}
	if !until.IsZero() {
		s.Until = &until
	}
	return s
}

// company has east and west below sales, which is with service below the board;
// ann is in sales, bob in east, cem in west and dan in service, all on the first day.
var company = events{
	opened("board", "", 0), opened("sales", "board", 0), opened("east", "sales", 0), opened("west", "sales", 0), opened("service", "board", 0),
	joined("ann", "sales", 0), joined("bob", "east", 0), joined("cem", "west", 0), joined("dan", "service", 0),
}

// with is what happened to the company.
func with(more ...organisation.Event) events {
	return append(company[:len(company):len(company)], more...)
}
