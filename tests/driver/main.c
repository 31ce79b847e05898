/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * mta-driver: runs scenario files against filterd, or against any milter that they name, and
 * reports in TAP. README.md beside this file is the reference. Exit status 0 only if every scenario
 * passed; 64 for wrong arguments.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/scenario/report.h"
#include "tests/driver/run.h"

#define TIMEOUT	20000	/* milliseconds; generous, for sanitizers and loaded machines */
#define JOBS	64	/* at a time, at most */

static const char usage[] =
    "usage: mta-driver [OPTION]… SCENARIO…\n"
    "  --filterd PROGRAM  what to run where a scenario names no command (else $FILTERD)\n"
    "  --set NAME=VALUE   what ${NAME} stands for in the scenarios\n"
    "  --timeout MS       how long anything awaited may take (20000)\n"
    "  --jobs N           run so many scenarios at a time (1)\n"
    "  --trace            print every event and answer\n"
    "  --keep             leave the temporary folders\n";

static const struct option options[] = {
	{ "filterd", required_argument, NULL, 'f' },
	{ "set", required_argument, NULL, 's' },
	{ "timeout", required_argument, NULL, 't' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "trace", no_argument, NULL, 'T' },
	{ "keep", no_argument, NULL, 'k' },
	{ NULL, 0, NULL, 0 }
};

static bool
set_place(struct settings *settings, char *assignment)
{
	char *equals = strchr(assignment, '=');

	if (!equals)
		return false;
	*equals = '\0';
	return places_set(&settings->places, assignment, equals + 1);
}

static bool
read_options(int argc, char **argv, struct settings *settings, int *jobs_r)
{
	int option;

	*jobs_r = 1;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (option) {
		case 'f':
			settings->filterd = optarg;
			break;
		case 's':
			if (!set_place(settings, optarg))
				return false;
			break;
		case 't':
			settings->timeout = atoi(optarg);
			break;
		case 'j':
			*jobs_r = atoi(optarg);
			break;
		case 'T':
			settings->trace = true;
			break;
		case 'k':
			settings->keep = true;
			break;
		default:
			return false;
		}
	}
	return optind < argc && settings->timeout > 0 && *jobs_r > 0 && *jobs_r <= JOBS;
}

/* A scenario that runs in a process of its own. */
struct job {
	pid_t pid;
	FILE *output;	/* an unlinked file */
};

/* Runs one scenario in a process of its own, which ends with status 0 when it passed. */
static _Noreturn void
run_job(const struct settings *settings, const char *path, FILE *output)
{
	struct buffer report = { 0 };
	bool good = dup2(fileno(output), STDOUT_FILENO) >= 0;

	good = good && run_scenario(settings, path, &report);
	report_result(good, path);
	putchar('\n');
	report_comments(&report);
	buffer_free(&report);
	fclose(output);
	exit(good ? EXIT_SUCCESS : EXIT_FAILURE);
}

static bool
start_job(const struct settings *settings, const char *path, struct job *job_r)
{
	job_r->output = tmpfile();
	if (!job_r->output)
		return false;
	fflush(stdout);
	job_r->pid = fork();
	if (job_r->pid == 0)
		run_job(settings, path, job_r->output);
	return job_r->pid > 0;
}

/* Waits for a job and prints what it printed; whether it passed. */
static bool
finish_job(struct job *job)
{
	char bytes[4096];
	size_t got;
	int status;
	bool good = waitpid(job->pid, &status, 0) == job->pid && status == 0;

	rewind(job->output);
	while ((got = fread(bytes, 1, sizeof(bytes), job->output)) > 0)
		fwrite(bytes, 1, got, stdout);
	fclose(job->output);
	return good;
}

/* Runs the scenarios, at most so many at a time, and prints their results in order; how many
 * failed. */
static int
run_all(const struct settings *settings, char *const *paths, int count, int at_a_time)
{
	struct job jobs[JOBS];
	int started = 0, failed = 0;

	for (int done = 0; done < count; done++) {
		while (started < count && started < done + at_a_time) {
			if (!start_job(settings, paths[started], &jobs[started % JOBS])) {
				perror("mta-driver");
				exit(EX_OSERR);
			}
			started++;
		}
		failed += !finish_job(&jobs[done % JOBS]);
	}
	return failed;
}

int
main(int argc, char **argv)
{
	struct settings settings = { .filterd = getenv("FILTERD"), .timeout = TIMEOUT };
	int count, jobs, failed;

	if (!read_options(argc, argv, &settings, &jobs)) {
		fputs(usage, stderr);
		return EX_USAGE;
	}
	if (!settings.filterd)
		settings.filterd = "filterd";
	count = argc - optind;
	printf("1..%d\n", count);
	failed = run_all(&settings, argv + optind, count, jobs);
	printf("# %d passed, %d failed\n", count - failed, failed);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
