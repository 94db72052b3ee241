package bench

import (
	"context"
	"fmt"

	"github.com/google/uuid"
)

// registration is the body of register-customer with an address nobody has.
func registration(run string, n int) string {
	return fmt.Sprintf(`{"name":"Customer %d Ltd","industry":"manufacturing","city":"Ningbo","region":"East","owner":"%s",`+
		`"contacts":[{"kind":"email","value":"c%d@%s.example","person":"Li Wei"}]}`, n, owner(n), n, run)
}

// registering makes callers that register customers.
func (b *bench) registering(ctx context.Context, count int) (*callers, error) {
	return connected(ctx, count, b.config.Server, func(caller int, c *conn) op {
		run := "r" + uuid.NewString()[:8]
		var request []byte
		return func(_ context.Context, n int) error {
			request = b.requests.post(request[:0], "register-customer", "", registration(run, n*count+caller))
			_, err := c.do(request)
			return err
		}
	})
}
