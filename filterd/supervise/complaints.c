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

/* A worker that dies in the middle of a word leaves the last line without its end. */
static struct str
without_end(struct str complaint)
{
	if (complaint.length && complaint.data[complaint.length - 1] == '\n')
		complaint.length--;
	return complaint;
}

static bool
has_complaint(const struct buffer *complaints, struct str wanted)
{
	struct str text = { complaints->data, complaints->length };

	while (text.length)
		if (str_equal(without_end(complaint_next(&text)), wanted))
			return true;
	return false;
}

void
complaints_add(struct buffer *complaints, struct str text)
{
	while (text.length) {
		struct str complaint = without_end(complaint_next(&text));

		if (has_complaint(complaints, complaint))
			continue;
		buffer_add_str(complaints, complaint);
		buffer_add_char(complaints, '\n');
	}
}
