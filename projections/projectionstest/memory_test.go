package projectionstest_test

import (
	"testing"

	"github.com/annals-crm/annals/projections/projectionstest"
)

func TestMemory(t *testing.T) {
	projectionstest.Storage(t, func(*testing.T) projectionstest.Store { return projectionstest.NewMemory() })
}

func TestSample(t *testing.T) {
	projectionstest.Equivalent(t, projectionstest.Jobs(1), projectionstest.Busy(20, 1)...)
	projectionstest.Equivalent(t, projectionstest.Clients(1), projectionstest.Busy(20, 2)...)
}
