package projections

import (
	"bytes"
	"encoding/json"
	"strings"
)

// lastChange finds the event that changed the field last, -1 if none did. Only
// the last change is worked out in full, unless the field is part of another
// one: that may change without it.
func (x *reasoning) lastChange(rule Rule) (int, error) {
	replay := x.story.kind.Model.Replay(x.story.id)
	own := x.story.kind.stream(x.story.id)
	part := rule.Part != "" || strings.ContainsAny(rule.Field, ".[")
	last := -1
	var previous, before []byte // the field before the last change, and as of now
	for i, r := range x.story.events {
		touched, err := replay.Take(r)
		if err != nil || !touched {
			continue
		}
		after, err := replay.Field(rule.Of)
		if err != nil {
			return -1, err
		}
		if bytes.Equal(before, after) || says(before) == "" && says(after) == "" {
			before = after
			continue
		}
		if part {
			changes := rule.changes(own, before, after)
			if before = after; len(changes) == 0 {
				continue
			}
			x.Changes = changes
		}
		last, previous, before = i, before, after
		x.Times++
	}
	if !part && last >= 0 {
		x.Changes = rule.changes(own, previous, before)
	}
	if before == nil {
		return -1, ErrNoField.Because("%s have no field %q; any field of their document can be asked about", x.story.kind.Name, rule.Field)
	}
	x.Value = shown(decodedField(rule.Of, before)[rule.Of])
	if n := len(x.Changes); rule.Part != "" || rule.Of != rule.Field && n > 0 && x.Changes[0].Field != rule.Of {
		x.Value = nil
		if n > 0 {
			x.Value = inside(x.Changes[n-1], rule.Field)
		}
	}
	return last, nil
}

// changes lists what changed of the field.
func (r Rule) changes(record string, before, after []byte) []Change {
	var changes []Change
	for _, c := range compared(record, decodedField(r.Of, before), decodedField(r.Of, after)) {
		if r.concerns(c.Field) {
			changes = append(changes, c)
		}
	}
	return changes
}

// says is a value as JSON; empty if it says nothing, see empty.
func says(text []byte) string {
	switch string(text) {
	case "null", `""`, "0", "false", "[]", "{}", `"` + noTime + `"`:
		return ""
	}
	return string(text)
}

// inside is what the field at a path became by a change of it or around it.
func inside(c Change, path string) any {
	value := c.To
	rest, within := strings.CutPrefix(path, c.Field+".")
	for within && rest != "" {
		object, _ := value.(map[string]any)
		var name string
		name, rest, _ = strings.Cut(rest, ".")
		value = object[name]
	}
	return shown(value)
}

func decodedField(name string, text []byte) map[string]any {
	if text == nil {
		return nil
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	var v any
	if d.Decode(&v) != nil {
		return nil // it was encoded just now
	}
	return map[string]any{name: v}
}

// tellCauses tells the events at some places, and what their commands recorded
// besides.
func (x *reasoning) tellCauses(causes []int) error {
	commands, isCause := map[string]bool{}, map[uint64]bool{}
	for _, i := range causes {
		r := x.story.events[i]
		isCause[r.Position.Commit] = true
		if len(causes) == 1 && r.Meta.CausationID != "" {
			commands[r.Meta.CausationID] = true
		}
	}
	var places []int
	for i, r := range x.story.events {
		if isCause[r.Position.Commit] || commands[r.Meta.CausationID] {
			places = append(places, i)
		}
	}
	for entry, err := range x.story.tell(places) {
		switch {
		case err != nil:
			return err
		case isCause[entry.Position.Commit]:
			x.Cause = append(x.Cause, entry)
		default:
			x.With = append(x.With, entry)
		}
	}
	return nil
}

// handedTo explains a field that names who is responsible.
func handedTo(x *reasoning, from, to string) {
	x.rule(0, "", nil, "whoever may assign records chooses whom they go to")
	x.input("from", from)
	x.input("to", to)
	x.input("assigned_by", x.cause.Meta.Actor)
}
