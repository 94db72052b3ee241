package httpapi

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"github.com/annals-crm/annals/domain"
)

const (
	runBatch      = "run-batch"
	largestBatch  = 500
	batchAtOnce   = 16 // items of one batch that are worked on at the same time
	batchExample  = `{"items":[{"command":"open-deal","idempotency_key":"order-4711-open","body":{"customer_id":"0b0f4e6e-70a9-5f4e-8a43-7d0e2f6c1a55","title":"200 workstations","amount":{"minor":100,"currency":"CNY"}}},{"command":"assign-deal","if_match":"\"3\"","body":{"deal_id":"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11","owner":"ann"}}]}`
	batchAnswered = `{"results":[{"status":201,"etag":"\"0\"","location":"/v1/queries/deals/5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b12","result":{"id":"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b12","stream":"deal-5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b12","revision":0,"position":"8312/8312","events":["deal.opened.v1"]}},{"status":404,"problem":{"type":"urn:annals:problem:deal_not_found","title":"Not Found","status":404,"detail":"no deal has this id","code":"deal_not_found"}}],"succeeded":1,"failed":1,"position":"8312/8312"}`
)

var (
	errNoCommand    = &domain.Error{Kind: domain.Missing, Code: "no_such_command", Message: "no command has this name that can be part of a batch"}
	errNotAttempted = &domain.Error{Code: "not_attempted", Message: "an item before this one failed, and the batch was to stop then"}
	errBatchLarge   = &domain.Error{Kind: domain.Invalid, Code: "batch_too_large", Message: "the batch has more items than one caller may send in a minute; send smaller ones", Field: "items"}
)

// Batch is several commands in one request.
type Batch struct {
	Items       []BatchItem `json:"items" minItems:"1" maxItems:"500" nullable:"false" doc:"The commands. Those on the same record are carried out in this order, others at the same time"`
	StopOnError bool        `json:"stop_on_error,omitempty" doc:"Carry the items out one after the other, and none after the first that fails"`
}

// BatchItem is one command of a batch.
type BatchItem struct {
	Command        string          `json:"command" minLength:"1" maxLength:"100" doc:"Name of the command" example:"assign-deal"`
	IdempotencyKey string          `json:"idempotency_key,omitempty" maxLength:"255" pattern:"^[!-~]*$" patternDescription:"visible ASCII characters" doc:"As the header Idempotency-Key" example:"order-4711-sign"`
	IfMatch        string          `json:"if_match,omitempty" maxLength:"40" doc:"As the header If-Match" example:"\"3\""`
	Body           json.RawMessage `json:"body" doc:"As the body of the command"`
}

// BatchResults are the answers to the items of a batch.
type BatchResults struct {
	Results   []BatchResult   `json:"results" nullable:"false" doc:"One per item, in the same order"`
	Succeeded int             `json:"succeeded" doc:"Items with a status below 300" example:"2"`
	Failed    int             `json:"failed" doc:"The others" example:"0"`
	Position  domain.Position `json:"position" doc:"The latest of the positions in the results; send it as min_position to see what all of them did" example:"8312/8312"`
}

// BatchResult is what an item alone would have been answered with.
type BatchResult struct {
	Status      int             `json:"status" doc:"HTTP status" example:"200"`
	ETag        string          `json:"etag,omitempty" doc:"As the header ETag" example:"\"3\""`
	Location    string          `json:"location,omitempty" doc:"As the header Location" example:"/v1/queries/deals/5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
	Deprecation string          `json:"deprecation,omitempty" doc:"As the header Deprecation; only of a command that is deprecated" example:"@1798761600"`
	Sunset      string          `json:"sunset,omitempty" doc:"As the header Sunset; only of a command that is deprecated" example:"Sat, 01 Jan 2028 00:00:00 GMT"`
	Link        string          `json:"link,omitempty" doc:"As the header Link; only of a command that is deprecated" example:"</v1/commands/assign-deal>; rel=\"successor-version\""`
	Result      json.RawMessage `json:"result,omitempty" doc:"What the command answers with; only if it succeeded"`
	Problem     *Problem        `json:"problem,omitempty" doc:"What stood in the way; only if it did not"`
}

type batchInput struct {
	Key         string `header:"Idempotency-Key" maxLength:"250" pattern:"^[!-~]*$" patternDescription:"visible ASCII characters" doc:"Makes the batch repeatable: an item without a key of its own gets this one with its number, such as import-7/0" example:"import-7"`
	Correlation string `header:"X-Correlation-ID" maxLength:"128" pattern:"^[!-~]*$" patternDescription:"visible ASCII characters" doc:"Ties everything one cause led to; kept with the events of all items" example:"campaign-2024-05"`
	TraceParent string `header:"traceparent" maxLength:"255" doc:"W3C trace context; kept with the events of all items" example:"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"`
	Body        Batch
}

type batchOutput struct {
	Body BatchResults
}

// batch declares the command that carries out others. Whether a caller may send
// an item is asked for each, as if it had come alone.
func batch(who rights) route {
	return route{
		method: http.MethodPost, path: commandPath + runBatch, name: runBatch, tag: "commands",
		summary: "Send up to 500 commands in one request", who: who, errs: errs(errBatchLarge),
		add: func(s *service, op huma.Operation, _ string) {
			op.DefaultStatus = http.StatusOK
			op.Description += "\n\nAnswered with 200 whatever becomes of the items; each has a status of its own, and one that fails does not keep the others from " +
				"being carried out. Every item is checked, permitted and counted as if it had been sent alone."
			register(s, op, func(ctx context.Context, in *batchInput) (*batchOutput, error) {
				results, err := s.runBatch(ctx, in)
				return &batchOutput{Body: results}, err
			})
			added := s.documented(op.Method, op.Path)
			added.RequestBody.Content["application/json"].Example = json.RawMessage(batchExample)
			added.Responses["200"].Content["application/json"].Example = json.RawMessage(batchAnswered)
		},
	}
}

// runBatch fails before the first item, or not at all.
func (s *service) runBatch(ctx context.Context, in *batchInput) (BatchResults, error) {
	outer, items := callOf(ctx), in.Body.Items
	if q := s.commandQuota; q != nil && len(items) > q.perMinute {
		return BatchResults{}, errBatchLarge.Because("the batch has %d items, and one caller may send %d in a minute; send at most %d at once", len(items), q.perMinute, q.perMinute)
	}
	if err := s.commandQuota.take(outer.Header(), outer.caller.ID, len(items)-1, s.now()); err != nil { // the request itself was one
		s.commandQuota.again(outer.Header(), outer.caller.ID, len(items), s.now())
		return BatchResults{}, err
	}
	for i := range items {
		if items[i].IdempotencyKey == "" && in.Key != "" {
			items[i].IdempotencyKey = in.Key + "/" + strconv.Itoa(i)
		}
	}
	all := BatchResults{}
	if in.Body.StopOnError {
		all.Results = s.untilOneFails(ctx, items)
	} else {
		all.Results = s.together(ctx, items)
	}
	for _, r := range all.Results {
		if r.Status >= http.StatusMultipleChoices {
			all.Failed++
			continue
		}
		all.Succeeded++
		var told struct{ Position domain.Position }
		if json.Unmarshal(r.Result, &told) == nil && told.Position.Compare(all.Position) > 0 { // not every command tells one
			all.Position = told.Position
		}
	}
	return all, nil
}
