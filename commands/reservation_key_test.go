package commands_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/commands/commandstest"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/numberrange"
	"github.com/annals-crm/annals/domain/reservation"
)

func TestReservationsTellTheirHashKey(t *testing.T) {
	store := new(commandstest.Memory)
	loop := loopOver(t, store, nil)
	key := []byte("the key of this log")
	customers := commands.Customers{Loop: loop, Numbers: commands.NewNumbers(loop, numberrange.Customers), Reservations: commands.NewReservations(loop, key)}
	_, err := customers.Register(t.Context(), fresh(), commands.RegisterCustomer{
		Name: "Ann", Contacts: []commands.Contact{{Kind: "email", Value: "ann@example.com"}},
	})
	require.NoError(t, err)
	var claims []domain.Recorded
	for _, rec := range store.Log() {
		if _, is := rec.Event.(reservation.Claimed); is {
			claims = append(claims, rec)
		}
	}
	require.Len(t, claims, 1)
	for _, tt := range []struct {
		key        string
		claim      domain.Recorded
		same, told bool
	}{
		{"the key of this log", claims[0], true, true},
		{"another", claims[0], false, true},
		{"the key of this log", leftBehind(claims[0]), false, false},
		{"the key of this log", domain.Recorded{Event: reservation.Released{}}, false, false},
	} {
		same, told, err := commands.NamedWith(t.Context(), store, []byte(tt.key), tt.claim)
		require.NoError(t, err)
		assert.Equal(t, tt.same, same)
		assert.Equal(t, tt.told, told)
	}
}

// leftBehind is a claim of a customer that was never recorded.
func leftBehind(claim domain.Recorded) domain.Recorded {
	claim.Event = reservation.Claimed{Holder: "nobody"}
	return claim
}
