# SPDX-License-Identifier: BSD-2-Clause
# Puts what lowdown writes into the form that manual pages have: headings in capitals behind their
# request, and tables whose columns are as wide as what stands in them, the last one taking the rest.

function fits(words,    plain)
{
	plain = words
	gsub(/\\f[A-Z]/, "", plain)
	return words !~ /^[.']|[|\n]/ && length(plain) <= 24
}

/^\.SH$/ {
	heading = 1
	next
}
heading {
	print ".SH " toupper($0)
	heading = 0
	next
}

/^tab\(/ {
	sub(/expand /, "")
	print
	next
}
/^lb( lb)+$/ {
	print $0 "x"
	next
}
/^l( l)+\.$/ {
	sub(/\.$/, "x.")
	print
	next
}

# A cell is text between T{ and T}; a short one that is not the last of its row may stand without.
/^T\{$/ {
	in_cell = 1
	row = words = ""
	next
}
in_cell && /^T\}\|T\{$/ {
	row = row (fits(words) ? words : "T{\n" words "\nT}") "|"
	words = ""
	next
}
in_cell && /^T\}$/ {
	in_cell = 0
	print row "T{\n" words "\nT}"
	next
}
in_cell {
	words = words (words == "" ? "" : "\n") $0
	next
}

{ print }
