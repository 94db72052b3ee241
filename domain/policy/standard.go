package policy

import "github.com/annals-crm/annals/domain"

const (
	minute int64 = 60
	hour         = 60 * minute
	day          = 24 * hour
)

// Standard is the process pack the product ships (requirements 1.0).
func Standard() Pack {
	return Pack{
		Zone:     "Asia/Shanghai",
		Currency: "CNY",
		Customers: Customers{
			NumberPattern:        "{YYYYMM}-{seq:3}",
			NumberPatterns:       []string{"{YYYYMM}-{seq:3}", "C{YYYY}{seq:3}"},
			EntryDeadlineSeconds: 24 * hour,
			RequiredFields:       []string{"name"},
			ProfileFields:        []string{"name", "industry", "owner", "source_channel", "acquired_at", "initial_need", "contact_person", "contact_position", "contact_phone", "contact_email"},
			LifecycleStages: []LifecycleStage{
				{Potential, "unsigned"},
				{Interested, "quoted"},
				{ClosedWon, "signed"},
				{Existing, "second or later won deal"},
				{Churned, "had a won deal, and no active contract and no purchase for 3 months or more"},
			},
			ExistingAfterWonDeals: 2,
			ChurnAfter:            "P3M",
			CoolingAfter:          "P3M",
			DormantAfter:          "P6M",
			ValueTiers:            []ValueTier{{"high", 10_000_000}, {"medium", 5_000_000}, {"low", 0}},
			ValueWindowDays:       365,
			ValueBasis:            "signed",
			Types:                 []string{"new", "existing", "high_value"},
			AcquisitionChannels: []string{
				"website_form", "phone", "online_ad", "sales_contact", "trade_show", "online_salon", "customer_referral", "partner", "import", "other",
			},
			InteractionChannels: []string{"phone", "email", "wechat", "sms", "chat", "meeting", "visit", "event", "website", "letter", "other"},
			NeedTypes:           []string{"product_enquiry", "solution_customisation", "service_support", "long_term_cooperation"},
			ContactRoles:        []string{"decision_maker", "influencer", "buyer", "user", "technical", "finance", "gatekeeper", "other"},
			TagDimensions: []TagDimension{
				{Name: "demand"},
				{Name: "industry"},
				{Name: "risk"},
				{Name: "preference"},
				{Name: "grade", Values: []string{"strategic", "potential", "dormant"}, Exclusive: true},
				{Name: "customer_type", Values: []string{"new", "existing", "high_value"}, Exclusive: true},
				{Name: "need_level", Exclusive: true},
				{Name: "follow_up_status", Exclusive: true},
				{Name: "product"},
				{Name: "service"},
				{Name: "region"},
				{Name: "scale", Exclusive: true},
				{Name: "campaign"},
			},
			CompletionReward:     CompletionReward{Fields: 10, Amount: domain.Money{Minor: 5000, Currency: "CNY"}, HoldDays: 7},
			WinBackWindowDays:    90,
			ConversionWindowDays: 180,
		},
		Sales: Sales{
			Stages: []Stage{
				{Name: Lead, Probability: 10},
				{Name: Opportunity, Probability: 25},
				{Name: Quote, Probability: 50, Requires: QuoteSent},
				{Name: Deal, Probability: 100, Requires: ContractSigned},
				{Name: Payment, Probability: 100, Requires: PaymentReceived},
			},
			FirstSolutionSeconds: 24 * hour,
			NeedsAnswerSeconds:   2 * day,
			LossReasons:          []string{"price", "competitor", "no_budget", "no_need", "slow_response", "no_contact", "other"},
		},
		Tickets: standardTickets(),
		Engagement: Engagement{
			Cadences: []Cadence{
				{Segment: Potential, Every: "week", Times: 1, Manner: "phone or e-mail"},
				{Segment: ClosedWon, Every: "month", Times: 1},
				{Segment: "high_value", Every: "quarter", Times: 1, Manner: "on site or deep online"},
			},
			RepurchaseMonths:    []int{3, 6},
			BirthdayDaysBefore:  3,
			ReminderHour:        9,
			SuppressWhenChurned: true,
		},
		Improvement: Improvement{
			ProductFeedbackSeconds: 2 * day,
			HotCategoryPct:         30,
			HotCategoryRearmPct:    25,
			HotCategoryWindowDays:  30,
			HotCategoryMinimum:     10,
			EffectAfterWeeks:       []int{1, 2},
			MeetingEvery:           "week",
			ReviewEvery:            []string{"month", "quarter"},
			MetricsExtractEvery:    "month",
			SurveyLinkDays:         14,
			SurveyEditSeconds:      24 * hour,
			SurveyDedupeDays:       7,
			SurveyMinimumAnswers:   5,
		},
		Goals: Goals{
			EntryTimelinessPct:        95,
			CompletenessPct:           90,
			DormantWakeupPct:          30,
			MeanFirstResponseSeconds:  4 * hour,
			FirstContactResolutionPct: 90,
			SatisfactionPoints:        85,
		},
		RequirementPriorities: map[string]string{"P0": "must", "P1": "important", "P2": "optional"},
	}
}

func standardTickets() Tickets {
	promise := func(name string, when Condition, response, resolution int64) SLA {
		return SLA{Name: name, When: when, Calendar: AroundTheClock, Targets: []Target{
			{Name: FirstResponse, Seconds: response},
			{Name: FirstSolution, Seconds: 24 * hour, PausedBy: []string{WaitingForCustomer}},
			{Name: Resolution, Seconds: resolution, PausedBy: []string{WaitingForCustomer, WaitingForThirdParty}},
		}}
	}
	return Tickets{
		Priorities:        []string{"urgent", "important", "general"},
		DefaultPriority:   "general",
		Complexities:      []string{"general", "complex"},
		DefaultComplexity: "general",
		Types:             []string{"complaint", "requirement_change", "enquiry"},
		Attributes:        []string{"product", "service", "process"},
		Categories:        []string{"product_quality", "service_attitude", "process_efficiency", "other"},
		Scenes:            []string{"pre_sale", "in_sale", "after_sale"},
		Channels:          []string{"phone", "email", "wechat", "chat", "website", "app", "visit", "questionnaire", "complaint_system", "import", "other"},
		WaitingReasons:    []string{WaitingForCustomer, WaitingForThirdParty},
		SLA: []SLA{
			promise("urgent and complex", Condition{Priority: "urgent", Complexity: "complex"}, 30*minute, 72*hour),
			promise("urgent", Condition{Priority: "urgent"}, 30*minute, 48*hour),
			promise("complex", Condition{Complexity: "complex"}, 60*minute, 72*hour),
			promise("standard", Condition{}, 60*minute, 48*hour),
		},
		WarnAtPct:          []int{75, 90},
		ReopenGraceSeconds: 7 * day,
		FirstFixSeconds:    7 * day,
		RankingEvery:       "week",
	}
}
