package domain

import (
	"fmt"
	"slices"
)

// Text is a message for people that remembers what it was made of, so that it
// can be said in another language.
type Text struct {
	said   string
	format string
	args   []any
}

// Say makes a text as fmt.Sprintf does. Arguments that are texts or errors of
// this package are said in the other language too.
func Say(format string, args ...any) Text {
	return Text{said: fmt.Sprintf(format, args...), format: format, args: args}
}

func (t Text) String() string { return t.said }

// Translated is t by the format that translate has for its own; as it is if
// there is none.
func (t Text) Translated(translate func(format string) (string, bool)) string {
	format, ok := translate(t.format)
	if !ok {
		return t.said
	}
	if len(t.args) == 0 {
		return format
	}
	args := slices.Clone(t.args)
	for i, arg := range args {
		switch arg := arg.(type) {
		case Text:
			args[i] = arg.Translated(translate)
		case *Error:
			args[i] = arg.Text().Translated(translate)
		}
	}
	return fmt.Sprintf(format, args...)
}
