package messages_test

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/httpapi/messages"
	"github.com/annals-crm/annals/domain"
)

func TestEveryMessageIsThereInChinese(t *testing.T) {
	said := messagesIn(t)
	require.Greater(t, len(said), 300, "else they are not found where they are")
	chinese := messages.NewAsker().Language("zh")
	for _, m := range said {
		if m.format == "%s" {
			continue
		}
		text := chinese.Plain(m.format)
		assert.True(t, strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }),
			"%s: say it in Chinese, too, in a file of this package:\n\t%q", m.at, m.format)
		assert.Equal(t, verbs(m.format), verbs(text), "%s: %q and %q take different arguments", m.at, m.format, text)
	}
}

// verbs are those of a format, each at the place of its argument.
func verbs(format string) []string {
	found := regexp.MustCompile(`%(?:\[(\d+)\])?([a-zA-Z])`).FindAllStringSubmatch(format, -1)
	all := make([]string, 0, len(found))
	for i, verb := range found {
		at := i + 1
		if verb[1] != "" {
			at, _ = strconv.Atoi(verb[1])
		}
		all = append(all, fmt.Sprintf("%d %s", at, verb[2]))
	}
	slices.Sort(all)
	return slices.Compact(all) // one may be said twice
}

func TestLanguageAskedFor(t *testing.T) {
	asker := messages.NewAsker()
	for accept, want := range map[string]string{
		"": "en", "en": "en", "en-GB, zh;q=0.5": "en", "de": "en", "*": "en", "not a language;;": "en",
		"zh": "zh-Hans", "zh-CN": "zh-Hans", "zh-Hans-SG": "zh-Hans", "zh-TW": "zh-Hans", "zh-HK": "zh-Hans", "zh-Hant": "zh-Hans", "yue-HK": "zh-Hans",
		"zh-CN,zh;q=0.9,en;q=0.8": "zh-Hans", "fr, zh;q=0.3": "zh-Hans", "en;q=0.2, zh-CN;q=0.8": "zh-Hans",
	} {
		assert.Equal(t, want, asker.Language(accept).Tag, accept)
	}
}

func TestTextsAreSaid(t *testing.T) {
	asker := messages.NewAsker()
	odd := &domain.Error{Message: "not a UUID"}
	for _, tt := range []struct {
		text    domain.Text
		chinese string
	}{
		{domain.Say("%s must not be empty", "name"), "name 不能为空"},
		{domain.Say("the deal is %s since %s; reopen it first", "won", "2024-05-31"), "该商机自 2024-05-31 起为 won 状态;请先重新打开"},
		{domain.Say("%s", odd), "不是有效的 UUID"},
		{domain.Say("%s stands in for %s %s; end that first, or choose another time", "ann", "bob", domain.Say("from %s", "May")), "ann 已代理 bob(自 May 起);请先终止该代理,或改选其他时间"},
		{domain.Say("%s", errPlain), "a message of nobody's"},
		{domain.Say("nobody translates %d", 7), "nobody translates 7"},
	} {
		assert.Equal(t, tt.chinese, asker.Language("zh").Text(tt.text))
		assert.Equal(t, tt.text.String(), asker.Language("en").Text(tt.text))
	}
}

var errPlain = fmt.Errorf("a message of nobody's")

func TestMessagesOfTheValidation(t *testing.T) {
	chinese := messages.NewAsker().Language("zh")
	for english, want := range map[string]string{
		"expected length >= 1":                                            "长度应 >= 1",
		"expected required property name to be present":                   "缺少必填字段 name",
		"expected value to be one of \"email, mobile\"":                   "应为以下值之一:\"email, mobile\"",
		"expected property a to be present when b is present":             "填写 b 时必须同时填写 a",
		"expected string to be RFC 4122 uuid: invalid UUID format":        "应为 RFC 4122 UUID:UUID 格式不正确",
		"expected string to be RFC 4122 uuid: invalid UUID length: 5":     "应为 RFC 4122 UUID:UUID 长度不正确:5",
		"expected string to be RFC 3986 uri: parse \":\": missing scheme": "应为 RFC 3986 URI",
		"expected string to be an id as it was given out, in lower case":  "应为:系统给出的编号,小写",
		"expected string to be of another kind":                           "应为:of another kind",
		"required query parameter is missing":                             "缺少必填参数(query)",
		"something else":                                                  "something else",
	} {
		assert.Equal(t, want, chinese.Plain(english))
	}
}
