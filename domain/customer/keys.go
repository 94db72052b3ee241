package customer

import "github.com/annals-crm/annals/domain/reservation"

// Keys lists the certain-duplicate keys that events, about to be recorded,
// need to hold and no longer need (definitions 5.3, tier A): e-mail addresses,
// verified mobile numbers, the credit code, the external id. Before is the
// state the events were decided on.
func Keys(before Customer, events []Event) (claim, release []reservation.Key) {
	after := before
	for _, e := range events {
		after = Evolve(after, e)
	}
	had, has := before.keys(), after.keys()
	for _, k := range after.order() {
		if !had[k] {
			had[k] = true
			claim = append(claim, k)
		}
	}
	for _, k := range before.order() {
		if !has[k] {
			has[k] = true
			release = append(release, k)
		}
	}
	return claim, release
}

// Holds says whether the customer needs a key; a reservation that its holder
// does not need was left behind and can be reclaimed.
func (c Customer) Holds(k reservation.Key) bool { return c.keys()[k] }

func (c Customer) keys() map[reservation.Key]bool {
	keys := map[reservation.Key]bool{}
	for _, k := range c.order() {
		keys[k] = true
	}
	return keys
}

// order lists the keys of the customer. What is recorded has been checked, so
// a value without a normal form comes from an older rule and is no key.
func (c Customer) order() []reservation.Key {
	var keys []reservation.Key
	add := func(kind reservation.Kind, value string) {
		if value == "" {
			return
		}
		if k, err := reservation.NewKey(kind, value); err == nil {
			keys = append(keys, k)
		}
	}
	add(reservation.CreditCode, c.Details.CreditCode)
	add(reservation.ExternalID, c.Details.ExternalID)
	for _, contact := range c.Contacts {
		switch {
		case contact.Kind == Email:
			add(reservation.Email, contact.Value)
		case contact.Kind == Mobile && contact.Confirmations >= Confirmations:
			add(reservation.Mobile, contact.Value)
		}
	}
	return keys
}
