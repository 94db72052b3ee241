package projections

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain/organisation"
)

// MemberFilter asks for a page of members.
type MemberFilter struct {
	Paging
	PointFilter
	DepartmentID string `query:"department_id" format:"uuid" doc:"Only those of this department and of all below it" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Search       string `query:"search" doc:"Only those whose id or name holds this text, in either case" maxLength:"200" example:"ann"`
}

// MemberPage is a page of members.
type MemberPage struct {
	Items []OrganisationMember `json:"items" doc:"Members of this page, by name" nullable:"false"`
	Total int                  `json:"total" doc:"Members that fit the filter" example:"137"`
	Next  string               `json:"next,omitempty" doc:"Cursor of the next page; none on the last" example:"MjAyNC0wNS0zMQ"`
}

// Members fails with ErrCursor, ErrAsOfFuture or organisation.ErrNoDepartment.
func (q Organisation) Members(ctx context.Context, f MemberFilter) (MemberPage, error) {
	after, err := f.after()
	if err != nil {
		return MemberPage{}, err
	}
	o, at, err := q.then(ctx, f.Point())
	if err != nil {
		return MemberPage{}, err
	}
	found, err := f.find(o)
	if err != nil {
		return MemberPage{}, err
	}
	page, s := MemberPage{Items: []OrganisationMember{}, Total: len(found)}, structure{o, at}
	limit := f.Limit
	if limit <= 0 {
		limit = pageSize
	}
	limit = min(limit, pageMost)
	from, _ := slices.BinarySearchFunc(found, after, func(m organisation.Member, after string) int {
		if nameKey(m.Name, m.ID) <= after {
			return -1
		}
		return 1
	})
	if f.Cursor == "" {
		from = 0
	}
	rest := found[from:]
	for _, m := range rest[:min(limit, len(rest))] {
		page.Items = append(page.Items, s.member(m))
	}
	if len(rest) > limit {
		last := rest[limit-1]
		page.Next = base64.RawURLEncoding.EncodeToString(append(f.mark(), nameKey(last.Name, last.ID)...))
	}
	return page, nil
}

// find is every member that fits, by name.
func (f MemberFilter) find(o organisation.Organisation) ([]organisation.Member, error) {
	var found []organisation.Member
	text := strings.ToLower(f.Search)
	take := func(m organisation.Member) {
		if strings.Contains(strings.ToLower(m.ID), text) || strings.Contains(strings.ToLower(m.Name), text) {
			found = append(found, m)
		}
	}
	if f.DepartmentID == "" {
		for m := range o.Members() {
			take(m)
		}
	} else {
		if _, open := o.Department(f.DepartmentID); !open {
			return nil, organisation.ErrNoDepartment
		}
		for department := range o.Within(f.DepartmentID) {
			for _, id := range o.Staff(department) {
				m, _ := o.Member(id)
				take(m)
			}
		}
	}
	slices.SortFunc(found, func(a, b organisation.Member) int { return byName(a.Name, a.ID, b.Name, b.ID) })
	return found, nil
}

// after is the place a cursor names.
func (f MemberFilter) after() (string, error) {
	if f.Cursor == "" {
		return "", nil
	}
	text, err := base64.RawURLEncoding.DecodeString(f.Cursor)
	if err != nil || len(text) <= 8 || string(text[:8]) != string(f.mark()) {
		return "", ErrCursor
	}
	return string(text[8:]), nil
}

// mark is the same for all pages of one list and for those of no other.
func (f MemberFilter) mark() []byte {
	sum := fnv.New64a()
	_, _ = fmt.Fprint(sum, f.PointFilter, f.DepartmentID, f.Search) // a hash takes everything
	return binary.BigEndian.AppendUint64(nil, sum.Sum64())
}
