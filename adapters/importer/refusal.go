package importer

import (
	"cmp"
	"encoding/csv"
	"errors"
	"io"
	"strconv"

	"github.com/annals-crm/annals/adapters/apiclient"
)

// Refusal says why a row was not imported.
type Refusal struct {
	Line       int
	ExternalID string
	Field      string // the column, or the field of the command
	Code       string // stable, for machines
	Reason     string
}

// ReportHeader names the columns of a report of refused rows.
func ReportHeader() []string { return []string{"line", "external_id", "field", "code", "reason"} }

// Report writes refusals as CSV, as they come.
type Report struct{ csv *csv.Writer }

// NewReport writes the header.
func NewReport(w io.Writer) (*Report, error) {
	r := &Report{csv.NewWriter(w)}
	return r, r.csv.Write(ReportHeader())
}

// Add writes one refusal.
func (r *Report) Add(refused Refusal) error {
	return r.csv.Write([]string{strconv.Itoa(refused.Line), refused.ExternalID, refused.Field, refused.Code, refused.Reason})
}

// Close writes what is still in memory.
func (r *Report) Close() error {
	r.csv.Flush()
	return r.csv.Error()
}

// refusals tells a refused row from a failure that would hit every row.
func refusals(plan *Plan, command string, err error) ([]Refusal, error) {
	if _, ok := errors.AsType[*apiclient.UnreachableError](err); ok { // it wraps the last answer
		return nil, err
	}
	p, ok := errors.AsType[*apiclient.Problem](err)
	if !ok || p.Denied() {
		return nil, err
	}
	refused := Refusal{Line: plan.Line, ExternalID: plan.ExternalID, Code: cmp.Or(p.Code, strconv.Itoa(p.Status))}
	refused.Reason = command + ": " + cmp.Or(p.Detail, p.Title) // the code stands beside it
	if len(p.Errors) == 0 {
		return []Refusal{refused}, nil
	}
	all := make([]Refusal, len(p.Errors))
	for i, wrong := range p.Errors {
		all[i] = refused
		all[i].Field, all[i].Reason = wrong.Name(), command+": "+wrong.Message
	}
	return all, nil
}
