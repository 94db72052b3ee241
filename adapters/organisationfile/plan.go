package organisationfile

import (
	"fmt"
	"strings"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/projections"
)

// Step is one command of a plan. Ids that earlier steps are answered with are
// filled in when it is its turn.
type Step struct {
	Command string
	Text    string // for people
	Body    func(commands.At) any
	took    *string // where the id it is answered with belongs
}

// Took notes the id that the step was answered with.
func (s Step) Took(id string) {
	if s.took != nil {
		*s.took = id
	}
}

// Plan is what leads from what is there to what a file says.
type Plan struct {
	Steps []Step
	Left  []string // what is there and not in the file, and stays
}

// plan works one out.
type plan struct {
	Plan
	at          *current
	prune       bool
	departments []*department
	positions   map[string]*position // by path
	members     map[string]*department
	used        map[string]bool // ids of departments and positions that the file names
	problems    []input.Problem
}

type department struct {
	Department
	id     string // empty: still to be opened
	parent *department
	path   Path
	posts  map[string]*position // by title
}

type position struct {
	Position
	id      string
	of      *department
	planned bool
}

// New plans. With prune, what the file leaves out is ended. It fails with ErrFile
// if the file contradicts itself or names what is not there.
func New(f File, tree projections.OrganisationTree, prune bool) (Plan, error) {
	p := &plan{
		at: newCurrent(tree), prune: prune, positions: map[string]*position{}, members: map[string]*department{}, used: map[string]bool{},
	}
	p.find(f.Departments, nil, p.at.top)
	for _, d := range p.departments {
		p.planDepartment(d)
	}
	for _, d := range p.departments {
		for _, post := range d.Positions {
			p.planPosition(d.posts[key(post.Title)])
		}
	}
	for _, d := range p.departments {
		p.planMembers(d)
	}
	for _, d := range p.departments {
		p.planDuties(d)
	}
	p.planRoles(f)
	p.planSubstitutes(f)
	p.leave(f)
	if len(p.problems) > 0 {
		return Plan{}, ErrFile.Because("%s", p.problems[0].Message).With(p.problems)
	}
	return p.Plan, nil
}

func (p *plan) problem(where, format string, args ...any) {
	p.problems = append(p.problems, input.Problem{Field: where, Message: fmt.Sprintf(format, args...)})
}

func (p *plan) step(command string, took *string, body func(commands.At) any, format string, args ...any) {
	p.Steps = append(p.Steps, Step{Command: command, Text: fmt.Sprintf(format, args...), Body: body, took: took})
}

func (d *department) String() string { return strings.Join(d.path, " / ") }
