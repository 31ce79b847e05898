# SPDX-License-Identifier: BSD-2-Clause
# Lines of `load` to a table: medians over the rounds, and each contender against its peer.

function median(values, n,	sorted, i, j, x) {
	split(values, sorted, " ")
	for (i = 2; i <= n; i++) {
		x = sorted[i] + 0
		for (j = i - 1; j > 0 && sorted[j] + 0 > x; j--)
			sorted[j + 1] = sorted[j]
		sorted[j + 1] = x
	}
	return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
}

function value(contender, level, name) {
	return median(all[contender, level, name], count[contender, level])
}

BEGIN {
	title["all"] = "libmilter, answers all"
	title["noreply"] = "libmilter, no-reply"
	title["live"] = "filterd, 5 live no-ops"
	title["uncounted"] = "the same, metrics off"
	title["message"] = "filterd, 5 message no-ops"
	title["rules"] = "filterd, 200 rules"
	peer["live"] = "all"
	peer["message"] = "noreply"
	peer["rules"] = "noreply"
	aim["live"] = 0.95
	aim["message"] = 0.9
}

{
	for (i = 1; i <= NF; i++) {
		split($i, pair, "=")
		field[pair[1]] = pair[2]
	}
	level = field["sessions"] ":" field["think_ms"]
	for (name in field)
		all[field["label"], level, name] = all[field["label"], level, name] " " field[name]
	count[field["label"], level]++
}

END {
	levels_count = split(levels, level_list, " ")
	contender_count = split(contenders, contender_list, " ")
	for (l = 1; l <= levels_count; l++) {
		split(level_list[l], parts, ":")
		printf "\n%d sessions, %s\n", parts[1], \
		    (parts[2] > 0 ? parts[2] " ms between SMTP commands" : "no waits")
		printf "%-26s %9s %9s %9s %9s %9s %9s  %s\n", "", "messages/s", "CPU us", \
		    "p50 us", "p99 us", "RSS kB", "PSS kB", "against its peer: rate, CPU, p50"
		for (c = 1; c <= contender_count; c++)
			print_line(contender_list[c], level_list[l])
		print_metrics(level_list[l])
	}
	print "\nRatios: more is better (messages/s over the peer's; the peer's CPU a message and"
	print "latency over ours). The peer of 5 live no-ops is the libmilter no-op that answers"
	print "all, with an aim of 0.95; of the others the one with no-reply, with an aim of 0.9 for"
	print "5 message no-ops."
}

# What counting costs: the five live no-ops with metrics on, against those with metrics off.
function print_metrics(level) {
	if (!count["live", level] || !count["uncounted", level])
		return
	printf "%-26s %62s  %.2f  %.2f  %.2f  (aim 0.97)\n", "metrics on against off", "", \
	    value("live", level, "rate") / value("uncounted", level, "rate"), \
	    value("uncounted", level, "cpu_us") / value("live", level, "cpu_us"), \
	    value("uncounted", level, "p50_us") / value("live", level, "p50_us")
}

function print_line(contender, level,	other) {
	printf "%-26s %9.1f %9.1f %9d %9d %9d %9d", title[contender], \
	    value(contender, level, "rate"), value(contender, level, "cpu_us"), \
	    value(contender, level, "p50_us"), value(contender, level, "p99_us"), \
	    value(contender, level, "rss_kb"), value(contender, level, "pss_kb")
	other = peer[contender]
	if (other != "" && count[other, level])
		printf "  %.2f  %.2f  %.2f", \
		    value(contender, level, "rate") / value(other, level, "rate"), \
		    value(other, level, "cpu_us") / value(contender, level, "cpu_us"), \
		    value(other, level, "p50_us") / value(contender, level, "p50_us")
	if (aim[contender])
		printf "  (aim %.2f)", aim[contender]
	print ""
}
