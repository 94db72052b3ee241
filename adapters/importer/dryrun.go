package importer

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
)

// Shown writes the commands of a plan as they would be sent. Ids that only the
// server can give stand there as what they will be the answer to.
func (f *File) Shown(w io.Writer, plan *Plan) error {
	var out strings.Builder
	fmt.Fprintf(&out, "line %d, %s\n", plan.Line, plan.ExternalID)
	ids := IDs{Record: "<id from " + plan.Steps[0].Command + ">"}
	show := func(command, key string, body any) error {
		fmt.Fprintf(&out, "  POST /v1/commands/%s\n    Idempotency-Key: %s\n    ", command, key)
		text := json.NewEncoder(&out)
		text.SetEscapeHTML(false)
		return text.Encode(body)
	}
	if c := plan.Customer; c != nil {
		ids.Customer = "<id from register-customer>"
		if err := show("register-customer", key(f.Mapping.Source, "customer", c.Name, "register"), registerBody(*c)); err != nil {
			return err
		}
	}
	for _, step := range plan.Steps {
		if err := show(step.Command, key(f.Mapping.Source, f.Mapping.Kind, plan.ExternalID, step.Name), step.Body(ids)); err != nil {
			return err
		}
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// DryRun plans the whole file and sends nothing. It calls show for the plans
// and refuse for what the server would never get to see.
func (f *File) DryRun(show func(*Plan) error, refuse func(Refusal)) (Summary, error) {
	s := Summary{Commands: map[string]int{}, Notices: map[string]int{}}
	customers := map[string]bool{}
	for item, err := range f.Items() {
		if err != nil {
			return s, err
		}
		s.Rows += item.Rows
		if item.Plan == nil {
			s.Refused += item.Rows
			for _, r := range item.Refused {
				refuse(r)
			}
			continue
		}
		s.Done += item.Rows
		if c := item.Plan.Customer; c != nil && !customers[c.Name] {
			customers[c.Name] = true
			s.Commands["register-customer"]++
		}
		for _, step := range item.Plan.Steps {
			s.Commands[step.Command]++
		}
		for _, notice := range item.Plan.Notices {
			s.Notices[notice]++
		}
		if err := show(item.Plan); err != nil {
			return s, err
		}
	}
	return s, nil
}
