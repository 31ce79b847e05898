# SPDX-License-Identifier: BSD-2-Clause
# Lines of behind_postfix to a table: the best round of each contender, for all else is noise of the
# MTA, and filterd against the three milters.

{
	for (i = 1; i <= NF; i++) {
		split($i, pair, "=")
		field[pair[1]] = pair[2]
	}
	label = field["label"]
	if (field["rate"] + 0 > rate[label])
		rate[label] = field["rate"] + 0
	if (!p50[label] || field["p50_us"] + 0 < p50[label])
		p50[label] = field["p50_us"] + 0
	pss[label] = field["pss_kb"] + 0
}

function line(label, title) {
	printf "%-32s %10.1f %9d %9d\n", title, rate[label], p50[label], pss[label]
}

END {
	printf "\nbehind Postfix, 2 KB\n%-32s %10s %9s %9s\n", "", "messages/s", "p50 us", "PSS kB"
	line("none", "no milter")
	line("auth", "filterd, spf dkim arc dmarc A-R")
	line("milters", "pyspf-milter, opendkim, opendmarc")
	line("rspamd", "rspamd, spf dkim dmarc arc")
	printf "\nmessages/s over the three milters'        %.2f\n", rate["auth"] / rate["milters"]
	printf "added latency at p50, to theirs           %.3f  (aim 0.33)\n", \
	    (p50["auth"] - p50["none"]) / (p50["milters"] - p50["none"])
	printf "memory, to theirs                         %.3f  (aim 0.50)\n", \
	    pss["auth"] / pss["milters"]
}
