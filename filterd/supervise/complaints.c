/* SPDX-License-Identifier: BSD-2-Clause */
/* Each complaint of several workers once. */
#include <string.h>

#include "filterd/supervise/complaints.h"

struct str
complaint_next(struct str *text)
{
	struct str first = { text->data, 0 };

	while (first.length < text->length) {
		struct str rest = { text->data + first.length, text->length - first.length };
		const char *end = memchr(rest.data, '\n', rest.length);

		if (first.length && rest.data[0] != ' ' && rest.data[0] != '\t')
			break;
		first.length += end ? (size_t)(end - rest.data) + 1 : rest.length;
	}
	text->data += first.length;
	text->length -= first.length;
	return first;
}

static bool
has_complaint(const struct buffer *complaints, struct str wanted)
{
	struct str text = { complaints->data, complaints->length };

	while (text.length)
		if (str_equal(complaint_next(&text), wanted))
			return true;
	return false;
}

void
complaints_add(struct buffer *complaints, struct str text)
{
	while (text.length) {
		struct str complaint = complaint_next(&text);

		if (!has_complaint(complaints, complaint))
			buffer_add_str(complaints, complaint);
	}
}
