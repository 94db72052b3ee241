package messages

// analyses has what is said about analyses and their reports.
var analyses = texts{
	"no such analysis":                                                                                           "分析不存在",
	"this analysis was started already":                                                                          "该分析已启动",
	"the analysis has ended; start another one":                                                                  "该分析已结束;请启动新的分析",
	"the analysis ends by itself; only a shadow is ended by hand":                                                "该分析会自行结束;只有影子分析需要手动结束",
	"the shadow has not taken in the log yet; wait for its report, or cancel it":                                 "影子分析尚未读完日志;请等待其报告,或取消它",
	"metrics must name at least one metric":                                                                      "metrics 至少要包含一个指标",
	"metrics names %d; an analysis works out at most %d":                                                         "metrics 包含 %d 个指标;一次分析最多计算 %d 个",
	"metrics names %s twice":                                                                                     "metrics 中 %s 重复出现",
	"%s.known_at lies in the future":                                                                             "%s.known_at 是将来的时间",
	"%s.as_of lies in the future: the answer would change later":                                                 "%s.as_of 是将来的时间:结果以后还会变化",
	"%s.definitions names %s, which metrics does not":                                                            "%s.definitions 提到了 %s,而 metrics 中没有该指标",
	"%s: a shadow goes on with the log, so it has neither as_of nor known_at":                                    "%s:影子分析随日志持续进行,因此不能设置 as_of 或 known_at",
	"the analysis has no report: it is still running, or it has failed or was cancelled; its progress tells":     "该分析没有报告:它仍在运行,或已失败或被取消;请查看其进度",
	"the analysis is %s; it has no report":                                                                       "该分析的状态为 %s,没有报告",
	"the report is too large to be kept; ask for fewer or longer periods, or leave the dimension out":            "报告过大,无法保存;请减少周期数、选择更长的周期,或去掉维度",
	"%s alone has %d rows; a report has at most %d: ask for fewer or longer periods, or leave the dimension out": "仅 %s 就有 %d 行,而报告最多 %d 行;请减少周期数、选择更长的周期,或去掉维度",
}
