# SPDX-License-Identifier: BSD-2-Clause
# Lines of `load` to a table of CPU a message, medians over the rounds, and filterd against its
# peers. The label bare: OpenSSL's own RSA verification and SHA-256 of the same message.

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

function value(contender, name) {
	return median(all[contender, name], count[contender])
}

BEGIN {
	titles = split("noop dkim auth opendkim opendmarc pyspf rspamd", order, " ")
	title["noop"] = "filterd, a no-op"
	title["dkim"] = "filterd, dkim"
	title["auth"] = "filterd, spf dkim arc dmarc A-R"
	title["opendkim"] = "opendkim, verifying"
	title["opendmarc"] = "opendmarc"
	title["pyspf"] = "pyspf-milter"
	title["rspamd"] = "rspamd, spf dkim dmarc arc"
}

{
	for (i = 1; i <= NF; i++) {
		split($i, pair, "=")
		field[pair[1]] = pair[2]
	}
	for (name in field)
		all[field["label"], name] = all[field["label"], name] " " field[name]
	count[field["label"]]++
}

END {
	printf "\nbody of %d bytes\n", size
	printf "%-32s %10s %9s %9s %9s %9s\n", "", "messages/s", "CPU us", "p50 us", "p99 us", \
	    "RSS kB"
	for (i = 1; i <= titles; i++)
		printf "%-32s %10.1f %9.1f %9d %9d %9d\n", title[order[i]], \
		    value(order[i], "rate"), value(order[i], "cpu_us"), \
		    value(order[i], "p50_us"), value(order[i], "p99_us"), value(order[i], "rss_kb")
	milters = value("opendkim", "cpu_us") + value("opendmarc", "cpu_us") + \
	    value("pyspf", "cpu_us")
	large = size > 1000000
	bare = count["bare"] ? value("bare", "cpu_us") : 0
	printf "%-32s %10s %9.1f\n", "OpenSSL: RSA verify, SHA-256", "", bare
	print "\nratios of CPU a message; less is better"
	if (bare)	# dkim_verify knows these two sizes
		ratio("dkim less the no-op, to OpenSSL's own", \
		    (value("dkim", "cpu_us") - value("noop", "cpu_us")) / bare, large ? 1.3 : 2)
	ratio("the stack, to rspamd", value("auth", "cpu_us") / value("rspamd", "cpu_us"), \
	    large ? 0.05 : 0.5)
	if (value("opendkim", "cpu_us") && value("opendmarc", "cpu_us") && value("pyspf", "cpu_us"))
		ratio("the stack, to the three milters", value("auth", "cpu_us") / milters, large ? 0 : 0.1)
}

function ratio(what, is, aim) {
	printf "%-40s %.3f", what, is
	if (aim)
		printf "  (aim %.2f)", aim
	print ""
}
