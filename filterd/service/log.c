/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The log: builds a line and hands it to standard error, syslog or the journal. Owns the settings,
 * which are written once, before threads start. A reader of standard error that does not read is
 * waited for a moment only; then the line is lost, and the next one that gets through says how many
 * were. Nothing here is fatal.
 */
#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <syslog.h>
#include <time.h>
#include <unistd.h>

#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>

#include "filterd/service/log_text.h"

#define IDENTIFIER	"filterd"
#define PATIENCE	200	/* milliseconds to wait for standard error */
#define OWN_FIELDS	5	/* at most: time, level, pid, event, lost */
#define FIELDS		64	/* of the caller, in one line */

typedef void (*log_writer)(enum mf_log_level level, const struct log_field *fields, size_t count);
typedef void (*log_formatter)(struct buffer *to, const struct log_field *fields, size_t count);

static void write_stderr(enum mf_log_level level, const struct log_field *fields, size_t count);
static void write_syslog(enum mf_log_level level, const struct log_field *fields, size_t count);
static void write_journal(enum mf_log_level level, const struct log_field *fields, size_t count);

/* By enum log_target, by enum log_format, by enum mf_log_level. */
static const log_writer writers[] = { write_stderr, write_syslog, write_journal };
static const log_formatter formatters[] = { log_text_fields, log_json_fields };
static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG };

static const struct {
	const char *name;
	int facility;
} facilities[] = {
	{ "mail", LOG_MAIL }, { "daemon", LOG_DAEMON }, { "user", LOG_USER }, { "auth", LOG_AUTH },
	{ "authpriv", LOG_AUTHPRIV }, { "syslog", LOG_SYSLOG }, { "local0", LOG_LOCAL0 },
	{ "local1", LOG_LOCAL1 }, { "local2", LOG_LOCAL2 }, { "local3", LOG_LOCAL3 },
	{ "local4", LOG_LOCAL4 }, { "local5", LOG_LOCAL5 }, { "local6", LOG_LOCAL6 },
	{ "local7", LOG_LOCAL7 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static log_writer writer = write_stderr;
static log_formatter formatter = log_text_fields;
static int least_level = MF_LOG_INFO;
static char generation_text[16];	/* "": lines have no such field */
static bool is_shadow;			/* lines say so */
static atomic_uint lost;

static int
facility_number(const char *name)
{
	size_t i;

	for (i = 0; name && i < COUNT(facilities); i++)
		if (strcmp(facilities[i].name, name) == 0)
			return facilities[i].facility;
	return LOG_MAIL;
}

/* libmilter writes its few complaints to syslog by itself: under our name, and where lines of text
 * go to standard error, there too. */
void
log_open(int target, int format, int level, const char *facility)
{
	bool plain = writers[target] == write_stderr && formatters[format] == log_text_fields;

	writer = writers[target];
	formatter = formatters[format];
	least_level = level;
	openlog(IDENTIFIER, LOG_PID | (plain ? LOG_PERROR : 0), facility_number(facility));
}

void
log_generation(unsigned generation)
{
	generation_text[0] = '\0';
	if (generation)
		snprintf(generation_text, sizeof(generation_text), "%u", generation);
}

void
log_shadow(void)
{
	is_shadow = true;
	if (least_level > MF_LOG_NOTICE)
		least_level = MF_LOG_NOTICE;
}

bool
log_wants(enum mf_log_level level)
{
	return (int)level <= least_level;
}

static bool
stderr_ready(void)
{
	struct pollfd wait = { .fd = STDERR_FILENO, .events = POLLOUT };
	int ready;

	do
		ready = poll(&wait, 1, PATIENCE);
	while (ready < 0 && errno == EINTR);
	return ready > 0 && !(wait.revents & (POLLERR | POLLNVAL));
}

static bool
write_all(const char *bytes, size_t size)
{
	while (size) {
		ssize_t written = stderr_ready() ? write(STDERR_FILENO, bytes, size) : -1;

		if (written < 0) {
			if (errno == EINTR)
				continue;
			return false;
		}
		bytes += written;
		size -= (size_t)written;
	}
	return true;
}

static void
write_stderr(enum mf_log_level level, const struct log_field *fields, size_t count)
{
	struct log_field all[OWN_FIELDS + FIELDS];
	struct buffer line = { 0 };
	char time_text[LOG_TIME_BYTES], pid[24], lost_text[24];
	unsigned lost_before = atomic_exchange(&lost, 0);
	struct timespec now;
	size_t own = 0;

	clock_gettime(CLOCK_REALTIME, &now);
	log_time(time_text, &now);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	snprintf(lost_text, sizeof(lost_text), "%u", lost_before);
	all[own++] = (struct log_field){ "time", str_of(time_text), false };
	all[own++] = (struct log_field){ "level", str_of(log_level_names[level]), false };
	all[own++] = (struct log_field){ "pid", str_of(pid), true };
	if (lost_before)
		all[own++] = (struct log_field){ "lost-lines", str_of(lost_text), true };
	memcpy(all + own, fields, count * sizeof(*fields));
	formatter(&line, all, own + count);
	buffer_add_char(&line, '\n');
	if (!write_all(line.data, line.length))
		atomic_fetch_add(&lost, lost_before + 1);
	buffer_free(&line);
}

/* syslog and the journal keep time, level and pid themselves. */
static void
write_syslog(enum mf_log_level level, const struct log_field *fields, size_t count)
{
	struct buffer line = { 0 };

	formatter(&line, fields, count);
	syslog(priorities[level], "%s", buffer_text(&line));
	buffer_free(&line);
}

/* A journal field's name: FILTERD_, then capitals, digits and underscores. */
static void
journal_field(struct buffer *to, const struct log_field *field)
{
	const char *c;

	buffer_add_text(to, "FILTERD_");
	for (c = field->key; *c; c++) {
		int letter = toupper((unsigned char)*c);

		buffer_add_char(to, (char)(isalnum(letter) ? letter : '_'));
	}
	buffer_add_char(to, '=');
	buffer_add_str(to, field->text);
}

/* The whole line is the message; each field has a name of its own, for journalctl to search. */
static void
write_journal(enum mf_log_level level, const struct log_field *fields, size_t count)
{
	struct buffer texts[FIELDS + 3] = { { 0 } };
	struct iovec parts[FIELDS + 3];
	size_t used = 0, i;

	buffer_add_text(&texts[used], "MESSAGE=");
	formatter(&texts[used++], fields, count);
	buffer_printf(&texts[used++], "PRIORITY=%d", priorities[level]);
	buffer_add_text(&texts[used++], "SYSLOG_IDENTIFIER=" IDENTIFIER);
	for (i = 0; i < count; i++)
		if (fields[i].text.data)
			journal_field(&texts[used++], &fields[i]);
	for (i = 0; i < used; i++)
		parts[i] = (struct iovec){ texts[i].data, texts[i].length };
	sd_journal_sendv(parts, (int)used);
	for (i = 0; i < used; i++)
		buffer_free(&texts[i]);
}

void
log_event(enum mf_log_level level, const char *event, const struct log_field *fields, size_t count)
{
	struct log_field all[FIELDS];
	size_t used = 0;

	if (!log_wants(level))
		return;
	if (count > FIELDS - 3)
		count = FIELDS - 3;
	all[used++] = (struct log_field){ "event", str_of(event), false };
	if (generation_text[0])
		all[used++] = (struct log_field){ "generation", str_of(generation_text), true };
	if (is_shadow)
		all[used++] = (struct log_field){ "shadow", STR("yes"), false };
	if (count)
		memcpy(all + used, fields, count * sizeof(*fields));
	writer(level, all, used + count);
}

void
log_text(enum mf_log_level level, const char *format, ...)
{
	struct buffer text = { 0 };
	va_list arguments;

	if (!log_wants(level))
		return;
	va_start(arguments, format);
	buffer_vprintf(&text, format, arguments);
	va_end(arguments);
	log_event(level, buffer_text(&text), NULL, 0);
	buffer_free(&text);
}
