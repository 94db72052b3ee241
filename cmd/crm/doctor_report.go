package main

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// How a check can end.
const (
	passed    = "ok"
	warned    = "warn"
	failed    = "fail"
	unchecked = "unchecked" // it could not be told; Found says why
)

// finding is what one check came to.
type finding struct {
	Check  string `json:"check"`
	Status string `json:"status"`
	Found  string `json:"found"`
	Means  string `json:"means,omitempty"` // what follows from it; empty if all is well
	Do     string `json:"do,omitempty"`
}

// report is all findings of one visit. Secrets of the settings do not get in.
type report struct {
	Status  string    `json:"status"` // the worst of all
	At      time.Time `json:"checked_at"`
	Program string    `json:"program"` // version of this one
	Checks  []finding `json:"checks"`

	hide *strings.Replacer // nil: no settings, so no secrets
}

func (r *report) add(f finding) {
	f.Found = strings.TrimSpace(f.Found)
	if r.hide != nil {
		f.Found, f.Means, f.Do = r.hide.Replace(f.Found), r.hide.Replace(f.Means), r.hide.Replace(f.Do)
	}
	r.Checks = append(r.Checks, f)
}

func (r *report) ok(check, found string, args ...any) {
	r.add(finding{Check: check, Status: passed, Found: english().Sprintf(found, args...)})
}

func (r *report) skip(check, why string, args ...any) {
	r.add(finding{Check: check, Status: unchecked, Found: fmt.Sprintf(why, args...)})
}

func (r *report) count(status string) (n int) {
	for _, f := range r.Checks {
		if f.Status == status {
			n++
		}
	}
	return n
}

// print shows the table, then what to do about everything that is not well.
func (r *report) print(out io.Writer, asJSON bool) error {
	r.Status = passed
	for _, status := range []string{warned, failed} {
		if r.count(status) > 0 {
			r.Status = status
		}
	}
	if asJSON {
		return printJSON(out, r)
	}
	t := newTable(out)
	t.row("CHECK", "STATUS", "FOUND")
	for _, f := range r.Checks {
		t.row(f.Check, f.Status, strings.ReplaceAll(f.Found, "\n", "; "))
	}
	if err := t.flush(); err != nil {
		return err
	}
	for _, f := range r.Checks {
		if f.Means == "" && f.Do == "" {
			continue
		}
		if _, err := fmt.Fprintf(out, "\n%s: %s\n  means: %s\n  do:    %s\n", f.Status, f.Check, f.Means, f.Do); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "\n%d ok, %d warn, %d fail, %d unchecked\n", r.count(passed), r.count(warned), r.count(failed), r.count(unchecked))
	return err
}
