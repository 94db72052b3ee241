package reservation_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/domaintest"
	"github.com/annals-crm/annals/domain/reservation"
)

func TestGolden(t *testing.T) { domaintest.Golden(t, reservation.Types) }

func TestReservation(t *testing.T) {
	type events = []reservation.Event
	now := time.Date(2024, 5, 31, 9, 30, 0, 0, time.UTC)
	claim := func(holder string) func(reservation.Reservation) (events, error) {
		return func(r reservation.Reservation) (events, error) { return r.Claim(holder, "cmd", now) }
	}
	reclaim := func(orphan, holder string) func(reservation.Reservation) (events, error) {
		return func(r reservation.Reservation) (events, error) { return r.Reclaim(orphan, holder, "cmd", now) }
	}
	release := func(holder string) func(reservation.Reservation) (events, error) {
		return func(r reservation.Reservation) (events, error) { return r.Release(holder) }
	}
	byC1 := reservation.Claimed{Holder: "c1", Command: "cmd", ClaimedAt: now}
	byC2 := reservation.Claimed{Holder: "c2", Command: "cmd", ClaimedAt: now}
	freed := reservation.Released{Holder: "c1"}
	aged := func(by time.Duration) reservation.Claimed {
		return reservation.Claimed{Holder: "c1", Command: "earlier", ClaimedAt: now.Add(-by)}
	}
	domaintest.Run(t, reservation.Aggregate, []domaintest.Case[reservation.Reservation, reservation.Event]{
		{Name: "free", When: claim("c1"), Then: events{byC1}},
		{Name: "held by the same", Given: events{byC1}, When: claim("c1"), Then: nil},
		{Name: "held by another", Given: events{byC1}, When: claim("c2"), Err: reservation.ErrTaken},
		{Name: "free again", Given: events{byC1, freed}, When: claim("c2"), Then: events{byC2}},
		{Name: "held by the same, for some seconds", Given: events{aged(29 * time.Second)}, When: claim("c1"), Then: nil},
		{Name: "held by the same, long ago", Given: events{aged(30 * time.Second)}, When: claim("c1"), Then: events{byC1}},
		{Name: "left behind", Given: events{aged(time.Minute)}, When: reclaim("c1", "c2"), Then: events{freed, byC2}},
		{Name: "left behind, but renewed meanwhile", Given: events{aged(time.Hour), byC1}, When: reclaim("c1", "c2"), Err: reservation.ErrTaken},
		{Name: "left behind, but freed meanwhile", Given: events{byC1, freed}, When: reclaim("c1", "c2"), Then: events{byC2}},
		{Name: "left behind, but taken meanwhile", Given: events{byC2}, When: reclaim("c1", "c3"), Err: reservation.ErrTaken},
		{Name: "its own", Given: events{byC1}, When: reclaim("c1", "c1"), Then: nil},
		{Name: "left behind by nobody", When: reclaim("", "c1"), Then: events{byC1}},
		{Name: "released", Given: events{byC1}, When: release("c1"), Then: events{freed}},
		{Name: "released by another", Given: events{byC1}, When: release("c2"), Then: nil},
		{Name: "released twice", Given: events{byC1, freed}, When: release("c1"), Then: nil},
	})
	_, err := claim("c2")(domaintest.Fold(reservation.Aggregate, reservation.Event(byC1)))
	var refusal *domain.Error
	require.ErrorAs(t, err, &refusal)
	assert.Equal(t, reservation.Taken{Holder: "c1"}, refusal.Details)
	assert.Equal(t, domain.Conflict, refusal.Kind)
}

