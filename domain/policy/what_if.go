package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/difference"
	"github.com/annals-crm/annals/domain/input"
)

// With is the pack with some fields changed, named by their paths as Diff names
// them: tickets.sla[standard].targets[first_response].seconds. It fails with
// ErrPack, which names every problem of the paths, or of the pack they lead to.
func (p Pack) With(changes map[string]any) (Pack, error) {
	text, err := json.Marshal(p)
	if err != nil {
		return p, fmt.Errorf("change a pack: %w", err)
	}
	var c input.Checker
	for _, path := range slices.Sorted(maps.Keys(changes)) {
		changed, err := difference.Set(text, path, changes[path])
		if err != nil {
			c.AddError(path, err)
			continue
		}
		decoder := json.NewDecoder(bytes.NewReader(changed))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(new(Pack)); err != nil {
			c.Add(path, "%s cannot be set to %s: %s", path, written(changes[path]), unfit(err))
			continue
		}
		text = changed
	}
	if err := inPack(&c); err != nil {
		return p, err
	}
	var pack Pack
	if err := json.Unmarshal(text, &pack); err != nil {
		return p, fmt.Errorf("change a pack: %w", err)
	}
	return pack, pack.Check()
}

// unfit says why a value does not fit a field, without the words of the program.
func unfit(err error) domain.Text {
	wrong, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return domain.Say("%s", err)
	}
	wanted := domain.Say("it has to be an object")
	switch wrong.Type.Kind() { //nolint:exhaustive // others do not occur in a pack
	case reflect.Int, reflect.Int64:
		wanted = domain.Say("it has to be a whole number")
	case reflect.String:
		wanted = domain.Say("it has to be a text")
	case reflect.Bool:
		wanted = domain.Say("it has to be true or false")
	case reflect.Slice:
		wanted = domain.Say("it has to be a list")
	}
	return wanted
}

func written(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return strconv.Quote(fmt.Sprint(value))
	}
	return string(text)
}

// Always is the policy had a pack been in force for all time.
func Always(v Version) Policy { return Policy{Versions: []Version{v}} }
