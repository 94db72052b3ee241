package messages

// feed has what is said about the change feed.
var feed = texts{
	"no event stands at this position; resume from the position of an event, from start or from end":                               "此位置没有事件;请从某个事件的位置、start 或 end 继续",
	"no event stands at %s; resume from the position of an event, from start or from end":                                          "%s 处没有事件;请从某个事件的位置、start 或 end 继续",
	"as many streams of the change feed are open as this process serves; connect again a little later, or read pages":              "本进程的变更流连接数已达上限;请稍后重新连接,或按页读取",
	"the cursor lies behind the end of the log, so it is of another log":                                                           "游标超出日志末尾,因此属于另一个日志",
	"%q is not a log position such as 8312/8312, nor start, nor end":                                                               "%q 既不是 8312/8312 形式的日志位置,也不是 start 或 end",
	"the log ends at %s, so no event stands at %s":                                                                                 "日志止于 %s,因此 %s 处没有事件",
	"no event of the feed has such a type":                                                                                         "变更流中没有此类型的事件",
	"%d types are asked for; at most %d can be, or all of a kind such as deal.":                                                    "请求了 %d 种类型;最多 %d 种,也可以用 deal. 的形式请求整个类别",
	"%q is no type of the feed; ask for one such as deal.won.v1, for all its versions with deal.won, or for a whole kind with %s.": "%q 不是变更流的类型;可以请求 deal.won.v1 这样的单个类型、用 deal.won 请求其全部版本,或用 %s. 请求整个类别",
}
