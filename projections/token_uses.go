package projections

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/tokenuse"
)

// TokenUseModel holds one document per API token that was used.
var TokenUseModel = Declare("token-uses", 1, (*tokenUsed).facts,
	About(func(e tokenuse.Noted) string { return e.TokenID }, func(t *tokenUsed, _ domain.Recorded, e tokenuse.Noted) {
		t.TokenID = e.TokenID
		if e.Hour.After(t.Last) { // processes note independently, so not in order
			t.Last = e.Hour
		}
	}),
)

type tokenUsed struct {
	TokenID string    `json:"token_id"`
	Last    time.Time `json:"last"` // beginning of the hour
}

const tokensUsed = "all"

func (t *tokenUsed) facts(f *Facts) {
	if t.TokenID != "" {
		f.Index(tokensUsed, "")
	}
}

// TokenUses answers when tokens were used.
type TokenUses struct{ Views Views }

// Last is the beginning of the hour in which each token was used last, by the id
// of the token.
func (q TokenUses) Last(ctx context.Context) (map[string]time.Time, error) {
	last := map[string]time.Time{}
	for scan := (Scan{Index: tokensUsed, Limit: readAtOnce}); ; {
		scanned, err := q.Views.Scan(ctx, TokenUseModel, scan)
		if err != nil {
			return nil, err
		}
		for i, text := range scanned.Documents {
			scan.After = scanned.Members[i]
			if text == nil {
				continue // gone from the index since
			}
			var t tokenUsed
			if err := json.Unmarshal(text, &t); err != nil {
				return nil, fmt.Errorf("use of tokens: %w", err)
			}
			last[t.TokenID] = t.Last
		}
		if len(scanned.Members) < scan.Limit {
			return last, nil
		}
	}
}
