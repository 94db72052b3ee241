package policy

// Engagement is what the pack says about keeping in touch.
type Engagement struct {
	Cadences            []Cadence `json:"cadences"`                                                    // EN-01..EN-03, X12
	RepurchaseMonths    []int     `json:"repurchase_months" doc:"Months after a won deal"`             // EN-05
	BirthdayDaysBefore  int       `json:"birthday_days_before"`                                        // EN-06
	ReminderHour        int       `json:"reminder_hour" doc:"Hour of the day at which reminders fire"` // definitions 5.9
	SuppressWhenChurned bool      `json:"suppress_when_churned"`
}

// Cadence is how often customers of one segment are to be contacted. A customer
// in several segments gets all of their contacts (X12).
type Cadence struct {
	Segment string `json:"segment" example:"potential"`
	Every   string `json:"every" enum:"week,month,quarter"`
	Times   int    `json:"times"`
	Manner  string `json:"manner,omitempty" doc:"How, if it matters"`
}

// Improvement is what the pack says about feedback and improvement.
type Improvement struct {
	ProductFeedbackSeconds int64    `json:"product_feedback_seconds"`                                          // SP-05
	HotCategoryPct         int      `json:"hot_category_pct" doc:"A share strictly above this is hot"`         // FB-08
	HotCategoryRearmPct    int      `json:"hot_category_rearm_pct"`                                            // definitions 5.7
	HotCategoryWindowDays  int      `json:"hot_category_window_days"`                                          // X9
	HotCategoryMinimum     int      `json:"hot_category_minimum" doc:"Complaints needed for a share to count"` // X9
	EffectAfterWeeks       []int    `json:"effect_after_weeks"`                                                // FB-21
	MeetingEvery           string   `json:"meeting_every" enum:"week,month,quarter"`                           // FB-18
	ReviewEvery            []string `json:"review_every"`                                                      // AN-11
	MetricsExtractEvery    string   `json:"metrics_extract_every" enum:"week,month,quarter"`                   // AN-06, AN-07
	SurveyLinkDays         int      `json:"survey_link_days"`                                                  // definitions 5.5
	SurveyEditSeconds      int64    `json:"survey_edit_seconds"`
	SurveyDedupeDays       int      `json:"survey_dedupe_days"`
	SurveyMinimumAnswers   int      `json:"survey_minimum_answers" doc:"Fewer answers are not shown per person"`
}
