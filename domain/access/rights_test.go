package access_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/annals-crm/annals/domain/access"
)

func TestTheWidestRightCounts(t *testing.T) {
	rights := access.Rights{
		{Role: access.Sales, Scope: access.Own},
		{Role: access.Manager, Scope: access.Team},
		{Role: access.Analyst, Scope: access.All, Masked: true},
		{Role: access.Service, Scope: access.All},
		{Role: access.Admin, Scope: access.All},
	}
	for _, tt := range []struct {
		held []string
		want string
	}{
		{[]string{access.Sales}, access.Sales},
		{[]string{access.Sales, access.Manager}, access.Manager},
		{[]string{access.Sales, access.Analyst}, access.Analyst},
		{[]string{access.Service, access.Analyst}, access.Service}, // hides nothing
		{[]string{access.Admin, access.Service}, access.Service},   // declared first
		{[]string{access.Auditor, access.Sales}, access.Sales},
	} {
		right, ok := rights.Of(tt.held)
		assert.True(t, ok)
		assert.Equal(t, tt.want, right.Role, tt.held)
	}
	_, ok := rights.Of([]string{access.Auditor})
	assert.False(t, ok)
	_, ok = rights.Of(nil)
	assert.False(t, ok)
}

func TestReach(t *testing.T) {
	everything, some := access.Reach{}, access.Only("sue", "ann", "sue")
	assert.False(t, everything.Limited())
	assert.True(t, everything.Includes("ann"))
	assert.True(t, everything.Includes(""), "records of nobody, too")
	assert.True(t, some.Limited())
	assert.Equal(t, []string{"ann", "sue"}, some.Owners())
	assert.True(t, some.Includes("sue"))
	assert.False(t, some.Includes("bob"))
	assert.False(t, access.Only("").Includes(""))
	assert.False(t, access.Only().Includes("ann"), "of nobody is nothing")
}
