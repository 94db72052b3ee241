package projections

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	fast "github.com/goccy/go-json"
	"github.com/stretchr/testify/require"
)

// TestDocumentsAreWrittenAsTheStandardLibraryDoes fills the documents of the
// read models at random: the faster library must write the same text and read
// the same value.
func TestDocumentsAreWrittenAsTheStandardLibraryDoes(t *testing.T) {
	t.Run("deals", sameJSON[dealDocument])
	t.Run("customers", sameJSON[Customer])
	t.Run("tickets", sameJSON[Ticket])
}

func sameJSON[D any](t *testing.T) {
	t.Helper()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test wants the same numbers again
	for range 500 {
		var document D
		fill(reflect.ValueOf(&document).Elem(), random)
		want, err := json.Marshal(&document)
		require.NoError(t, err)
		got, err := fast.Marshal(&document)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
		var standard, quick D
		require.NoError(t, json.Unmarshal(want, &standard))
		require.NoError(t, fast.Unmarshal(want, &quick))
		require.Equal(t, standard, quick)
	}
}

// fill sets every field it can reach, leaving some empty.
func fill(v reflect.Value, random *rand.Rand) {
	if !v.CanSet() || random.IntN(4) == 0 {
		return
	}
	if _, ok := v.Interface().(time.Time); ok {
		v.Set(reflect.ValueOf(time.UnixMilli(random.Int64N(4e12)).UTC()))
		return
	}
	switch v.Kind() { //nolint:exhaustive // documents hold no others
	case reflect.String:
		texts := []string{"", "plain", "年度合同 <b>&amp;</b>", "tab\tnul\x00quote\"back\\slash", "bad \xff utf8", "line\u2028end 🚗"}
		v.SetString(texts[random.IntN(len(texts))])
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(random.Int64() - 1<<62)
	case reflect.Uint64:
		v.SetUint(random.Uint64())
	case reflect.Float64:
		v.SetFloat(random.NormFloat64())
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), random)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i), random)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), random.IntN(3), 3))
		for i := range v.Len() {
			fill(v.Index(i), random)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range random.IntN(4) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, random)
			fill(value, random)
			v.SetMapIndex(key, value)
		}
	default:
		panic("documents hold no " + v.Kind().String())
	}
}
