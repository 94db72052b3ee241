// Package organisationfile writes the organisation as YAML for people to edit,
// reads it back, and plans the commands that lead from what is there to what a
// file says. It decides nothing; the server takes every command or refuses it.
package organisationfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

// File is what a file holds. What it leaves out stays as it is.
type File struct {
	Departments  []Department        `yaml:"departments"`
	ProjectRoles map[string][]string `yaml:"project_roles,omitempty"` // role -> ids of members
	Substitutes  []Substitute        `yaml:"substitutes,omitempty"`
}

// Department is a department with what belongs to it. One with an id is the
// department of that id, wherever it was and whatever it was called; one without
// is found by its name.
type Department struct {
	Name        string       `yaml:"name"`
	ID          string       `yaml:"id,omitempty"`
	Manager     string       `yaml:"manager,omitempty"` // id of a member
	Liaison     string       `yaml:"liaison,omitempty"` // id of a member
	Positions   []Position   `yaml:"positions,omitempty"`
	Members     []Member     `yaml:"members,omitempty"`
	Departments []Department `yaml:"departments,omitempty"`
}

// Position is found as a department is.
type Position struct {
	Title     string `yaml:"title"`
	ID        string `yaml:"id,omitempty"`
	ReportsTo Path   `yaml:"reports_to,omitempty"`
}

// Path names a position: the departments from the top down, and its title; the
// title alone is one of the same department.
type Path []string

// Member is somebody by the id they act under.
type Member struct {
	ID       string `yaml:"id"`
	Name     string `yaml:"name,omitempty"`
	Position string `yaml:"position,omitempty"` // title, of the same department
}

// Substitute stands in for a member.
type Substitute struct {
	Member     string     `yaml:"member"`
	Substitute string     `yaml:"substitute"`
	From       *time.Time `yaml:"from,omitempty"`
	Until      *time.Time `yaml:"until,omitempty"`
}

// ErrFile refuses a file. Its details list every problem.
var ErrFile = &domain.Error{Kind: domain.Invalid, Code: "invalid_organisation_file", Message: "the file has lines that need mending"}

const head = `The organisation as it is wanted: departments in departments, positions, members by the
id they act under, who manages, who answers for customer data (liaison), who stands in.
An id of a department or position stays the same when it is renamed or moved.
Then: crm organisation import FILE --dry-run`

// Write writes a file.
func Write(w io.Writer, f File) error {
	var document yaml.Node
	if err := document.Encode(f); err != nil {
		return fmt.Errorf("write organisation: %w", err)
	}
	document.HeadComment = head
	text := yaml.NewEncoder(w)
	text.SetIndent(2)
	if err := text.Encode(&document); err != nil {
		return fmt.Errorf("write organisation: %w", err)
	}
	return text.Close()
}

// Read reads a file. It fails with ErrFile.
func Read(text []byte) (File, error) {
	var f File
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	err := decoder.Decode(&f)
	if bad, ok := errors.AsType[*yaml.TypeError](err); ok {
		var c []input.Problem
		for _, message := range bad.Errors {
			c = append(c, input.Problem{Message: message})
		}
		return f, ErrFile.Because("%s", bad.Errors[0]).With(c)
	}
	switch {
	case errors.Is(err, io.EOF):
		return f, ErrFile.Because("the file is empty")
	case err != nil:
		return f, ErrFile.Because("the file is not YAML: %s", err)
	}
	if err := decoder.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return f, ErrFile.Because("the file holds more than one document")
	}
	return f, nil
}

// Problems are what an error lists.
func Problems(err error) []input.Problem {
	told, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return nil
	}
	problems, _ := told.Details.([]input.Problem)
	return problems
}

// MarshalYAML writes a title alone as a text.
func (p Path) MarshalYAML() (any, error) {
	if len(p) == 1 {
		return p[0], nil
	}
	return []string(p), nil
}

// UnmarshalYAML reads a text as a title alone.
func (p *Path) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		*p = Path{n.Value}
		return nil
	}
	return n.Decode((*[]string)(p))
}
