/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugins/dkim/canon.h"

/* ---- output ---- */

void
dkim_output_start(struct dkim_output *output,
    void (*write)(void *to, const void *bytes, size_t size), void *to)
{
	output->write = write;
	output->to = to;
	output->used = 0;
}

void
dkim_output_flush(struct dkim_output *output)
{
	if (output->used)
		output->write(output->to, output->buffer, output->used);
	output->used = 0;
}

void
dkim_output_put(struct dkim_output *output, const char *bytes, size_t size)
{
	if (size > sizeof(output->buffer) - output->used)
		dkim_output_flush(output);
	if (size > sizeof(output->buffer) / 2) {
		dkim_output_flush(output);
		output->write(output->to, bytes, size);
	} else if (size) {
		memcpy(output->buffer + output->used, bytes, size);
		output->used += size;
	}
}

/* ---- header fields ---- */

/* Where in the last of several pieces of a value the next one goes on. */
struct relaxed {
	bool begun;	/* something but white space was written */
	bool blank;	/* white space since then */
};

/* Runs of white space become one blank, at the beginning none; folds are white space. */
static void
put_relaxed(struct relaxed *state, struct dkim_text text, struct dkim_output *output)
{
	const char *p = text.data, *end;

	if (!text.length)
		return;
	end = p + text.length;
	while (p < end) {
		const char *word = p;

		while (p < end && *p != ' ' && *p != '\t' && *p != '\n')
			p++;
		if (p > word) {
			if (state->blank && state->begun)
				dkim_output_put(output, " ", 1);
			dkim_output_put(output, word, (size_t)(p - word));
			state->begun = true;
			state->blank = false;
		}
		for (; p < end && (*p == ' ' || *p == '\t' || *p == '\n'); p++)
			state->blank = true;
	}
}

/* As it was sent: a fold is CRLF there. */
static void
put_simple(struct dkim_text text, struct dkim_output *output)
{
	const char *p = text.data, *end;

	if (!text.length)
		return;
	end = p + text.length;
	while (p < end) {
		const char *fold = memchr(p, '\n', (size_t)(end - p));

		dkim_output_put(output, p, (size_t)((fold ? fold : end) - p));
		if (!fold)
			break;
		dkim_output_put(output, "\r\n", 2);
		p = fold + 1;
	}
}

/* Section 3.4.2: in lower case, no white space before the colon. */
static void
put_relaxed_name(struct dkim_text name, struct dkim_output *output)
{
	size_t i;

	name = dkim_trim(name);
	for (i = 0; i < name.length; i++) {
		char c = dkim_lower(name.data[i]);

		dkim_output_put(output, &c, 1);
	}
}

static void
put_field(enum dkim_canon canon, struct dkim_text name, struct dkim_text before,
    struct dkim_text behind, struct dkim_output *output)
{
	struct relaxed state = { false, false };

	if (canon == DKIM_SIMPLE) {
		put_simple(name, output);
		dkim_output_put(output, ":", 1);
		put_simple(before, output);
		put_simple(behind, output);
		return;
	}
	put_relaxed_name(name, output);
	dkim_output_put(output, ":", 1);
	put_relaxed(&state, before, output);
	put_relaxed(&state, behind, output);
}

void
dkim_canon_field(enum dkim_canon canon, const struct dkim_field *field, struct dkim_output *output)
{
	struct dkim_text nothing = { NULL, 0 };

	put_field(canon, field->name, field->value, nothing, output);
	dkim_output_put(output, "\r\n", 2);
}

void
dkim_canon_signature(enum dkim_canon canon, const struct dkim_field *field, struct dkim_text raw,
    struct dkim_output *output)
{
	struct dkim_text before = field->value, behind = { NULL, 0 };

	if (raw.length) {
		before.length = (size_t)(raw.data - field->value.data);
		behind.data = raw.data + raw.length;
		behind.length = field->value.length - before.length - raw.length;
	}
	put_field(canon, field->name, before, behind, output);
}

/* ---- body ---- */

void
dkim_body_start(struct dkim_body *body, enum dkim_canon canon, uint64_t limit,
    void (*write)(void *to, const void *bytes, size_t size), void *to)
{
	body->canon = canon;
	body->blank = body->blank_cr = body->cr = false;
	body->line_ends = body->size = 0;
	body->left = limit;
	dkim_output_start(&body->output, write, to);
}

