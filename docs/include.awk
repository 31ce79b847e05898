# SPDX-License-Identifier: BSD-2-Clause
# Prints plugin.h with the parts that it includes before its section on the plugin, for
# docs/header.awk: of a part without what protects it and the comments that begin it. `folder` is
# where the headers are, with a slash.

function read_part(path,    line, comments)
{
	while ((getline line < path) > 0) {
		if (line ~ /^\/\*/)
			comments++
		if (comments > 2)
			parts = parts line "\n"
	}
	close(path)
}

/^#include <filterd\/plugin\// {
	gsub(/[<>]/, "", $2)
	read_part(folder $2)
	next
}
/^\/\* ---- the plugin ----/ { printf "%s", parts }
{ print }
