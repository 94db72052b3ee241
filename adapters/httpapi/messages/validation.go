package messages

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/danielgtaylor/huma/v2/validation"
)

// validationTexts has what huma finds wrong with a request. It tells us the whole
// message only, so a format is found again by its fixed parts.
var validationTexts = texts{
	validation.MsgUnexpectedProperty:                 "未定义的字段",
	validation.MsgExpectedRFC3339DateTime:            "应为 RFC 3339 日期时间",
	validation.MsgExpectedRFC1123DateTime:            "应为 RFC 1123 日期时间",
	validation.MsgExpectedRFC3339Date:                "应为 RFC 3339 日期",
	validation.MsgExpectedRFC3339Time:                "应为 RFC 3339 时间",
	validation.MsgExpectedRFC5322Email:               "应为 RFC 5322 电子邮箱地址",
	validation.MsgExpectedRFC5890Hostname:            "应为 RFC 5890 主机名",
	validation.MsgExpectedRFC2673IPv4:                "应为 RFC 2673 IPv4 地址",
	validation.MsgExpectedRFC2373IPv6:                "应为 RFC 2373 IPv6 地址",
	validation.MsgExpectedRFCIPAddr:                  "应为 RFC 2673 IPv4 或 RFC 2373 IPv6 地址",
	validation.MsgExpectedRFC3986URI:                 "应为 RFC 3986 URI",
	validation.MsgExpectedRFC4122UUID:                "应为 RFC 4122 UUID:%v",
	validation.MsgExpectedRFC6570URITemplate:         "应为 RFC 6570 URI 模板",
	validation.MsgExpectedRFC6901JSONPointer:         "应为 RFC 6901 JSON 指针",
	validation.MsgExpectedRFC6901RelativeJSONPointer: "应为 RFC 6901 相对 JSON 指针",
	validation.MsgExpectedRegexp:                     "应为正则表达式",
	validation.MsgExpectedMatchAtLeastOneSchema:      "应至少符合一种模式,但没有一种符合",
	validation.MsgExpectedMatchExactlyOneSchema:      "应恰好符合一种模式,但没有一种符合",
	validation.MsgExpectedNotMatchSchema:             "不应符合该模式",
	validation.MsgExpectedPropertyNameInObject:       "对象中应有 propertyName 所指定的值",
	validation.MsgExpectedBoolean:                    "应为布尔值",
	validation.MsgExpectedDuration:                   "应为时长",
	validation.MsgExpectedNumber:                     "应为数字",
	validation.MsgExpectedInteger:                    "应为整数",
	validation.MsgExpectedString:                     "应为字符串",
	validation.MsgExpectedBase64String:               "应为 base64 编码的字符串",
	validation.MsgExpectedArray:                      "应为数组",
	validation.MsgExpectedObject:                     "应为对象",
	validation.MsgExpectedArrayItemsUnique:           "数组中的各项不能重复",
	validation.MsgExpectedOneOf:                      "应为以下值之一:\"%s\"",
	validation.MsgExpectedMinimumNumber:              "数值应 >= %v",
	validation.MsgExpectedExclusiveMinimumNumber:     "数值应 > %v",
	validation.MsgExpectedMaximumNumber:              "数值应 <= %v",
	validation.MsgExpectedExclusiveMaximumNumber:     "数值应 < %v",
	validation.MsgExpectedNumberBeMultipleOf:         "数值应为 %v 的倍数",
	validation.MsgExpectedMinLength:                  "长度应 >= %d",
	validation.MsgExpectedMaxLength:                  "长度应 <= %d",
	validation.MsgExpectedBePattern:                  "应为:%s",
	validation.MsgExpectedMatchPattern:               "应符合格式 %s",
	validation.MsgExpectedMinItems:                   "数组应至少有 %d 项",
	validation.MsgExpectedMaxItems:                   "数组最多有 %d 项",
	validation.MsgExpectedMinProperties:              "对象应至少有 %d 个字段",
	validation.MsgExpectedMaxProperties:              "对象最多有 %d 个字段",
	validation.MsgExpectedRequiredProperty:           "缺少必填字段 %s",
	validation.MsgExpectedDependentRequiredProperty:  "填写 %[2]s 时必须同时填写 %[1]s",

	"expected value to match exactly one schema but matched multiple": "应恰好符合一种模式,但符合多种",
	"expected at most one value, but received multiple values":        "最多一个值,但收到多个",
	"required %s parameter is missing":                                "缺少必填参数(%s)",
	"unknown query parameter":                                         "未定义的查询参数",
	"write only property is non-zero":                                 "只写字段不应有值",
	"invalid integer":                                                 "不是有效的整数",
	"invalid float":                                                   "不是有效的数字",
	"invalid floating value":                                          "不是有效的数字",
	"invalid boolean":                                                 "不是有效的布尔值",
	"invalid date/time for format %s":                                 "不是格式为 %s 的有效日期时间",
	"invalid url.URL value":                                           "不是有效的 URL",
	"invalid value: %s":                                               "值无效:%s",
	"unparsable value":                                                "无法解析的值",
	"unsupported type":                                                "不支持的类型",
	"invalid UUID length: %d":                                         "UUID 长度不正确:%d",
	"invalid UUID format":                                             "UUID 格式不正确",
	"invalid bracketed UUID format":                                   "带括号的 UUID 格式不正确",
	"invalid urn prefix: %s":                                          "URN 前缀不正确:%s",

	"an id as it was given out, in lower case":             "系统给出的编号,小写",
	"an id as it was given out, in lower case, or nothing": "系统给出的编号,小写,或留空",
	"a time later than the year 1":                         "公元1年以后的时间",
	"visible ASCII characters":                             "可见的 ASCII 字符",
	"a revision in quotes, as in ETag":                     "带引号的修订号,如 ETag 中的形式",
}

// verb is a place in a format where an argument stands.
var verb = regexp.MustCompile(`%(\[\d+\])?[a-zA-Z]`)

// rule finds a message again by the format it was made of.
type rule struct {
	pattern *regexp.Regexp
	text    string // with %s for every argument
}

type rules []rule

// newValidation makes rules of the formats that have arguments.
func newValidation() rules {
	var all rules
	for format, text := range validationTexts {
		if !strings.Contains(format, "%") {
			continue
		}
		parts := verb.Split(format, -1)
		for i := range parts {
			parts[i] = regexp.QuoteMeta(parts[i])
		}
		all = append(all, rule{
			pattern: regexp.MustCompile(`(?s)^` + strings.Join(parts, "(.*?)") + "$"),
			text:    verb.ReplaceAllString(text, "%${1}s"),
		})
	}
	return all
}

// text translates a message with what stands in it. The most specific rule counts:
// the one that leaves the least to its arguments.
func (r rules) text(message string) (string, bool) {
	var best rule
	var found []string
	for _, one := range r {
		match := one.pattern.FindStringSubmatch(message)
		if match != nil && (found == nil || len(strings.Join(match[1:], "")) < len(strings.Join(found, ""))) {
			best, found = one, match[1:]
		}
	}
	if found == nil {
		return "", false
	}
	if !verb.MatchString(best.text) {
		return best.text, true // the reason is that of a library, which gives it in English
	}
	args := make([]any, len(found))
	for i, part := range found {
		args[i] = part
		if text, ok := validationTexts[part]; ok {
			args[i] = text
		} else if text, ok := r.text(part); ok {
			args[i] = text
		}
	}
	return fmt.Sprintf(best.text, args...), true
}
