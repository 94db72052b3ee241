package httpapi

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain/access"
)

func TestMaskedTexts(t *testing.T) {
	for text, want := range map[string]string{
		"call me:\n13800138000\nor +49 151 1234-5678, 王@公司.example": "call me:\n138****8000\nor +49****5678, 王***@公司.example",
		`tel (0574) 8765-4321`: `tel (05****4321`, `call 138 0013 8000 now`: `call 138****8000 now`,
		`Call me at 13800001001.`: `Call me at 138****1001.`, `13800001002/13800001003`: `138****1002/138****1003`,
		`tel.13800001004, 86-13800001005`: `tel.138****1004, 86-****1005`, `8613800001008`: `861****1008`,
		`ph13800001006, 13800001006x`: `ph138****1006, 138****1006x`, `138.0000.1001`: `138****1001`, `138–0000–1001`: `138****1001`,
		`１３８００００１００１ 0574－87654321`: `１３８****１００１ 057****4321`, `+8613800001010.`: `+86****1010.`, `<x>+8613800001777`: `<x>+86****1777`,
		`400-820-8820, 400 8208 820`: `400****8820, 400**** 820`, `(555) 123-4567`: `(55****4567`, `020 7946 0958`: `020****0958`,
		`+8613800001010 2024`: `+86****1010 2024`, `0086 13800001001`: `008****1001`,
		`boss＠mail.example, a%40b.com`: `b***@mail.example, a***@b.com`, `from Li <li@corp.example> & co`: `from Li <l***@corp.example> & co`,
		`+49 30/1234567`: `+49****4567`, `+49 (0) 171 / 1234567`: `+49****4567`, `030/12345678`: `030****5678`, `0171 / 1234567`: `017****4567`,
		"138\t0013\t8000, 138\u200b0013\u200b8000": "138****8000, 138****8000", `138/0013/8000 138,0013,8000`: `138****8000 138****8000`,
		`06 12 34 56 78`: `06 ****6 78`, `07700 900123`: `077****0123`, `8 (495) 123-45-67`: `8 (49****5-67`, `+49 30 123456(0171 1234567)`: `+49****3456(017****4567)`,
		`1 3 8 0 0 1 3 8 0 0 0`: `1 3**** 0 0`, `li@corp。example, a#b!c@corp.example first&last@corp.example`: `l***@corp。example, a***@corp.example f***@corp.example`,
		`15 20 25 30 35 40 45, 05/31/2024, 31.05.2024, 2024/05/31`:            `15 20 25 30 35 40 45, 05/31/2024, 31.05.2024, 2024/05/31`,
		`5f0c8a52-6a1e-5d0c-9f6a-138001380001`:                                `5f0c8a52-6a1e-5d0c-9f6a-138001380001`,
		`13800138000/13800138000`:                                             `13800138000/13800138000`,
		`2024-05-31T09:30:00.123Z 202405-001, 1234567890, 1716900000000`:      `2024-05-31T09:30:00.123Z 202405-001, 1234567890, 1716900000000`,
		`traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`: `traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`,
		`00-13800138000138001380001380013800-0013800138000138-01`:             `00-13800138000138001380001380013800-0013800138000138-01`,
		`contact-a13800138000b13800138000cd`:                                  `contact-a13800138000b13800138000cd`,
		`due 2024-05-31 09:30, 2024-2025, 100%`:                               `due 2024-05-31 09:30, 2024-2025, 100%`, `a@b`: `a@b`,
	} {
		assert.Equal(t, want, maskedText(text), text)
		assert.Equal(t, want, maskedText(want), "once is enough: %s", want)
	}
}

func TestMaskedJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"kind":"email","value":"li.wei@ningbo.example"}`:                                      `{"kind":"email","value":"l***@ningbo.example"}`,
		`{"kind":"mobile","value":"13800138000"}`:                                               `{"kind":"mobile","value":"138****8000"}`,
		`{"value":"8765 4321", "kind":"phone"}`:                                                 `{"value":"8****", "kind":"phone"}`,
		`[{"kind":"email","value":"li@corp"},{"kind":"wechat","value":"liwei_ningbo_factory"}]`: `[{"kind":"email","value":"l****"},{"kind":"wechat","value":"liw****tory"}]`,
		`{"kind":"phone","person":{"kind":"x"},"value":"8765 4321","verified":false}`:           `{"kind":"phone","person":{"kind":"x"},"value":"8****","verified":false}`,
		`{"contact_id":"k1","kind":"address","value":"18 Harbour Road"}`:                        `{"contact_id":"k1","kind":"address","value":"18 Harbour Road"}`,
		`{"kind":"phone","value":"8765 4321 / 13800138177"}`:                                    `{"kind":"phone","value":"876****8177"}`,
		`{"kind":"wechat","value":"wx***secretname"}`:                                           `{"kind":"wechat","value":"wx*****name"}`,
		`{"kind":"wechat","value":"liweifactory_77 13800138179"}`:                               `{"kind":"wechat","value":"liw****8179"}`,
		`{"kind":"phone","value":"a\\"}`:                                                        `{"kind":"phone","value":"a****"}`,
		`{"kind":"wechat","value":"abc\"defghijk"}`:                                             `{"kind":"wechat","value":"abc****hijk"}`,
		`{"field":"contacts[k1].value","from":"8765 4321","to":null}`:                           `{"field":"contacts[k1].value","from":"8****","to":null}`,
		`{"field":"contacts[k1]","from":null,"to":{"kind":"phone","value":"8765"}}`:             `{"field":"contacts[k1]","from":null,"to":{"kind":"phone","value":"8****"}}`,
		`{"note":"from Li \u003cli@corp.example\u003e \u0026 co"}`:                              `{"note":"from Li \u003cl***@corp.example\u003e \u0026 co"}`,
		`{"a":"x\n13800138000\"","at":13800138000}` + "\n" + `{"b":["call 13800138000"]}`:       `{"a":"x\n138****8000\"","at":13800138000}` + "\n" + `{"b":["call 138****8000"]}`,
		`{"text":"{\"kind\":\"phone\",\"value\":\"8765\"}"}`:                                    `{"text":"{\"kind\":\"phone\",\"value\":\"8****\"}"}`,
		`{"id":"5f0c8a52-6a1e-5d0c-9f6a-138001380001","position":"13800138000/13800138000"}`:    `{"id":"5f0c8a52-6a1e-5d0c-9f6a-138001380001","position":"13800138000/13800138000"}`,
		`{"at":"2024-05-31T09:30:00.123Z","number":"202405-001","amount":{"minor":1234567890}}`: `{"at":"2024-05-31T09:30:00.123Z","number":"202405-001","amount":{"minor":1234567890}}`,
	} {
		assert.Equal(t, want, string(MaskedJSON([]byte(text))), text)
		assert.Equal(t, want, string(MaskedJSON([]byte(want))), "once is enough: %s", want)
	}
}

func FuzzMaskedJSON(f *testing.F) {
	for _, seed := range []string{`{"kind":"phone","value":"a\\"}`, `["\u003cli@corp.example\u003e","+49 151 1234-5678"]`, `{"a":{"b":"13800138000/1"}}`, `"\ud800 13800138000"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		masked := MaskedJSON([]byte(text))
		if json.Valid([]byte(text)) {
			assert.True(t, json.Valid(masked), "%s became %s", text, masked)
		}
	})
}

func TestMaskedFiles(t *testing.T) {
	for _, tt := range []struct{ media, text, want string }{
		{"text/csv", "\ufefffield,from,to,note\r\ncontacts[k1].value,8765 4321,8765 4322,\"a \"\"13800138000\"\"\"\r\nname,8765 4321,,\r\n", "\ufefffield,from,to,note\r\ncontacts[k1].value,8****,8****,\"a \"\"138****8000\"\"\"\r\nname,8765 4321,,\r\n"},
		{"text/csv; charset=utf-8", "data\n\"{\"\"kind\"\":\"\"phone\"\",\"\"value\"\":\"\"8765\"\"}\"\n", "data\n\"{\"\"kind\"\":\"\"phone\"\",\"\"value\"\":\"\"8****\"\"}\"\n"},
		{"text/html", `<style>a{width:13800138000}</style><tr><th><span>customer-x</span> contacts[k1].value</th><td>8765</td><td></td></tr><tr><th>name</th><td>8765</td></tr>`, `<style>a{width:13800138000}</style><tr><th><span>customer-x</span> contacts[k1].value</th><td>8****</td><td></td></tr><tr><th>name</th><td>8765</td></tr>`},
		{"text/html; charset=utf-8", `<h1>Li &lt;li@corp.example&gt;</h1><pre>{&#34;kind&#34;: &#34;phone&#34;, &#34;value&#34;: &#34;8765&#34;}</pre>`, `<h1>Li &lt;l***@corp.example&gt;</h1><pre>{&#34;kind&#34;: &#34;phone&#34;, &#34;value&#34;: &#34;8****&#34;}</pre>`},
		{"", "13800138000", "138****8000"},
		{"text/plain", "13800138000", "138****8000"},
		{"image/png", "13800138000", "13800138000"},
		{problemJSON, `{"detail":"13800138000"}`, `{"detail":"138****8000"}`},
		{"application/x-ndjson", `"13800138000"`, `"138****8000"`},
	} {
		assert.Equal(t, tt.want, string(masked(tt.media, []byte(tt.text))), tt.media)
	}
}

// An answer that was held back when its handler panicked is none: the caller is
// told of the fault, and not sent an empty answer that looks good.
func TestAPanicBehindAMaskedAnswer(t *testing.T) {
	f := start(t, Limits{})
	f.get(http.MethodGet, "/v1/queries/broken", f.guarded("broken", roles().masked(access.Analyst), http.HandlerFunc(
		func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write([]byte(`{"half":`))
			panic("the gate fell")
		})))
	w := f.do(t, http.MethodGet, "/v1/queries/broken", "analyst", "")
	assert.Equal(t, http.StatusInternalServerError, w.Code)
	assert.Equal(t, errInternal.Code, problemIn(t, w).Code)
	assert.NotContains(t, w.Body.String(), "half")
}
