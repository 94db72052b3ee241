package commands

// CreateWebhook sends facts to a URL.
type CreateWebhook struct {
	At
	WebhookSettings
	From string `json:"from,omitempty" doc:"Where to begin: end, start, or behind the position of an event; end if left out" maxLength:"50" example:"end"`
}

// WebhookSettings is what can be changed of a webhook.
type WebhookSettings struct {
	URL         string   `json:"url" doc:"Where facts are sent; https" minLength:"1" maxLength:"200" example:"https://hooks.example.com/annals"`
	Description string   `json:"description,omitempty" doc:"What it is for" maxLength:"10000" example:"accounting"`
	Types       []string `json:"types,omitempty" doc:"Only these types: deal.won.v1, deal.won in all its versions, or deal. for all about deals; all if left out" maxItems:"50" example:"[\"deal.\"]"`
	Masked      bool     `json:"masked,omitempty" doc:"Whether phone numbers and mail addresses are sent masked, as product and analysts see them; facts are sent whole if left out" example:"false"`
}

// WebhookRef is embedded by the commands on one webhook.
type WebhookRef struct {
	WebhookID string `json:"webhook_id" doc:"Id of the webhook" format:"uuid" example:"5f0c8a52-6a1e-5d0c-9f6a-0f6f5d3a1b11"`
}

// ChangeWebhook gives a webhook other settings.
type ChangeWebhook struct {
	At
	WebhookRef
	WebhookSettings
}

// PauseWebhook stops sending for now.
type PauseWebhook struct {
	At
	WebhookRef
	Reason string `json:"reason,omitempty" doc:"Why; another reason for one that is paused already is recorded, too" maxLength:"10000" example:"maintenance"`
}

// ResumeWebhook goes on where it was.
type ResumeWebhook struct {
	At
	WebhookRef
}

// RemoveWebhook ends a webhook.
type RemoveWebhook struct {
	At
	WebhookRef
	Reason string `json:"reason,omitempty" doc:"Why; another reason for one that was removed already is recorded, too" maxLength:"10000" example:"replaced"`
}

// RotateWebhookSecret exchanges the secret.
type RotateWebhookSecret struct {
	At
	WebhookRef
	KeepSeconds *int64 `json:"keep_seconds,omitempty" doc:"How long messages are signed with the secret before, too; a day if left out. Those before that keep their time, up to five secrets in all; 0 ends them all at once, for a secret that others know" minimum:"0" maximum:"2592000" example:"86400"`
}

// ReplayWebhook sends again what was recorded behind a position.
type ReplayWebhook struct {
	At
	WebhookRef
	From string `json:"from" doc:"Where to begin: start, end, or behind the position of an event" minLength:"1" maxLength:"50" example:"start"`
}

// SkipWebhookEvent leaves out an event that a receiver does not take.
type SkipWebhookEvent struct {
	At
	WebhookRef
	EventID string `json:"event_id" doc:"Id of the event, as it stands among those that wait" format:"uuid" example:"7c0e5a52-1c1e-5d0c-9f6a-0f6f5d3a1b22"`
	Reason  string `json:"reason" doc:"Why, for whoever wonders later" minLength:"1" maxLength:"10000" example:"entered there by hand"`
}

// WebhookSecret is the answer to what makes a secret.
type WebhookSecret struct {
	Result
	Secret string `json:"secret" doc:"What messages are signed with, as Standard Webhooks has it. It is told here and nowhere else; only the same request under the same Idempotency-Key is answered with it again" example:"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"`
}
