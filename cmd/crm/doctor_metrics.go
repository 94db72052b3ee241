package main

import (
	"bytes"
	"context"
	"net/http"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/annals-crm/annals/adapters/apiclient"
)

// figuresOf are metrics by name, of which those with labels are added up.
type figuresOf map[string]float64

// checkMetrics looks at what only the process itself can count.
func (d *visit) checkMetrics(ctx context.Context, client *apiclient.Client) {
	const check = "metrics"
	answer, err := client.Probe(ctx, "/metrics")
	switch {
	case err != nil:
		d.skip(check, "%v", err)
		return
	case answer.Status != http.StatusOK:
		d.skip(check, "the token may not read them: status %d", answer.Status)
		return
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(answer.Body))
	if err != nil {
		d.skip(check, "%v", err)
		return
	}
	told := figuresOf{}
	for name, family := range families {
		for _, m := range family.GetMetric() {
			if result := m.GetLabel(); len(result) == 1 && result[0].GetValue() == "used" {
				continue // certificates that could be used are no trouble
			}
			told[name] += m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	d.checkOpenFiles(told)
	d.checkConnections(told)
	if told["annals_webhook_interrupted"] > 0 {
		d.add(finding{
			Check: "webhooks interrupted", Status: warned, Found: "some stand still, though a process is at work on them",
			Means: "their facts wait in the log; nothing is lost", Do: `look for "webhook interrupted" in the log of the server; it says which and why, such as another --webhook-key`,
		})
	}
	if told["annals_tls_certificate_reloads_total"] > 0 {
		d.add(finding{
			Check: "certificate files", Status: warned, Found: "changed files could not be used",
			Means: "the certificate of before is shown, until it ends", Do: "the log of the server says what is wrong with them; mend it, and they are read again",
		})
	}
}

// fewFiles is the share of files a process may open at which it should be more.
const fewFiles = 0.8

func (d *visit) checkOpenFiles(told figuresOf) {
	const check = "open files"
	open, most := told["process_open_fds"], told["process_max_fds"]
	if most == 0 {
		d.skip(check, "the system of the server does not tell")
		return
	}
	f := finding{Check: check, Status: passed, Found: english().Sprintf("%.0f of %.0f", open, most)}
	if open > fewFiles*most {
		f.Status, f.Means = warned, "when there are no more, connections are refused and the log cannot be written"
		f.Do = "raise the limit (LimitNOFILE of the service, ulimit -n) and start the server again"
	}
	d.add(f)
}

func (d *visit) checkConnections(told figuresOf) {
	const check = "log connections"
	made, known := told["annals_log_connections_total"]
	switch {
	case !known:
		d.skip(check, "this release of the server does not tell")
	case made > 1:
		d.add(finding{
			Check: check, Status: warned, Found: english().Sprintf("%.0f made since the start of the server", made),
			Means: "all but the last were lost; commands had to wait or were answered with 503",
			Do:    "if the event store was not restarted, look at its log and at the network to it",
		})
	default:
		d.ok(check, "none was lost since the start of the server")
	}
}
