package main

import (
	"errors"
	"fmt"
	"io"
)

// comparison prints what should be beside what is.
type comparison struct {
	table     *table
	wanted    []figure // as worked out from the files
	managers  map[string]string
	published map[string]string // empty for generated samples
	checked   int
	wrong     int
}

// all compares every figure. A published one counts before one worked out, and
// both must agree.
func (c *comparison) all(d dashboards) {
	source := "PUBLISHED"
	if c.published == nil {
		source = "WORKED OUT"
	}
	c.table.row("FIGURE", source, "SERVED", "")
	served := map[string]string{}
	for _, f := range d.facts().figures(c.managers) {
		served[f.name] = f.text
	}
	missing := map[string]string{}
	for name, text := range c.published {
		missing[name] = text
	}
	for _, f := range c.wanted {
		text, ok := c.published[f.name]
		delete(missing, f.name)
		switch {
		case ok && text != f.text:
			c.check(f.name+" (in the files "+f.text+")", text, "other files than were published")
		case ok || c.published == nil:
			c.check(f.name, f.text, served[f.name])
		default:
			c.check(f.name+" (worked out)", f.text, served[f.name])
		}
	}
	for _, name := range sortedKeys(missing) {
		c.check(name, missing[name], served[name])
	}
}

func (c *comparison) check(name, want, got string) {
	c.checked++
	verdict := "ok"
	if want != got {
		c.wrong++
		verdict = "DIFFERS"
	}
	c.table.row(name, want, got, verdict)
}

func (c *comparison) result(w io.Writer) error {
	if c.wrong > 0 {
		return errors.New(english().Sprintf("%d of %d figures differ", c.wrong, c.checked))
	}
	_, err := fmt.Fprintf(w, "\nall %d figures agree\n", c.checked)
	return err
}
