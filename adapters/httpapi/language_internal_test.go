package httpapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/input"
)

const inChinese = "Accept-Language: zh-CN,zh;q=0.9,en;q=0.8"

func TestProblemsAreInTheLanguageAskedFor(t *testing.T) {
	f := start(t, Limits{})
	var two input.Checker
	two.Required("title", "")
	two.OneOf("kind", "odd", []string{"large", "small"})
	f.err = two.Err()
	w := f.do(t, http.MethodPost, "/v1/commands/open-job", "sales", opening, inChinese)
	p := problemIn(t, w)
	assert.Equal(t, "zh-Hans", w.Header().Get("Content-Language"))
	assert.Contains(t, w.Header().Values("Vary"), "Accept-Language, Authorization")
	assert.Equal(t, []string{"请求无法处理", "title 不能为空", "invalid_input"}, []string{p.Title, p.Detail, p.Code})
	assert.Equal(t, []Fault{{"body.title", "title 不能为空", nil}, {"body.kind", `kind 不能是 "odd";可选值为 large, small`, nil}}, p.Errors)

	f.err = domain.ErrFuture
	p = problemIn(t, f.do(t, http.MethodPost, "/v1/commands/open-job", "sales", opening, inChinese))
	assert.Equal(t, "occurred_at 是将来的时间", p.Errors[0].Message)

	twice := request(t, http.MethodPost, "/v1/commands/open-job", "sales", opening, "Accept-Language: fr")
	twice.Header.Add("Accept-Language", "zh;q=0.5")
	w = httptest.NewRecorder()
	f.ServeHTTP(w, twice)
	assert.Equal(t, "zh-Hans", w.Header().Get("Content-Language"), "two lines are one list")

	for _, accept := range []string{"Accept-Language: en", "Accept-Language: de", "Accept-Language:"} {
		w = f.do(t, http.MethodPost, "/v1/commands/open-job", "sales", opening, accept)
		assert.Equal(t, "en", w.Header().Get("Content-Language"), accept)
		assert.Equal(t, domain.ErrFuture.Message, problemIn(t, w).Detail, accept)
	}
	f.err = nil
	w = f.do(t, http.MethodPost, "/v1/commands/open-job", "sales", opening, inChinese)
	assert.Equal(t, http.StatusOK, w.Code)
	assert.Empty(t, w.Header().Get("Content-Language"), "data has no language")
}

func TestValidationIsInTheLanguageAskedFor(t *testing.T) {
	f := start(t, Limits{})
	w := f.do(t, http.MethodPost, "/v1/commands/move-job", "sales", `{"job_id":"x","nothing":1}`, inChinese)
	p := problemIn(t, w)
	assert.Equal(t, "zh-Hans", w.Header().Get("Content-Language"))
	assert.Equal(t, []string{"请求无法处理", "请求不符合其模式;请查看 errors"}, []string{p.Title, p.Detail})
	require.NotEmpty(t, p.Errors)
	for _, fault := range p.Errors {
		assert.Regexp(t, `\p{Han}`, fault.Message, fault.Location)
		assert.NotContains(t, fault.Message, "expected")
	}
	for _, tt := range []struct{ method, path, token, body, want string }{
		{http.MethodGet, "/v1/nowhere", "sales", "", "此路径不提供服务;请查看 /docs"},
		{http.MethodGet, "/v1/queries/jobs", "", "", "请以 Authorization: Bearer <令牌> 的形式,或作为 HTTP Basic 的密码,提供有效的令牌"},
		{http.MethodPost, "/v1/commands/move-job", "sales", "{", "请求正文不是单个 JSON 值"},
		{http.MethodPost, "/v1/commands/move-job", "auditor", moving, "此操作需要以下角色之一:sales, service, admin;您的角色为 auditor"},
		{http.MethodGet, "/v1/queries/jobs?colour=red", "sales", "", `此处没有参数 "colour"`},
	} {
		assert.Equal(t, tt.want, problemIn(t, f.do(t, tt.method, tt.path, tt.token, tt.body, inChinese)).Detail)
	}
}

func TestItemsOfABatchAreInTheLanguageOfTheBatch(t *testing.T) {
	p := startProgram(t)
	body := `{"stop_on_error":true,"items":[{"command":"nothing","body":{}},{"command":"register-customer","body":{"name":"王芳"}}]}`
	w := p.do(t, http.MethodPost, commandPath+runBatch, body, inChinese)
	require.Equal(t, http.StatusOK, w.Code, w.Body.String())
	var out struct {
		Results []struct{ Problem Problem }
	}
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &out))
	assert.Equal(t, `"nothing" 不是可用于批量请求的命令`, out.Results[0].Problem.Detail)
	assert.Equal(t, "前面的一项失败,批量请求按要求在此停止", out.Results[1].Problem.Detail)
}

func TestReportIsInTheLanguageAskedFor(t *testing.T) {
	p, id := storyOfAcme(t)
	path := queryPath + "customers/" + id + "/history?format=html&known_at=2026-01-19T00:00:00Z"
	w := p.do(t, http.MethodGet, path, "", inChinese)
	assert.Equal(t, "zh-Hans", w.Header().Get("Content-Language"))
	for _, label := range []string{`<html lang="zh-Hans">`, "客户的完整历史", "截至此时已知", "发生于", "第 1 个事件,共", "日志位置", "原始记录"} {
		assert.Contains(t, w.Body.String(), label)
	}
	assert.NotContains(t, w.Body.String(), "as recorded")
}