// Definitions 5.3: what identifies a customer for certain, in its normal form.
func TestNewKey(t *testing.T) {
	for _, tt := range []struct {
		kind        reservation.Kind
		value, want string
	}{
		{reservation.Email, " Ann+CRM@Example.COM ", "ann@example.com"},
		{reservation.Email, "ann@müller.example", "ann@müller.example"},
		{reservation.Email, "+ann@example.com", "+ann@example.com"},
		{reservation.Mobile, "138 0013-8000", "+8613800138000"},
		{reservation.Mobile, "+86 (138) 0013 8000", "+8613800138000"},
		{reservation.Mobile, "0086 13800138000", "+8613800138000"},
		{reservation.Mobile, "8613800138000", "+8613800138000"},
		{reservation.Mobile, "１３８００１３８０００", "+8613800138000"},
		{reservation.Mobile, "+49 151 12345678", "+4915112345678"},
		{reservation.CreditCode, " 91350100m000100y43 ", "91350100M000100Y43"},
		{reservation.ExternalID, " Z063OYW0 ", "Z063OYW0"},
	} {
		t.Run(tt.value, func(t *testing.T) {
			key, err := reservation.NewKey(tt.kind, tt.value)
			require.NoError(t, err)
			assert.Equal(t, reservation.Key{Kind: tt.kind, Value: tt.want}, key)
		})
	}
}

func TestNewKeyRefuses(t *testing.T) {
	for _, tt := range []struct {
		kind  reservation.Kind
		value string
		want  *domain.Error
		says  string
	}{
		{reservation.Email, "ann", reservation.ErrEmail, "ann@example.com"},
		{reservation.Email, "Ann <ann@example.com>", reservation.ErrEmail, "not an e-mail address"},
		{reservation.Email, "ann@localhost", reservation.ErrEmail, "domain"},
		{reservation.Mobile, "1380013800", reservation.ErrMobile, "10 digits, 1 too few"}, // CM-12
		{reservation.Mobile, "+861380013800", reservation.ErrMobile, "1 too few"},
		{reservation.Mobile, "861380013800", reservation.ErrMobile, "1 too few"},
		{reservation.Mobile, "138001380001", reservation.ErrMobile, "1 too many"},
		{reservation.Mobile, "12800138000", reservation.ErrMobile, "13 to 19"},
		{reservation.Mobile, "13800138O00", reservation.ErrMobile, `"O"`},
		{reservation.Mobile, "+49151", reservation.ErrMobile, "8 to 15"},
		{reservation.Mobile, "", reservation.ErrMobile, "11 too few"},
		{reservation.CreditCode, "91350100M000100Y4", reservation.ErrCreditCode, "17 characters"},
		{reservation.CreditCode, "91350100M000100Y44", reservation.ErrCreditCode, "would be 3"},
		{reservation.CreditCode, "91350100M000100I43", reservation.ErrCreditCode, "other than I"},
		{reservation.ExternalID, " ", reservation.ErrExternalID, "1 to 200"},
		{reservation.ExternalID, "a\nb", reservation.ErrExternalID, "1 to 200"},
	} {
		t.Run(tt.value, func(t *testing.T) {
			_, err := reservation.NewKey(tt.kind, tt.value)
			require.ErrorIs(t, err, tt.want)
			assert.ErrorContains(t, err, tt.says)
		})
	}
}

// GB 32100-2015: codes of real organisations, whose check characters hold.
func TestCreditCodes(t *testing.T) {
	for _, code := range []string{"91350100M000100Y43", "9144030071526726XG", "91110000802100433B", "91330100799655058B"} {
		_, err := reservation.NormalCreditCode(code)
		assert.NoError(t, err)
	}
}

func FuzzNormalForms(f *testing.F) {
	for _, seed := range []string{"138 0013 8000", "+4915112345678", "ann+x@example.com", "91350100M000100Y43", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		for _, kind := range []reservation.Kind{reservation.Email, reservation.Mobile, reservation.CreditCode, reservation.ExternalID} {
			key, err := reservation.NewKey(kind, value)
			if err != nil {
				continue
			}
			again, err := reservation.NewKey(kind, key.Value)
			require.NoError(t, err, "%s %q", kind, key.Value)
			require.Equal(t, key, again, "a normal form stays as it is")
		}
	})
}
