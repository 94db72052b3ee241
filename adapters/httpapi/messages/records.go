package messages

// records has what is said about reading records, lists and the past.
var records = texts{
	"as_of and known_at cannot lie in the future: the answer would change later":                    "as_of 和 known_at 不能是将来的时间:结果以后还会变化",
	"give either a revision or times, not both":                                                     "请只填写修订号或时间,不要同时填写",
	"the record exists, but nothing of it had happened, or was known, then; details say since when": "该记录存在,但当时尚未发生任何相关事件,或尚不为人所知;起始时间见 details",
	"the record has no such revision":                                                               "该记录没有此修订号",
	"the record has come to revision %d, so it has no revision %d":                                  "该记录的最新修订号是 %d,因此没有修订号 %d",
	"the record has no such field":                                                                  "该记录没有此字段",
	"the interval ends before it starts":                                                            "时间区间的结束早于开始",
	"say which field, as in field=stage":                                                            "请指定字段,例如 field=stage",
	"%s have no field %q; any field of their document can be asked about":                           "%s 没有字段 %q;可以查询其文档中的任何字段",
	"the cursor does not belong to this list; start again without one":                              "游标不属于此列表;请去掉游标,从头开始",
	"an export is all of it, and has no pages":                                                      "导出包含全部内容,不分页",
	"the read model has not reached min_position in time; try again":                                "读模型未能及时到达 min_position;请重试",
	"the read model %s has reached %s, not yet %s; try again":                                       "读模型 %s 已到达 %s,尚未到达 %s;请重试",
	"this read model is being built from the log; try again shortly":                                "该读模型正在从日志构建;请稍后重试",
	"the read model %s is being built from the log; try again shortly":                              "读模型 %s 正在从日志构建;请稍后重试",
	"the read models are out of reach; repeat the request":                                          "读模型暂时无法访问;请重新提交请求",
	"the log does not reach that far, so no command was answered with this position":                "日志尚未到达该位置,因此没有命令的应答带有此位置",
	"the log ends at %s, so no command was answered with %s":                                        "日志止于 %s,因此没有命令的应答带有 %s",
	"nothing was ever discarded":                                                                    "从未丢弃过任何事件",
}
