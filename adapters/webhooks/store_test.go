package webhooks_test

import (
	"testing"

	"github.com/annals-crm/annals/adapters/webhooks/webhookstest"
)

func TestMemoryIsAStore(t *testing.T) { webhookstest.Store(t, &webhookstest.Memory{}) }
