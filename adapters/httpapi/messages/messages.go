// Package messages has what callers are told in the languages they may ask
// for. English is the language of the sources; the others are looked up by it.
package messages

import (
	"golang.org/x/text/language"

	"github.com/annals-crm/annals/domain"
)

// Language is one that messages can be in.
type Language struct {
	Tag   string                      // as in Content-Language
	texts func(string) (string, bool) // nil: those of the sources
}

// texts has the formats of one language by those of the sources.
type texts map[string]string

// Asker finds languages as callers ask for them.
type Asker struct {
	spoken  []Language // the first is for callers who do not ask, the last for whoever reads some Chinese
	matcher language.Matcher
}

// NewAsker knows all languages.
func NewAsker() *Asker {
	rules := newValidation()
	return &Asker{
		spoken: []Language{{Tag: "en"}, {"zh-Hans", func(format string) (string, bool) {
			for _, area := range chinese() {
				if text, ok := area[format]; ok {
					return text, true
				}
			}
			return rules.text(format)
		}}},
		matcher: language.NewMatcher([]language.Tag{language.English, language.SimplifiedChinese, language.Make("yue")}),
	}
}

// Language is the one that fits an Accept-Language best. Whoever reads any
// Chinese reads simplified Chinese rather than English.
func (a *Asker) Language(accept string) Language {
	if accept == "" {
		return a.spoken[0]
	}
	wanted, _, err := language.ParseAcceptLanguage(accept)
	if err != nil || len(wanted) == 0 {
		return a.spoken[0]
	}
	_, i, _ := a.matcher.Match(wanted...)
	return a.spoken[min(i, len(a.spoken)-1)]
}

// Text is t in the language.
func (l Language) Text(t domain.Text) string {
	if l.texts == nil {
		return t.String()
	}
	return t.Translated(l.texts)
}

// Plain is a message that was not made by us, such as one of huma or the name of
// a status.
func (l Language) Plain(message string) string {
	if l.texts == nil {
		return message
	}
	if text, ok := l.texts(message); ok {
		return text
	}
	return message
}

// chinese is everything in simplified Chinese.
func chinese() []texts {
	return []texts{kernel, customers, deals, tickets, policy, access, organisation, analyses, metrics, records, readModels, feed, webhooks, http, titles, validationTexts, reportTexts}
}
