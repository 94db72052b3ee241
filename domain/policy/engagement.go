package policy

// Engagement is what the pack says about keeping in touch.
type Engagement struct {
	Cadences            []Cadence `json:"cadences" doc:"How often whom to be in touch with"`                                      // EN-01..EN-03, X12
	RepurchaseMonths    []int     `json:"repurchase_months" doc:"Months after a won deal"`                                        // EN-05
	BirthdayDaysBefore  int       `json:"birthday_days_before" doc:"Days before a birthday that its reminder is due" example:"3"` // EN-06
	ReminderHour        int       `json:"reminder_hour" doc:"Hour of the day at which reminders fire"`                            // definitions 5.9
	SuppressWhenChurned bool      `json:"suppress_when_churned" doc:"Whether lost customers are left out of reminders" example:"true"`
}

// Cadence is how often customers of one segment are to be contacted. A customer
// in several segments gets all of their contacts (X12).
type Cadence struct {
	Segment string `json:"segment" doc:"Lifecycle stage, or value tier, of the customers" example:"potential"`
	Every   string `json:"every" doc:"Span in which it is counted" enum:"week,month,quarter"`
	Times   int    `json:"times" doc:"Times in each span" example:"1"`
	Manner  string `json:"manner,omitempty" doc:"How, if it matters"`
}

// Improvement is what the pack says about feedback and improvement.
type Improvement struct {
	ProductFeedbackSeconds int64    `json:"product_feedback_seconds" doc:"Time in which feedback on a product is answered" example:"172800"` // SP-05
	HotCategoryPct         int      `json:"hot_category_pct" doc:"A share strictly above this is hot"`                                       // FB-08
	HotCategoryRearmPct    int      `json:"hot_category_rearm_pct" doc:"Share below which a category can become hot again" example:"15"`     // definitions 5.7
	HotCategoryWindowDays  int      `json:"hot_category_window_days" doc:"Days that a share is taken over" example:"30"`                     // X9
	HotCategoryMinimum     int      `json:"hot_category_minimum" doc:"Complaints needed for a share to count"`                               // X9
	EffectAfterWeeks       []int    `json:"effect_after_weeks" doc:"Weeks after which the effect of an improvement is looked at"`            // FB-21
	MeetingEvery           string   `json:"meeting_every" doc:"How often improvements are talked over" enum:"week,month,quarter"`            // FB-18
	ReviewEvery            []string `json:"review_every" doc:"How often results are reviewed"`                                               // AN-11
	MetricsExtractEvery    string   `json:"metrics_extract_every" doc:"How often figures are extracted" enum:"week,month,quarter"`           // AN-06, AN-07
	SurveyLinkDays         int      `json:"survey_link_days" doc:"Days that the link to a survey works" example:"7"`                         // definitions 5.5
	SurveyEditSeconds      int64    `json:"survey_edit_seconds" doc:"Time in which an answer can be changed" example:"86400"`
	SurveyDedupeDays       int      `json:"survey_dedupe_days" doc:"Days in which nobody is asked twice" example:"30"`
	SurveyMinimumAnswers   int      `json:"survey_minimum_answers" doc:"Fewer answers are not shown per person"`
}
