package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/annals-crm/annals/adapters/apiclient"
	"github.com/annals-crm/annals/adapters/httpapi"
)

// examineServer asks a running server how it is.
func (d *visit) examineServer(ctx context.Context) {
	const check = "server"
	client, err := apiclient.New(d.v.GetString("server"), d.v.GetString("token"), 1)
	if err != nil {
		d.wrongSettings(err)
		return
	}
	client.Patience = 0 // how it is now
	answer, err := client.Probe(ctx, "/healthz")
	if err == nil && (answer.Status != http.StatusOK || !strings.Contains(string(answer.Body), `"alive"`)) {
		err = fmt.Errorf("something that is not crm serve answers, with status %d", answer.Status)
	}
	if err != nil {
		d.add(finding{
			Check: check, Status: failed, Found: err.Error(), Means: "nobody is served there",
			Do: "start crm serve, or name its address with --server; to look at a set-up without a server, give the settings of crm serve",
		})
		return
	}
	d.ok(check, "answers in %s", answer.Took.Round(100*time.Microsecond).String())
	if len(answer.Certificates) > 0 {
		d.checkCertificate("server certificate", answer.Certificates[0])
	}
	if answer.Date.IsZero() {
		d.skip("server clock", "the server does not tell its time")
	} else {
		const half = time.Second / 2 // it tells whole seconds
		d.checkClock("server clock", "the server", answer.Date.Add(half).Sub(answer.Sent.Add(answer.Took/2)), half+answer.Took/2)
	}
	d.checkReadiness(ctx, client)
	if !d.checkToken(ctx, client) {
		return
	}
	d.checkReadModels(ctx, check+" ", false, func(ctx context.Context) ([]httpapi.ReadModel, error) {
		var all httpapi.ReadModels
		err := client.Get(ctx, "/v1/queries/read-models", nil, &all)
		return all.Items, err
	})
	d.checkWebhooks(ctx, client)
	d.checkMetrics(ctx, client)
}

// readyAnswer is what /readyz says; a problem has it under details.
type readyAnswer struct {
	Missing      []string             `json:"missing"`
	Dependencies []httpapi.Dependency `json:"dependencies"`
	Details      *readyAnswer         `json:"details"`
}

func (d *visit) checkReadiness(ctx context.Context, client *apiclient.Client) {
	const check = "ready"
	answer, err := client.Probe(ctx, "/readyz")
	if err != nil {
		d.skip(check, "%v", err)
		return
	}
	var told readyAnswer
	if err := json.Unmarshal(answer.Body, &told); err != nil {
		d.skip(check, "the answer is not one of crm serve")
		return
	}
	if told.Details != nil {
		told = *told.Details
	}
	var amiss []string
	for _, dep := range told.Dependencies {
		if dep.Status != httpapi.Fine {
			amiss = append(amiss, fmt.Sprintf("%s %s since %s", dep.Name, dep.Status, dep.Since.UTC().Format(time.DateTime)))
		}
	}
	if len(told.Dependencies) == 0 {
		amiss = told.Missing
	}
	f := finding{Check: check, Status: passed, Found: fmt.Sprintf("everything of %d that it depends on is fine", len(told.Dependencies))}
	if len(amiss) > 0 || answer.Status != http.StatusOK {
		f.Status, f.Found = warned, strings.Join(amiss, ", ")
		f.Means = "requests are answered, but some of what they need is missing"
		f.Do = "see to what is named; GET /readyz says how it goes on"
	}
	if answer.Status != http.StatusOK {
		f.Status, f.Means = failed, "a balancer sends no requests there, and most are answered with 503"
	}
	d.add(f)
}

// tokenEndsSoon is when a token should have been renewed already.
const tokenEndsSoon = 7 * 24 * time.Hour

// checkToken tells whether the rest may be asked for.
func (d *visit) checkToken(ctx context.Context, client *apiclient.Client) bool {
	const check = "token"
	if d.v.GetString("token") == "" {
		d.skip(check, "none is given (CRM_TOKEN), so read models, parked events, builds and metrics are not looked at")
		return false
	}
	answer, err := client.Probe(ctx, "/v1/queries/me")
	var me httpapi.Me
	switch {
	case err != nil:
		d.skip(check, "%v", err)
		return false
	case answer.Status == http.StatusUnauthorized:
		d.add(finding{
			Check: check, Status: failed, Found: "the server does not know it, or it has ended or was revoked",
			Means: "read models, parked events, builds and metrics are not looked at", Do: "give a valid one as CRM_TOKEN; crm token create makes one",
		})
		return false
	case answer.Status == http.StatusNotFound:
		d.skip(check, "this process answers no queries; ask one with the role queries or all about the token and read models")
		return true
	case answer.Status != http.StatusOK || json.Unmarshal(answer.Body, &me) != nil:
		d.skip(check, "the server answers with status %d", answer.Status)
		return answer.Status == http.StatusForbidden // by its scopes; others may do
	case me.ExpiresAt != nil && me.ExpiresAt.Sub(d.now()) < tokenEndsSoon:
		d.add(finding{
			Check: check, Status: warned, Found: "ends on " + me.ExpiresAt.UTC().Format(time.DateTime),
			Means: "whatever uses it is refused from then on", Do: "crm token create --renew, put that to use, then crm token revoke",
		})
	default:
		d.ok(check, "valid")
	}
	return true
}
