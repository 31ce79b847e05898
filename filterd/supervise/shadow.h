/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The master's side of a generation's shadow configuration: owns the link by which workers send
 * what they have judged, forks the processes that judge it again, and forks others when they die:
 * at once, or after ever longer pauses when they die young. Nothing here can hold up a worker; and
 * once the generation serves nothing is fatal.
 */
#ifndef FILTERD_SUPERVISE_SHADOW_H
#define FILTERD_SUPERVISE_SHADOW_H

#include "filterd/config/archive.h"
#include "filterd/service/shadow_link.h"
#include "filterd/supervise/privileges.h"
#include "filterd/supervise/watch.h"

struct shadow;

/* Borrowed for as long as the shadow lives. */
struct shadow_needs {
	const char *config;		/* path of the shadow configuration */
	const struct settings *settings;	/* of the configuration that serves */
	struct archive *files;		/* what is loaded; the shadow's own are read into it */
	unsigned generation;
	const struct identity *identity;
	/* In a child: closes what is not its own, opens the log of these settings. */
	void (*in_child)(void *argument, const struct settings *settings);
	void *argument;
};

/* Forks the processes, which load. NULL: there can be no link; errno. */
struct shadow *shadow_start(const struct shadow_needs *needs);

/* Closes the link; the processes judge what waits, and leave. NULL: nothing. */
void shadow_destroy(struct shadow **shadow);

/* For workers. */
const struct shadow_link *shadow_link_of(const struct shadow *shadow);

/* Whether each process has loaded all; whether nothing more is to be expected of the start. */
bool shadow_is_ready(const struct shadow *shadow);
bool shadow_is_decided(const struct shadow *shadow);

/* What those that failed have said, each complaint once; borrowed. */
const struct buffer *shadow_complaints(const struct shadow *shadow);

/* The generation serves: processes that die are replaced from now on. */
void shadow_serve(struct shadow *shadow);

/* For the loop: what to wait for; then, whatever has come, everything that is due. */
void shadow_watch(const struct shadow *shadow, struct watch *watch);
void shadow_tend(struct shadow *shadow);

/* A child of the process has ended. False: it was none of these. */
bool shadow_bury(struct shadow *shadow, pid_t pid, int status);

/* In another child: closes the channels; with `link` the link too. */
void shadow_forget(const struct shadow *shadow, bool link);

#endif
