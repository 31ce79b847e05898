/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists and entries of the quarantine store as text and as JSON. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "filterd/command/quarantine_print.h"
#include "filterd/quarantine/row_json.h"
#include "filterd/service/json.h"
#include "filterd/util/utf8.h"

#define HEADER_MAXIMUM	(256u * 1024)	/* bytes of a header that is shown */

/* The text with "?" for what is no printable character. Line ends and tabs stay where `lines`. */
static void
add_clean(struct buffer *to, struct str text, bool lines)
{
	uint32_t point;
	size_t step;

	while (text.length) {
		step = utf8_next(text, &point);
		if (!step || point < 0x20 || (point >= 0x7f && point < 0xa0) ||
		    (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
		    (point >= 0x2066 && point <= 0x2069))
			buffer_add_char(to, lines && step && (point == '\n' || point == '\t') ?
			    (char)point : '?');
		else
			buffer_add(to, text.data, step);
		step += !step;
		text.data += step;
		text.length -= step;
	}
}

static void
put(FILE *to, const char *before, struct str text, bool lines, const char *after)
{
	struct buffer clean = { 0 };

	add_clean(&clean, text, lines);
	fprintf(to, "%s%s%s", before, buffer_text(&clean), after);
	buffer_free(&clean);
}

static void
put_time(FILE *to, int64_t seconds)
{
	time_t moment = (time_t)seconds;
	char text[32];
	struct tm at;

	localtime_r(&moment, &at);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &at);
	fputs(text, to);
}

/* ---- the list ---- */

void
quarantine_print_heading(FILE *to)
{
	fprintf(to, "%-32s  %-19s  %-8s  %9s  %s\n", "ID", "TIME", "STATE", "SIZE",
	    "SENDER > RECIPIENTS (FILTER: RULES) SUBJECT");
}

/* Several texts divided by LF, with a comma between. */
static void
put_several(FILE *to, const char *before, const char *texts, const char *after)
{
	const char *end;

	fputs(before, to);
	for (; texts && *texts; texts = *end ? end + 1 : end) {
		end = texts + strcspn(texts, "\n");
		put(to, "", (struct str){ texts, (size_t)(end - texts) }, false, *end ? ", " : "");
	}
	fputs(after, to);
}

void
quarantine_print_row(const struct store_row *row, bool json, FILE *to)
{
	struct buffer text = { 0 };

	if (json) {
		row_json_add(row, &text);
		fprintf(to, "%s\n", buffer_text(&text));
		buffer_free(&text);
		return;
	}
	fprintf(to, "%s  ", row->id);
	put_time(to, row->time);
	fprintf(to, "  %-8s  %9" PRIu64 "  <", row->unsure ? "unsure" :
	    entry_state_name(row->state), row->size);
	put(to, "", str_of(row->sender), false, ">");
	put_several(to, " > ", row->recipients, "");
	put(to, " (", str_of(row->filter), false, "");
	put_several(to, row->rules && *row->rules ? ": " : "", row->rules, ") ");
	put(to, "", str_of(row->subject), false, "\n");
}

/* ---- an entry ---- */

static void
put_line(FILE *to, const char *name, const char *text)
{
	fprintf(to, "%-12s", name);
	put(to, " ", str_of(text), false, "\n");
}

static void
put_address(FILE *to, const char *name, const struct entry_address *address)
{
	const char *const *argument;

	fprintf(to, "%-12s", name);
	put(to, " <", str_of(address->text), false, ">");
	for (argument = address->arguments; *argument; argument++)
		put(to, " ", str_of(*argument), false, "");
	fputc('\n', to);
}

static void
put_state(struct store *store, const struct entry *entry, FILE *to)
{
	const struct entry_release *release = &entry->release;

	if (entry->state == ENTRY_RELEASING && !store_busy(store, entry->id))
		put_line(to, "state", "unsure: a release was begun and not ended");
	else
		put_line(to, "state", entry_state_name(entry->state));
	if (!release->time)
		return;
	fprintf(to, "%-12s ", "release");
	put_time(to, release->time);
	put(to, " by ", str_of(release->by), false, "\n");
	if (release->error)
		put_line(to, "error", release->error);
	if (release->nonce && store_spent(store, release->nonce))
		put_line(to, "passed", "it came back through filterd, and passed unfiltered");
}

static void
put_explanation(const struct entry *entry, FILE *to)
{
	json_t *root = entry->explanation ? json_loads(entry->explanation, 0, NULL) : NULL;
	char *text = root ? json_dumps(root, JSON_INDENT(2)) : NULL;

	if (text)
		put(to, "\nexplanation\n", str_of(text), true, "\n");
	free(text);
	json_decref(root);
}

/* Up to the empty line. */
static void
put_header(struct store *store, const struct entry *entry, FILE *to)
{
	static char bytes[HEADER_MAXIMUM];
	int message = store_message(store, entry->id);
	ssize_t got = message >= 0 ? read(message, bytes, sizeof(bytes)) : -1;
	const char *end;
	ssize_t i, kept = 0;

	if (message >= 0)
		close(message);
	if (got < 0)
		return;
	end = memmem(bytes, (size_t)got, "\r\n\r\n", 4);
	got = end ? end - bytes : got;
	for (i = 0; i < got; i++)
		if (bytes[i] != '\r')
			bytes[kept++] = bytes[i];
	put(to, "\nheader\n", (struct str){ bytes, (size_t)kept }, true, "\n");
}

void
quarantine_print_entry(struct store *store, const struct entry *entry, FILE *to)
{
	const char *const *rule;
	size_t i;

	put_line(to, "id", entry->id);
	fprintf(to, "%-12s ", "time");
	put_time(to, entry->time);
	fprintf(to, "\n%-12s %" PRIu64 "\n", "size", entry->size);
	put_state(store, entry, to);
	put_line(to, "reason", entry->reason);
	put_line(to, "filter", entry->filter);
	for (rule = entry->rules; *rule; rule++)
		put_line(to, "rule", *rule);
	put_line(to, "listener", entry->listener);
	put_line(to, "queue", entry->queue);
	put_line(to, "client", entry->client_address);
	put_address(to, "sender", &entry->sender);
	for (i = 0; i < entry->recipient_count; i++)
		put_address(to, "recipient", &entry->recipients[i]);
	put_line(to, "subject", entry->subject);
	put_explanation(entry, to);
	put_header(store, entry, to);
}

void
print_entry_json(const struct entry *entry, FILE *to)
{
	struct buffer text = { 0 };

	entry_write(entry, &text);
	fputs(buffer_text(&text), to);
	buffer_free(&text);
}

bool
quarantine_print_message(struct store *store, const char *id, FILE *to)
{
	char piece[64 * 1024];
	int message = store_message(store, id);
	ssize_t got;
	int error;

	if (message < 0)
		return false;
	while ((got = read(message, piece, sizeof(piece))) > 0)
		if (fwrite(piece, 1, (size_t)got, to) != (size_t)got)
			break;
	error = errno;
	close(message);
	errno = error;
	return got == 0;
}
