// Package policyfile writes process packs as YAML for people to edit, and reads
// them back: what is written comes back exactly, and whatever is wrong with an
// edited file is told at once, each problem with its path and line. It decides
// nothing about packs; that is package policy's.
package policyfile

import (
	"errors"
	"reflect"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
	"github.com/annals-crm/annals/domain/policy"
)

// File is what a file holds.
type File struct {
	// Version it was exported from, to notice another one published meanwhile.
	Version int `json:"version,omitempty" doc:"Version it was exported from; if another was published since, an import is refused"`
	// EffectiveFrom is the business time from which it is to apply.
	EffectiveFrom *time.Time  `json:"effective_from,omitempty" doc:"Business time from which it applies, such as 2024-06-01T00:00:00+08:00; now if left out"`
	Pack          policy.Pack `json:"pack" doc:"The process pack"`
}

// ErrFile refuses a file. Its details list every problem.
var ErrFile = &domain.Error{Kind: domain.Invalid, Code: "invalid_policy_file", Message: "the file has fields that need mending"}

// Problems are what an error of Read lists.
func Problems(err error) []input.Problem {
	told, ok := errors.AsType[*domain.Error](err)
	if !ok {
		return nil
	}
	problems, _ := told.Details.([]input.Problem)
	return problems
}

// field is one field of a struct as it stands in a file.
type field struct {
	name, doc string
	optional  bool
	index     int
	of        reflect.Type
}
