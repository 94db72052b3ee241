package redisviews_test

import (
	"context"
	"sync"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/adapters/redisviews"
	"github.com/annals-crm/annals/projections"
	"github.com/annals-crm/annals/projections/projectionstest"
)

// between does something once a reader has read the index and before it reads
// the documents.
type between struct {
	counting
	once sync.Once
	do   func()
}

func (b *between) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		for _, cmd := range cmds {
			if cmd.Name() == "zrangebylex" {
				b.once.Do(b.do)
			}
		}
		return err
	}
}

// A Redis that is emptied in the middle of a page makes no empty page of it.
func TestEmptiedInTheMiddleOfAPage(t *testing.T) {
	for name, url := range servers(t) {
		t.Run(name, func(t *testing.T) {
			writing, reading := client(t, url), client(t, url)
			writer, reader := redisviews.New(writing, redisviews.Config{}), redisviews.New(reading, redisviews.Config{})
			m := projectionstest.Jobs(1)
			changes := projections.Changes{
				Documents: map[string][]byte{"1": []byte(`{}`)}, Indexed: []projections.IndexChange{{Index: "all", Member: "a\x001"}},
			}
			require.NoError(t, writer.Commit(t.Context(), projections.Commit{Model: m, To: projections.Mark{Edits: 1}, Changes: changes}))
			require.NoError(t, writer.Serve(t.Context(), m, projections.Mark{}))
			scanned, err := reader.Scan(t.Context(), m, projections.Scan{Index: "all", Limit: 10})
			require.NoError(t, err)
			assert.Len(t, scanned.Documents, 1)

			reading.AddHook(&between{do: func() { assert.NoError(t, writer.Drop(t.Context(), m)) }})
			_, err = reader.Scan(t.Context(), m, projections.Scan{Index: "all", Limit: 10})
			require.ErrorIs(t, err, projections.ErrBuilding)
		})
	}
}
