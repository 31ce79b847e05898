# SPDX-License-Identifier: BSD-2-Clause
# Prints the reference of a C header as the body of a manual page: its sections, and in each the
# declarations with the comments above them. Of an inline function that is its prototype, of a macro
# its name and parameters; what C++ alone sees, macros that other macros use, and the table behind the
# inline functions are left out. Tabs are to be expanded before.

function text(line)
{
	gsub(/\\/, "\\e", line)
	gsub(/-/, "\\-", line)
	if (line ~ /^[.']/)
		line = "\\&" line
	return line
}

function show(line)
{
	print text(line)
}

function begin_code()
{
	if (!code)
		print ".PP\n.nf"
	code = 1
}

function end_code()
{
	if (code)
		print ".fi"
	code = 0
}

function paragraph(words)
{
	if (words == "")
		return
	end_code()
	print ".PP"
	show(words)
}

# The comment that has just ended: a section's title, or what the next declaration is about.
function take_comment(words,    title, dot)
{
	gsub(/[ \t]+/, " ", words)
	sub(/^ /, "", words)
	sub(/ $/, "", words)
	if (words ~ /^---- /) {
		end_code()
		gsub(/^---- | ----$/, "", words)
		title = words
		dot = match(words, /[.:,;] /)
		if (dot)
			title = substr(words, 1, dot - 1)
		shown = title !~ /^the host.s table/
		if (!shown)
			return
		print ".SS " toupper(substr(title, 1, 1)) text(substr(title, 2))
		remark = dot ? toupper(substr(words, dot + 2, 1)) substr(words, dot + 3) : ""
		paragraph(remark)
		remark = ""
	} else if (shown) {
		remark = words
	}
}

# A line of the comment that begins the file, which is laid out in paragraphs and lists.
function introduce(line)
{
	if (line ~ /^ *$/) {
		paragraph(comment)
		comment = ""
	} else if (line ~ /^  /) {
		paragraph(comment)
		comment = ""
		begin_code()
		show(line)
	} else {
		comment = comment (comment == "" ? "" : " ") line
	}
}

/^\/\*/ {
	comment = ""
	in_comment = 1
	comments++
}
in_comment {
	line = $0
	ends = sub(/[ \t]*\*\/.*$/, "", line)
	sub(/^[ \t]*(\/\*+|\*)[ \t]?/, "", line)
	if (comments == 2)
		introduce(line)
	else
		comment = comment " " line
	if (ends) {
		in_comment = 0
		if (comments == 2)
			paragraph(comment)
		else if ($0 ~ /\*\/$/)
			take_comment(comment)
	}
	next
}

/^#ifdef __cplusplus/ { foreign = 1; next }
/^#if defined\(__cplusplus/ { foreign = 1; next }
foreign && /^#else/ { foreign = 0; next }
foreign && /^#endif/ { foreign = 0; next }
foreign { next }

/^#define/ {
	name = $2
	if (name ~ /^MF_(MEMBER|CHOICE|BLOCK)_TYPE|^MF_SOME|^MF_PRINTF|^MF_EXPORT/ || !shown) {
		remark = ""
		next
	}
	paragraph(remark)
	remark = ""
	begin_code()
	line = $0
	sub(/^#define /, "", line)
	if (match(line, /^[A-Z_]+\([^)]*\)/))
		line = substr(line, 1, RLENGTH)
	else if (match(line, /^[A-Z_]+/))
		line = substr(line, 1, RLENGTH)
	show(line)
	next
}

shown && /^(struct|enum) [a-z_]+ \{/ {
	paragraph(remark)
	remark = ""
	begin_code()
	show($0)
	in_body = $0 !~ /\};?/
	next
}
in_body {
	show($0)
	if ($0 ~ /^\}/)
		in_body = 0
	next
}
shown && /^struct [a-z_]+;/ {
	paragraph(remark)
	remark = ""
	begin_code()
	show($0)
	next
}

shown && /static inline/ {
	paragraph(remark)
	remark = ""
	begin_code()
	prototype = $0
	sub(/^MF_PRINTF\([^)]*\) /, "", prototype)
	sub(/^static inline /, "", prototype)
	in_prototype = 1
	next
}
in_prototype && /^\{/ {
	in_prototype = 0
	gsub(/\* mf_/, "*mf_", prototype)
	show(prototype ";")
	next
}
in_prototype {
	line = $0
	sub(/^[ \t]+/, "", line)
	prototype = prototype " " line
}

END {
	end_code()
}
