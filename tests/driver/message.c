/* SPDX-License-Identifier: BSD-2-Clause */
/* The event `message`: a whole message in text form, taken apart into its events. */
#include <string.h>

#include "tests/driver/event.h"

/* The length of the first field of text without its line end; 0 where the header ends. Lines end
 * in LF. */
static size_t
field_length(struct str text)
{
	size_t i = 0;

	if (!text.length || text.data[0] == '\n')
		return 0;
	while (i < text.length) {
		const char *end = memchr(text.data + i, '\n', text.length - i);

		if (!end)
			return text.length;
		i = (size_t)(end - text.data);
		if (i + 1 == text.length || (text.data[i + 1] != ' ' && text.data[i + 1] != '\t'))
			return i;
		i++;
	}
	return text.length;
}

/* Sends the fields of the message at *rest, which is left at its body. *over_r: an answer ended
 * the message. */
static bool
send_fields(struct run *run, struct session *session, const struct step *step, struct str *rest,
    bool *over_r)
{
	size_t length;

	while ((length = field_length(*rest)) != 0) {
		const char *colon = memchr(rest->data, ':', length);
		size_t name = colon ? (size_t)(colon - rest->data) : 0;

		if (!colon)
			return run_fail(run, step, "header fields", "a line without a colon");
		if (!event_send_header(run, session, (struct str){ rest->data, name },
		    (struct str){ colon + 1, length - name - 1 }))
			return false;
		*over_r = !session_goes_on(run, session, true);
		length += length < rest->length;
		rest->data += length;
		rest->length -= length;
		if (*over_r)
			return true;
	}
	return true;
}

/* The body as it goes over the wire, each line ended by CRLF. */
static void
add_body(struct buffer *out, struct str text)
{
	for (size_t i = 0; i < text.length; i++) {
		if (text.data[i] == '\n')
			buffer_add_char(out, '\r');
		buffer_add_char(out, text.data[i]);
	}
}

/* Header fields, end of header and body, up to the answer that ends the message. The text's
 * lines end in LF. */
static bool
send_message(struct run *run, struct session *session, const struct step *step, struct str text)
{
	struct buffer body = { 0 };
	bool over = false, good;

	if (!send_fields(run, session, step, &text, &over))
		return false;
	if (over)
		return true;
	if (!event_send_texts(run, session, SMFIC_EOH, NULL, 0))
		return false;
	if (!session_goes_on(run, session, true))
		return true;
	if (text.length)
		add_body(&body, (struct str){ text.data + 1, text.length - 1 });
	good = event_send_body(run, session, (struct str){ buffer_text(&body), body.length });
	buffer_free(&body);
	return good;
}

/* file PATH, or a block */
bool
event_message(struct run *run, const struct step *step)
{
	struct session *session = session_of(run, step);
	struct buffer file = { 0 }, text = { 0 };
	struct str message = step->block;
	bool good;

	if (!message.data == !step->count)
		return run_fail(run, step, "either file PATH or a text", "%s",
		    step->count ? "both" : "neither");
	if (!message.data) {
		if (!run_content(run, step, 0, &file)) {
			buffer_free(&file);
			return false;
		}
		message = (struct str){ buffer_text(&file), file.length };
	}
	for (size_t i = 0; i < message.length; i++)
		if (message.data[i] != '\r' || i + 1 == message.length ||
		    message.data[i + 1] != '\n')
			buffer_add_char(&text, message.data[i]);
	good = session && session_begin_mail(run, session, step) &&
	    send_message(run, session, step, (struct str){ buffer_text(&text), text.length });
	buffer_free(&file);
	buffer_free(&text);
	return good;
}
