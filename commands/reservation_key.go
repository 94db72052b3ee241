package commands

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/customer"
	"github.com/annals-crm/annals/domain/reservation"
)

// reservationID names the stream of a reservation with a hash key.
func reservationID(hashKey []byte, key reservation.Key) string {
	mac := hmac.New(sha256.New, hashKey)
	mac.Write([]byte(string(key.Kind) + "\x00" + key.Value))
	return string(key.Kind) + "-" + hex.EncodeToString(mac.Sum(nil)[:20])
}

// NamedWith tells whether hashKey named the stream of claimed, an event of a
// reservation: whether it is what follows from a key that the holder had at any
// time. It is not told of a holder that never had one of that kind, as when the
// command that claimed it did not finish.
func NamedWith(ctx context.Context, store EventStore, hashKey []byte, claimed domain.Recorded) (same, told bool, err error) {
	claim, ok := claimed.Event.(reservation.Claimed)
	if !ok {
		return false, false, nil
	}
	var holder customer.Customer
	for rec, err := range store.Read(ctx, customer.Aggregate.Stream(claim.Holder), 0) {
		if err != nil {
			return false, told, fmt.Errorf("holder of a reservation: %w", err)
		}
		e, ok := rec.Event.(customer.Event)
		if !ok {
			continue
		}
		keys, _ := customer.Keys(holder, []customer.Event{e})
		for _, key := range keys {
			if !strings.HasPrefix(claimed.Subject(), string(key.Kind)+"-") {
				continue
			}
			if told = true; reservationID(hashKey, key) == claimed.Subject() {
				return true, true, nil
			}
		}
		holder = customer.Evolve(holder, e)
	}
	return false, told, nil
}
