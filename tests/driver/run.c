/* SPDX-License-Identifier: BSD-2-Clause */
/* Running a scenario from its first step to the program's clean end. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/driver/run.h"

#define STOP_TIME	30000	/* milliseconds that the program may take to end */
#define LOG_LINES	40	/* of the log, shown with a failure */

static const char *const sanitizer_reports[] = {
	"ERROR: AddressSanitizer", "ERROR: LeakSanitizer", "WARNING: ThreadSanitizer",
	": runtime error: "
};

/* What a step without a line of its own stands for: the end of the file. */
static const struct step end_of_scenario = { .text = STR("a clean end") };

bool
run_fail(struct run *run, const struct step *step, const char *expected, const char *format, ...)
{
	unsigned line = step->line;
	va_list arguments;

	buffer_printf(run->report, "%s:%u: expected  %s\n", run->path, line,
	    expected ? expected : step->text.data);
	if (expected && step->line)
		buffer_printf(run->report, "%s:%u: at        %s\n", run->path, line,
		    step->text.data);
	buffer_printf(run->report, "%s:%u: got       ", run->path, line);
	va_start(arguments, format);
	buffer_vprintf(run->report, format, arguments);
	va_end(arguments);
	buffer_add_char(run->report, '\n');
	return false;
}

bool
run_number(struct run *run, const struct step *step, size_t word, unsigned long least,
    unsigned long most, unsigned long *number_r)
{
	const char *text = step->words[word].text.data;

	if (scenario_number(step->words[word].text, least, most, number_r))
		return true;
	return run_fail(run, step, "a number", "%s, not one from %lu to %lu", text, least, most);
}

bool
run_offer(struct run *run, const struct step *step, size_t first, struct wire_options *offer_r)
{
	unsigned long version;

	if (!run_number(run, step, first, 0, UINT32_MAX, &version))
		return false;
	offer_r->version = (uint32_t)version;
	if (bits_read(bits_actions, step->words[first + 1].text, &offer_r->actions) &&
	    bits_read(bits_steps, step->words[first + 2].text, &offer_r->steps))
		return true;
	return run_fail(run, step, "a version, actions and steps", "unknown names");
}

static bool
read_file(const char *path, struct buffer *out)
{
	char bytes[65536];
	ssize_t got = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while ((got = read(fd, bytes, sizeof(bytes))) > 0)
		buffer_add(out, bytes, (size_t)got);
	close(fd);
	return got == 0;
}

bool
run_content(struct run *run, const struct step *step, size_t first, struct buffer *out)
{
	const char *error;

	return scenario_content(run->scenario.arena, &run->places, step, first, out, &error) ||
	    run_fail(run, step, "content", "%s", error);
}

const struct performer *
performer_of(const struct step *step)
{
	static const struct performer *const tables[SIDES] = {
		[SIDE_DIRECTIVE] = directive_performers, [SIDE_EVENT] = event_performers,
		[SIDE_ANSWER] = answer_performers
	};

	return &tables[step->verb->side][step->verb->id];
}

bool
run_start(struct run *run, const struct step *step)
{
	const char *const filterd[] = {
	    run->settings->filterd, "run", "--foreground", "-c", run->config, NULL};
	const char *const *arguments = filterd;

	if (run->started)
		return true;
	if (run->command) {
		const char **words = arena_array(run->scenario.arena, run->command->count + 1,
		    sizeof(*words));

		for (size_t i = 0; i < run->command->count; i++)
			words[i] = run->command->words[i].text.data;
		arguments = words;
	} else if (!run->config) {
		return run_fail(run, step, "a config directive before this", "none");
	}
	run->started = process_start(&run->process, (char *const *)arguments,
	    arena_printf(run->scenario.arena, "%s/output", run->dir));
	return run->started || run_fail(run, step, "a program to run", "%m");
}

/* Sessions that are still open end as an MTA ends them. */
static bool
quit_session(struct run *run, struct session *session)
{
	const struct step *step = session->step;
	struct buffer frame = { 0 };
	struct wire_frame got;
	enum peer_status status;

	if (!session->open)
		return true;
	if (!session_settle(run, session))
		return false;
	if (session->negotiated && session->awaiting != AWAIT_ANYTHING) {
		wire_add_frame(&frame, SMFIC_QUIT, STR(""));
		peer_send(&session->peer, frame.data, frame.length, run->settings->timeout);
		buffer_free(&frame);
		status = session_look(run, session, false, &got);
		if (status != PEER_CLOSED)
			return session_fail(run, step, "nothing more in this session", status,
			    &got);
	}
	session_vanish(session, false);
	return true;
}

/* The program must still serve: one more session is opened and negotiated. */
static bool
probe(struct run *run)
{
	struct session session = { .label = STR("probe"), .peer.fd = -1 };
	bool good = session_begin_mail(run, &session, &end_of_scenario) &&
	    quit_session(run, &session);

	session_vanish(&session, false);
	return good;
}

