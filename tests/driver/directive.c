/* SPDX-License-Identifier: BSD-2-Clause */
/* Directives: what the scenario runs, where sessions connect, and what the log must say. */
#include <fcntl.h>
#include <limits.h>
#include <regex.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/driver/run.h"

#define LOG_TICK	20	/* milliseconds between two looks at the log */

static bool
write_file(struct run *run, const struct step *step, const char *path, struct str text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	bool good = fd >= 0 && write(fd, text.data, text.length) == (ssize_t)text.length;

	if (fd >= 0)
		close(fd);
	return good || run_fail(run, step, "a file written", "%m: %s", path);
}

/* config <<MARK: filterd's configuration */
static bool
directive_config(struct run *run, const struct step *step)
{
	if (!step->block.data)
		return run_fail(run, step, "config <<MARK", "no text");
	run->config = arena_printf(run->scenario.arena, "%s/filterd.conf", run->dir);
	return write_file(run, step, run->config, step->block);
}

/* file NAME <<MARK: another file in the temporary folder */
static bool
directive_file(struct run *run, const struct step *step)
{
	const char *name = step->words[0].text.data;

	if (!step->block.data || strchr(name, '/'))
		return run_fail(run, step, "file NAME <<MARK", "%s", step->text.data);
	return write_file(run, step, arena_printf(run->scenario.arena, "%s/%s", run->dir, name),
	    step->block);
}

/* command PROGRAM …: runs it instead of filterd */
static bool
directive_command(struct run *run, const struct step *step)
{
	if (run->started)
		return run_fail(run, step, "command before the first event", "a program that runs");
	run->command = step;
	return true;
}

/* mta postfix | sendmail | VERSION ACTIONS STEPS: what sessions offer from now on */
static bool
directive_mta(struct run *run, const struct step *step)
{
	const struct offer_mta *mta = offer_mta(step->words[0].text);

	if (step->count == 3)
		return run_offer(run, step, 0, &run->offer);
	if (!mta || step->count != 1)
		return run_fail(run, step, "postfix, sendmail, or version, actions and steps", "%s",
		    step->text.data);
	run->mta = mta;
	run->offer = mta->options;
	return true;
}

/* peer ADDRESS: where sessions connect from now on */
static bool
directive_peer(struct run *run, const struct step *step)
{
	run->address = step->words[0].text.data;
	return true;
}

/* start: now, not at the first event. start fails STATUS: it must end by itself. */
static bool
directive_start(struct run *run, const struct step *step)
{
	struct buffer got = { 0 };
	unsigned long status;
	bool good;

	if (!step->count)
		return run_start(run, step);
	if (step->count != 2 || !str_equal(step->words[0].text, STR("fails")))
		return run_fail(run, step, "start, or start fails STATUS", "%s", step->text.data);
	if (!run_number(run, step, 1, 1, 255, &status) || !run_start(run, step))
		return false;
	if (!process_ended(&run->process, run->settings->timeout))
		return run_fail(run, step, NULL, "a program that still runs");
	run->ended = true;
	process_describe(&run->process, &got);
	good = run->process.status == (int)status << 8;
	if (!good)
		run_fail(run, step, NULL, "%s", buffer_text(&got));
	buffer_free(&got);
	return good;
}

/* stop: sessions go on, and the program must end when they have */
static bool
directive_stop(struct run *run, const struct step *step)
{
	if (!run->started)
		return run_fail(run, step, NULL, "no program that runs");
	run->stopping = true;
	process_signal(&run->process, SIGTERM);
	return true;
}

/* pause MILLISECONDS */
static bool
directive_pause(struct run *run, const struct step *step)
{
	unsigned long time;
	struct timespec pause;

	if (!run_number(run, step, 0, 1, 600000, &time))
		return false;
	pause = (struct timespec){ (time_t)(time / 1000), (long)(time % 1000) * 1000000L };
	nanosleep(&pause, NULL);
	return true;
}

/* clock SECONDS: the time of a recording, which is of no interest here */
static bool
directive_clock(struct run *run, const struct step *step)
{
	unsigned long time;

	return run_number(run, step, 0, 0, ULONG_MAX, &time);
}

/* lacks body: what a recording has left out */
static bool
directive_lacks(struct run *run, const struct step *step)
{
	(void)run;
	(void)step;
	return true;
}

