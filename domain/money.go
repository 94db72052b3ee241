package domain

// Money is an amount in minor units (fen, cents) of an ISO 4217 currency.
type Money struct {
	Minor    int64  `json:"minor" doc:"Amount in minor units (fen, cents)" example:"1250000"`
	Currency string `json:"currency" doc:"ISO 4217 code" pattern:"^[A-Z]{3}$" example:"CNY"`
}

// MostMinor is the largest amount: ten million million yuan. Sums over all
// records, weighted by a percentage, then still fit, and every client that
// reads numbers as floating point reads amounts exactly.
const MostMinor = 1_000_000_000_000_000

// ErrMoney refuses amounts that are negative, absurd or without a currency.
var ErrMoney = &Error{Kind: Invalid, Code: "bad_money", Message: "an amount needs minor units of at least 0 and a currency of three capital letters"}

// Check fails with ErrMoney.
func (m Money) Check(field string) error {
	if m.Minor > MostMinor {
		return ErrMoney.Because("%d minor units are more than the %d that fit", m.Minor, int64(MostMinor)).In(field)
	}
	if m.Minor < 0 || len(m.Currency) != 3 {
		return ErrMoney.In(field)
	}
	for _, c := range m.Currency {
		if c < 'A' || c > 'Z' {
			return ErrMoney.In(field)
		}
	}
	return nil
}
