package difference

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/annals-crm/annals/domain"
)

// ErrPath refuses a path that leads nowhere.
var ErrPath = &domain.Error{Kind: domain.Invalid, Code: "bad_path", Message: "the path names no field"}

// Set is a JSON text with one field changed, named by a path as Between names
// them. Null takes the field, or the item of a list, away. A path leads through what is there: only its
// last field may be new. It fails with ErrPath if it leads nowhere.
func Set(text []byte, path string, value any) ([]byte, error) {
	whole, err := parse(text)
	if err != nil {
		return nil, err
	}
	if err := set(whole, path, path, value); err != nil {
		return nil, err
	}
	return json.Marshal(whole) //nolint:wrapcheck // it was JSON before
}

func set(in any, whole, path string, value any) error {
	object, ok := in.(map[string]any)
	if !ok {
		return ErrPath.Because("%q leads into what has no fields", whole)
	}
	name, rest, deeper := strings.Cut(path, ".")
	if i := strings.IndexByte(path, '['); i >= 0 && i < len(name) { // names in brackets may hold dots
		name, rest, deeper = path[:i], path[i:], true
	}
	inner, known := object[name]
	switch {
	case name == "":
		return ErrPath.Because("%q is no path of a field", whole)
	case !deeper && value == nil:
		delete(object, name)
		return nil
	case !deeper:
		object[name] = value
		return nil
	case !known:
		return ErrPath.Because("%q leads nowhere: there is no %q", whole, name)
	case !strings.HasPrefix(rest, "["):
		return set(inner, whole, rest, value)
	}
	item, rest, ok := strings.Cut(rest[1:], "]")
	list, isList := inner.([]any)
	if !ok || !isList || len(list) == 0 {
		return ErrPath.Because("%q leads nowhere: %q is no list with a %q", whole, name, item)
	}
	for i, one := range names(list, naming(list)) {
		if one != item {
			continue
		}
		switch {
		case rest == "" && value == nil:
			object[name] = slices.Delete(list, i, i+1)
			return nil
		case rest == "":
			list[i] = value
			return nil
		}
		return set(list[i], whole, strings.TrimPrefix(rest, "."), value)
	}
	return ErrPath.Because("%q leads nowhere: no item of %q is named %q", whole, name, item)
}