static bool
check_sanitizers(struct run *run)
{
	struct buffer log = { 0 };
	bool good = true;

	process_read_log(&run->process, &log);
	for (size_t i = 0; good && i < sizeof(sanitizer_reports) / sizeof(sanitizer_reports[0]);
	     i++)
		if (strstr(buffer_text(&log), sanitizer_reports[i]))
			good = run_fail(run, &end_of_scenario, NULL, "%s", sanitizer_reports[i]);
	buffer_free(&log);
	return good;
}

static bool
stop_program(struct run *run)
{
	struct buffer got = { 0 };
	bool good;

	if (run->ended || !run->started)
		return true;
	if (!run->stopping && !process_ended(&run->process, 0))
		process_signal(&run->process, SIGTERM);
	if (!process_finish(&run->process, STOP_TIME))
		return run_fail(run, &end_of_scenario, NULL, "a program that had to be killed");
	good = run->process.status == 0;
	process_describe(&run->process, &got);
	if (!good)
		run_fail(run, &end_of_scenario, NULL, "%s", buffer_text(&got));
	buffer_free(&got);
	return good;
}

static bool
perform_steps(struct run *run)
{
	for (size_t i = 0; i < run->scenario.count; i++) {
		const struct step *step = &run->scenario.steps[i];

		if (!performer_of(step)->perform(run, step))
			return false;
	}
	for (size_t i = 0; i < run->session_count; i++)
		if (!quit_session(run, &run->sessions[i]))
			return false;
	return run->ended || run->stopping || probe(run);
}

static bool
perform(struct run *run)
{
	bool good = perform_steps(run);

	for (size_t i = 0; i < run->session_count; i++)
		session_vanish(&run->sessions[i], false);
	good = stop_program(run) && good;
	if (!run->started)
		return good;
	return check_sanitizers(run) && good && run_check_log(run);
}

/* A port of the loopback that nobody listens on now. */
static unsigned
free_port(void)
{
	struct sockaddr_in address = {
	    .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return 0;
	if (bind(fd, (struct sockaddr *)&address, size) != 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) != 0)
		address.sin_port = 0;
	close(fd);
	return ntohs(address.sin_port);
}

/* The temporary folder, and the places that differ from run to run. */
static bool
prepare(struct run *run, struct arena *arena)
{
	static const char *const ports[] = { "port", "port2", "port3" };
	const char *parent = getenv("TMPDIR");
	char *dir = arena_printf(arena, "%s/filterd-XXXXXX", parent && *parent ? parent : "/tmp");
	bool good = mkdtemp(dir) != NULL && chmod(dir, 0755) == 0;

	if (!good) {
		buffer_printf(run->report, "%s: %s\n", dir, strerror(errno));
		return false;
	}
	run->dir = dir;
	run->address = arena_printf(arena, "unix:%s/socket", dir);
	good = places_set(&run->places, "dir", dir) &&
	       places_set(&run->places, "socket", run->address);
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		good = places_set(&run->places, ports[i], arena_printf(arena, "%u", free_port())) &&
		       good;
	return good;
}

static int
remove_entry(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static void
show_log(struct run *run)
{
	struct buffer log = { 0 };
	const char *start;
	size_t lines = 0;

	if (!run->started)
		return;
	process_read_log(&run->process, &log);
	start = buffer_text(&log) + log.length;
	while (start > buffer_text(&log) && lines <= LOG_LINES)
		if (*--start == '\n')
			lines++;
	buffer_printf(run->report, "the program's output ends so:\n%s", start + (lines >
	    LOG_LINES));
	buffer_free(&log);
}

static bool
read_and_perform(struct run *run)
{
	struct buffer text = { 0 };
	const char *error;
	unsigned line;
	bool good;

	if (!read_file(run->path, &text)) {
		buffer_printf(run->report, "%s: %s\n", run->path, strerror(errno));
		buffer_free(&text);
		return false;
	}
	good = scenario_read(&run->scenario, &run->places,
	    (struct str){ buffer_text(&text), text.length }, &line, &error);
	if (!good)
		buffer_printf(run->report, "%s:%u: %s\n", run->path, line, error);
	else if (!(good = perform(run)))
		show_log(run);
	scenario_free(&run->scenario);
	buffer_free(&text);
	return good;
}

bool
run_scenario(const struct settings *settings, const char *path, struct buffer *report)
{
	struct arena *arena = arena_create(0, 0);
	struct run *run = arena_alloc(arena, sizeof(*run));
	bool good;

	run->settings = settings;
	run->path = path;
	run->places = settings->places;
	run->report = report;
	run->mta = offer_mta(STR("postfix"));
	run->offer = run->mta->options;
	good = prepare(run, arena) && read_and_perform(run);
	if (run->dir && settings->keep)
		printf("# %s is kept in %s\n", path, run->dir);
	else if (run->dir)
		nftw(run->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	arena_destroy(&arena);
	return good;
}
