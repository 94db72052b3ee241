package eventstoredb

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
)

func fullMeta() domain.Meta {
	return domain.Meta{
		CorrelationID: "0190c8d2-7a5e-7d0c-9f6a-0f6f5d3a1b11", CausationID: "5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11",
		Command: "move-deal", Digest: "3e1f0b6f3f9d", Actor: domain.Actor{ID: "u-17", Role: "sales_rep"},
		OccurredAt: time.Date(2024, 5, 31, 9, 30, 0, 123e6, time.UTC), PolicyVersion: 12,
		TraceParent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
	}
}

// FuzzDecodeMeta holds the short way against encoding/json.
func FuzzDecodeMeta(f *testing.F) {
	full, err := json.Marshal(fullMeta())
	require.NoError(f, err)
	for _, seed := range []string{
		string(full), `{}`, ``, `null`, `{"actor":{}}`, `{"actor":{"id":"王","role":"a\"b"}}`, ` {"command":"x"}`,
		`{"command":"x"}x`, `{"Command":"x"}`, `{"command":"x","command":"y"}`, `{"policy_version":-1}`,
		`{"policy_version":007}`, `{"policy_version":1.5}`, `{"policy_version":12345678901}`, `{"occurred_at":"yesterday"}`,
		`{"occurred_at":"2024-05-31T09:30:00+08:00"}`, `{"command":null}`, `{"$user":"x","command":"y"}`, `{"command":"x",}`,
		`{"command" :"x"}`, `{"command":"`, `{"command":"x"`, "{\"command\":\"a\x7f\xff\"}", `{"actor":[]}`, `[]`, `{"a":{"b":[1,{}]}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var got, want domain.Meta
		err := decodeMeta(data, &got)
		if len(data) == 0 {
			require.NoError(t, err)
			return
		}
		wrong := json.Unmarshal(data, &want)
		require.Equal(t, wrong == nil, err == nil)
		if err == nil {
			assert.Equal(t, want, got)
		}
	})
}

func TestOwnMetadataTakesTheShortWay(t *testing.T) {
	data, err := json.Marshal(fullMeta())
	require.NoError(t, err)
	var got domain.Meta
	s := scanner{rest: string(data)}
	require.True(t, s.meta(&got))
	assert.Equal(t, fullMeta(), got)
}

func BenchmarkDecodeMeta(b *testing.B) {
	data, err := json.Marshal(fullMeta())
	require.NoError(b, err)
	for name, decode := range map[string]func([]byte, *domain.Meta) error{
		"short way":     decodeMeta,
		"encoding/json": func(data []byte, m *domain.Meta) error { return json.Unmarshal(data, m) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var m domain.Meta
				if err := decode(data, &m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
