package httpapi

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain/access"
)

func TestMasked(t *testing.T) {
	for text, want := range map[string]string{
		`{"kind":"email","value":"li.wei@ningbo.example"}`:                                      `{"kind":"email","value":"l***@ningbo.example"}`,
		`{"kind":"mobile","value":"13800138000"}`:                                               `{"kind":"mobile","value":"138****8000"}`,
		`{"kind":"phone","value":"8765 4321"}`:                                                  `{"kind":"phone","value":"8****"}`,
		`{"kind":"wechat","value":"liwei_ningbo_factory"}`:                                      `{"kind":"wechat","value":"liw****tory"}`,
		`{"kind":"phone","person":"Li","value":"8765 4321","verified":false}`:                   `{"kind":"phone","person":"Li","value":"8****","verified":false}`,
		`{"contact_id":"k1","kind":"address","value":"18 Harbour Road"}`:                        `{"contact_id":"k1","kind":"address","value":"18 Harbour Road"}`,
		`"{""kind"":""phone"",""value"":""8765 4321""}"`:                                        `"{""kind"":""phone"",""value"":""8****""}"`,
		`{&#34;kind&#34;:&#34;phone&#34;,&#34;value&#34;:&#34;8765&#34;}`:                       `{&#34;kind&#34;:&#34;phone&#34;,&#34;value&#34;:&#34;8****&#34;}`,
		`{"body":"call me:\n13800138000\nor +49 151 1234-5678, 王@公司.example"}`:                  `{"body":"call me:\n138****8000\nor +49****5678, 王***@公司.example"}`,
		`tel (0574) 8765-4321`:                                                                  `tel (05****4321`,
		`call 138 0013 8000 now`:                                                                `call 138****8000 now`,
		`{"id":"5f0c8a52-6a1e-5d0c-9f6a-138001380001","position":"13800138000/13800138000"}`:    `{"id":"5f0c8a52-6a1e-5d0c-9f6a-138001380001","position":"13800138000/13800138000"}`,
		`{"at":"2024-05-31T09:30:00.123Z","number":"202405-001","amount":{"minor":1234567890}}`: `{"at":"2024-05-31T09:30:00.123Z","number":"202405-001","amount":{"minor":1234567890}}`,
		`traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`:                   `traceparent 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`,
		`00-13800138000138001380001380013800-0013800138000138-01`:                               `00-13800138000138001380001380013800-0013800138000138-01`,
		`a@b`: `a@b`,
	} {
		assert.Equal(t, want, string(Masked([]byte(text))), text)
		assert.Equal(t, want, string(Masked([]byte(want))), "once is enough: %s", want)
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