/* Writes canonical bytes, as far as l= goes. */
static void
put_limited(struct dkim_body *body, const char *bytes, size_t size)
{
	size_t wanted = size < body->left ? size : (size_t)body->left;

	body->size += size;
	body->left -= wanted;
	dkim_output_put(&body->output, bytes, wanted);
}

/* Writes what was held back, as more than line ends follows. */
static void
put_held(struct dkim_body *body)
{
	for (; body->line_ends; body->line_ends--)
		put_limited(body, "\r\n", 2);
	if (body->cr)
		put_limited(body, "\r", 1);
	body->cr = false;
}

/* Section 3.4.3: holds back the line ends at the end, for they may be the body's last. */
static void
put_lines(struct dkim_body *body, const char *bytes, size_t size)
{
	uint64_t line_ends = 0;
	bool cr = false;

	if (size && body->cr && bytes[0] == '\n') {
		body->cr = false;
		body->line_ends++;
		bytes++;
		size--;
	}
	if (!size)
		return;
	if (body->cr)
		put_held(body);
	if (bytes[size - 1] == '\r') {
		cr = true;
		size--;
	}
	for (; size > 1 && bytes[size - 1] == '\n' && bytes[size - 2] == '\r'; size -= 2)
		line_ends++;
	if (size) {
		put_held(body);
		put_limited(body, bytes, size);
	}
	body->line_ends += line_ends;
	body->cr = cr;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Whether relaxed canonicalisation may change what begins with this byte: all but a single blank
 * between words stays. `next` is the byte behind it. */
static unsigned char
may_change(char c, char next)
{
	return (unsigned char)((c == '\t') |
	    ((c == ' ') & ((next == ' ') | (next == '\t') | (next == '\r'))));
}

enum { BLOCK = 64, SMALL_BLOCK = 16 };

/* Whether one of so many bytes may change; one more is read. Without branches and for a constant
 * size, so that the compiler makes it a few vector instructions: most of a body passes here and
 * nowhere else. */
static inline unsigned char
block_may_change(const char *p, size_t size)
{
	unsigned char any = 0;
	size_t i;

	for (i = 0; i < size; i++)
		any |= may_change(p[i], p[i + 1]);
	return any;
}

/* The first white space that may not stay as it is; what follows the last byte is not known. */
static const char *
find_change(const char *p, const char *end)
{
	while (end - p > BLOCK && !block_may_change(p, BLOCK))
		p += BLOCK;
	while (end - p > SMALL_BLOCK && !block_may_change(p, SMALL_BLOCK))
		p += SMALL_BLOCK;
	for (; end - p > 1; p++) {
		if (may_change(p[0], p[1]))
			return p;
	}
	return p < end && !is_blank(*p) ? end : p;
}

/* Goes on behind white space that was seen, as far as it can be said what becomes of it: nothing at
 * the end of a line, else one blank (section 3.4.4). Returns what is to be read next. */
static const char *
pass_blank(struct dkim_body *body, const char *p, const char *end)
{
	if (!body->blank_cr) {
		while (p < end && is_blank(*p))
			p++;
		if (p < end && *p == '\r') {
			body->blank_cr = true;
			p++;
		}
		if (p == end)
			return end;
	}
	if (!body->blank_cr)
		put_lines(body, " ", 1);
	else if (*p != '\n')
		put_lines(body, " \r", 2);
	else
		put_lines(body, "\r\n", 2);
	if (body->blank_cr && *p == '\n')
		p++;
	body->blank = body->blank_cr = false;
	return p;
}

static void
put_relaxed_body(struct dkim_body *body, const char *p, size_t size)
{
	const char *end = p + size, *change;

	while (p < end) {
		if (body->blank) {
			p = pass_blank(body, p, end);
			continue;
		}
		change = find_change(p, end);
		put_lines(body, p, (size_t)(change - p));
		body->blank = change < end;
		p = change;
	}
}

void
dkim_body_put(struct dkim_body *body, const void *bytes, size_t size)
{
	if (body->canon == DKIM_RELAXED)
		put_relaxed_body(body, bytes, size);
	else
		put_lines(body, bytes, size);
}

void
dkim_body_finish(struct dkim_body *body)
{
	if (body->blank_cr)
		put_lines(body, " \r", 2);
	body->blank = body->blank_cr = false;
	if (body->cr)
		put_held(body);
	body->line_ends = 0;
	/* Section 3.4.3: an empty body is one CRLF; 3.4.4: it is empty. */
	if (body->canon == DKIM_SIMPLE || body->size)
		put_limited(body, "\r\n", 2);
	dkim_output_flush(&body->output);
}
