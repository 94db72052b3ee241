package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/annals-crm/annals/adapters/eventstoredb"
	"github.com/annals-crm/annals/commands"
	"github.com/annals-crm/annals/domain"
	"github.com/annals-crm/annals/domain/reservation"
)

// checkHashKey is the key crm serve would use, or nil. None is made.
func (d *visit) checkHashKey() []byte {
	const check = "hash key"
	means := "crm serve does not start; without this key nobody can tell any more which e-mail addresses and numbers are taken"
	text, from := d.v.GetString("hash-key"), "--hash-key"
	path := filepath.Join(d.c.data, hashFile)
	if text == "" && d.c.eventstore != "" {
		d.add(finding{
			Check: check, Status: failed, Found: "--hash-key is not given, and --eventstore needs it", Means: means,
			Do: "give the one that the other processes have; for a new log make one with: openssl rand -hex 32",
		})
		return nil
	}
	if text == "" {
		from = path
		read, err := os.ReadFile(path)
		if errors.Is(err, fs.ErrNotExist) {
			if begun, err := holdsLog(d.c.data); err == nil && !begun {
				d.skip(check, "%s is not there yet; the first crm serve makes it", path)
				return nil
			}
		}
		if err != nil {
			d.add(finding{Check: check, Status: failed, Found: err.Error(), Means: means, Do: "give it with --hash-key, or put it back from a backup"})
			return nil
		}
		text = strings.TrimSpace(string(read))
	}
	key, err := parseHashKey(text)
	if err != nil {
		d.add(finding{Check: check, Status: failed, Found: from + " " + err.Error(), Means: means, Do: "look for the right one; a backup holds it as " + hashFile})
		return nil
	}
	d.ok(check, "%s can be read", from)
	return key
}

// How many reservations are held against the hash key, newest and oldest, and in
// how many of the newest events they are looked for.
const (
	reservations    = 20
	newestEvents    = 2000
	longestScanning = 10 * time.Second
)

// checkKeyOfLog tells whether key is what named the reservations in the log, by
// those of which the log also says what they were named after.
func (d *visit) checkKeyOfLog(ctx context.Context, log *eventstoredb.Client, key []byte, newest []domain.Recorded) {
	const check = "hash key of the log"
	if key == nil {
		d.skip(check, "there is no key to hold against it")
		return
	}
	late, err := proofs(ctx, log, key, newest)
	if err != nil {
		d.skip(check, "the log could not be read: %v", err)
		return
	}
	early, err := proofs(ctx, log, key, without(oldestClaims(ctx, log), newest))
	if err != nil {
		d.skip(check, "the log could not be read: %v", err)
		return
	}
	const mends = "look for the key that the log was begun with (a backup holds it as " + hashFile + "); if crm serve runs with this one, stop it at once"
	switch f := (finding{Check: check, Status: failed, Means: "customers are taken for new that are there already, and get recorded twice", Do: mends}); {
	case late.told+early.told == 0:
		d.skip(check, "no customer of the log tells it")
	case late.same == 0 && early.same == 0:
		f.Found = fmt.Sprintf("none of %d reservations was named with it", late.told+early.told)
		d.add(f)
	case late.told > 0 && late.same == 0:
		f.Found = "it named the oldest reservations, but not the newest: some process has another key"
		d.add(f)
	case early.told > 0 && early.same == 0:
		f.Found = "it named the newest reservations, but not the oldest: it was changed"
		d.add(f)
	default:
		d.ok(check, "it named %d of %d reservations looked at", late.same+early.same, late.told+early.told)
	}
}

// proof is how many reservations tell of the key, and of how many it is the key.
// A few may not be, as those of commands that did not finish.
type proof struct{ told, same int }

func proofs(ctx context.Context, log *eventstoredb.Client, key []byte, claims []domain.Recorded) (p proof, err error) {
	for _, claim := range claims {
		if p.told == reservations {
			break
		}
		same, told, err := commands.NamedWith(ctx, log, key, claim)
		if err != nil {
			return p, err
		}
		if told {
			p.told++
		}
		if same {
			p.same++
		}
	}
	return p, nil
}

// oldestClaims are the first reservations of the log, as far as they are found
// in the time there is.
func oldestClaims(ctx context.Context, log *eventstoredb.Client) (claims []domain.Recorded) {
	ctx, cancel := context.WithTimeout(ctx, longestScanning)
	defer cancel()
	for page := range log.Pages(ctx, eventstoredb.PagesConfig{Types: []string{reservation.Claimed{}.EventType()}, Size: reservations}) {
		for _, e := range page.Events {
			if len(claims) < reservations {
				claims = append(claims, e)
			}
		}
		if len(claims) == reservations || page.CaughtUp {
			return claims
		}
	}
	return claims
}

// without leaves out of the oldest those that are among the newest, too.
func without(oldest, newest []domain.Recorded) []domain.Recorded {
	if len(newest) == 0 {
		return oldest
	}
	first := newest[len(newest)-1].Position
	return slices.DeleteFunc(oldest, func(e domain.Recorded) bool { return e.Position.Compare(first) >= 0 })
}

func isClaim(e domain.Recorded) bool {
	_, is := e.Event.(reservation.Claimed)
	return is
}
