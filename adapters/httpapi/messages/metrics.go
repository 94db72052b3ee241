package messages

// metrics has what is said about figures.
var metrics = texts{
	"there is no metric of that name; the list of metrics has them all":                         "没有此名称的指标;指标列表中有全部指标",
	"there is no metric named %q; the list of metrics has them all":                             "没有名为 %q 的指标;指标列表中有全部指标",
	"the metric has no such definition; the list of metrics has them all":                       "该指标没有此定义;指标列表中有全部定义",
	"%s has no definition %d; the present one is %d":                                            "%s 没有定义 %d;当前定义是 %d",
	"the metric cannot be broken down by that":                                                  "该指标不能按此维度细分",
	"%s cannot be broken down; leave by out":                                                    "%s 不能细分;请去掉 by",
	"%s cannot be broken down by %q; it can by %s":                                              "%s 不能按 %q 细分;可用的维度为 %s",
	"that dimension of the metric is kept by month and longer":                                  "该指标的此维度只按月及更长的周期保存",
	"%s is kept by month; ask for months, quarters or years":                                    "%s 按月保存;请选择月、季度或年",
	"the metric is of a period and not of an instant; leave at out":                             "该指标按周期而非时点计算;请不要填写 at",
	"%s is of a period and not of an instant; leave at out":                                     "%s 按周期而非时点计算;请不要填写 at",
	"from must be a day up to to":                                                               "from 必须是不晚于 to 的日期",
	"from %q must be a day up to to, %q":                                                        "from %q 必须是不晚于 to %q 的日期",
	"that is too many periods for one answer; choose longer ones or fewer of them":              "一次查询的周期过多;请选择更长的周期或减少周期数",
	"an answer has at most %d periods; choose longer ones or fewer of them":                     "一次查询最多 %d 个周期;请选择更长的周期或减少周期数",
	"the metric depends on where periods begin; ask for days, weeks, months, quarters or years": "该指标取决于周期的起点;请选择日、周、月、季度或年",
	"%s depends on where periods begin; ask for periods of the calendar":                        "%s 取决于周期的起点;请选择日历周期",
	"you see the figures of %s; ask with by=%s":                                                 "您可以查看 %s 的数据;请以 by=%s 查询",
	"you see the figures of %s, and %s is not kept by owner":                                    "您可以查看 %s 的数据,而 %s 未按负责人保存",
	"you see the figures of %s; ask with by=owner":                                              "您可以查看 %s 的数据;请以 by=owner 查询",
	"these figures are of records that you do not see":                                          "这些数据涉及您无权查看的记录",
}