/* How often text stands in the log. */
static size_t
count_text(const char *log, const char *text)
{
	size_t count = 0;

	for (; (log = strstr(log, text)) != NULL; log += strlen(text))
		count++;
	return count;
}

/* Whether some line of the log matches; false with a report when the pattern is wrong. */
static bool
match_log(struct run *run, const struct step *step, const char *log, bool *found_r)
{
	regex_t regex;

	if (regcomp(&regex, step->words[1].text.data, REG_EXTENDED | REG_NEWLINE | REG_NOSUB) != 0)
		return run_fail(run, step, "a POSIX extended regular expression", "%s",
		    step->words[1].text.data);
	*found_r = regexec(&regex, log, 0, NULL, 0) == 0;
	regfree(&regex);
	return true;
}

/* Whether what the directive looks for stands in the log now. */
static bool
look_in_log(struct run *run, const struct step *step, bool *found_r)
{
	struct buffer log = { 0 };
	bool regex = strstr(step->words[0].text.data, "match") != NULL;
	bool good = true;

	process_read_log(&run->process, &log);
	if (regex)
		good = match_log(run, step, buffer_text(&log), found_r);
	else
		*found_r = strstr(buffer_text(&log), step->words[1].text.data) != NULL;
	buffer_free(&log);
	return good;
}

static bool
await_log(struct run *run, const struct step *step)
{
	const struct timespec tick = { .tv_nsec = LOG_TICK * 1000000L };
	bool found = false;

	if (!run_start(run, step))
		return false;
	for (int left = run->settings->timeout; left > 0; left -= LOG_TICK) {
		if (!look_in_log(run, step, &found))
			return false;
		if (found)
			return true;
		nanosleep(&tick, NULL);
	}
	return run_fail(run, step, NULL, "no such line in the log");
}

/* log has TEXT, log matches REGEX: waits for it. log lacks TEXT, log lacks-match REGEX, log
 * count N TEXT: looked at when the program has ended. */
static bool
directive_log(struct run *run, const struct step *step)
{
	struct str what = step->words[0].text;
	bool count = str_equal(what, STR("count"));

	if (step->count == 2 && (str_equal(what, STR("has")) || str_equal(what, STR("matches"))))
		return await_log(run, step);
	if (!(step->count == 2 &&
		(str_equal(what, STR("lacks")) || str_equal(what, STR("lacks-match")))) &&
	    !(step->count == 3 && count))
		return run_fail(run, step,
		    "log has, matches, lacks, lacks-match or count N, and a text", "%s",
		    step->text.data);
	if (run->check_count == RUN_CHECKS)
		return run_fail(run, step, NULL, "too many of these");
	run->checks[run->check_count++] = step;
	return true;
}

static bool
check_count(struct run *run, const struct step *step)
{
	struct buffer log = { 0 };
	unsigned long wanted;
	size_t count;

	if (!run_number(run, step, 1, 0, 1000000, &wanted))
		return false;
	process_read_log(&run->process, &log);
	count = count_text(buffer_text(&log), step->words[2].text.data);
	buffer_free(&log);
	return count == wanted || run_fail(run, step, NULL, "%zu times", count);
}

bool
run_check_log(struct run *run)
{
	for (size_t i = 0; i < run->check_count; i++) {
		const struct step *step = run->checks[i];
		bool found = false;

		if (str_equal(step->words[0].text, STR("count"))) {
			if (!check_count(run, step))
				return false;
			continue;
		}
		if (!look_in_log(run, step, &found))
			return false;
		if (found)
			return run_fail(run, step, NULL, "such a line in the log");
	}
	return true;
}

const struct performer directive_performers[] = {
	[DIRECTIVE_CONFIG] = { directive_config, 0 },
	[DIRECTIVE_FILE] = { directive_file, 0 },
	[DIRECTIVE_COMMAND] = { directive_command, 0 },
	[DIRECTIVE_MTA] = { directive_mta, 0 },
	[DIRECTIVE_PEER] = { directive_peer, 0 },
	[DIRECTIVE_START] = { directive_start, 0 },
	[DIRECTIVE_STOP] = { directive_stop, 0 },
	[DIRECTIVE_PAUSE] = { directive_pause, 0 },
	[DIRECTIVE_LOG] = { directive_log, 0 },
	[DIRECTIVE_CLOCK] = { directive_clock, 0 },
	[DIRECTIVE_LACKS] = { directive_lacks, 0 },
};
