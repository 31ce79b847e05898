/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A recording: an MTA session written down as a scenario (docs/scenarios.md), event by event and
 * answer by answer. Text is made here; where it goes is the caller's business (recorder.h). What
 * was said goes in byte for byte; the macros as far as they are known by name. Every function does
 * nothing without a recording.
 */
#ifndef FILTERD_MTA_RECORDING_H
#define FILTERD_MTA_RECORDING_H

#include "filterd/chain/explanation.h"
#include "filterd/chain/front.h"
#include "filterd/scenario/verbs.h"

struct recording;

struct recording_scene {
	const char *session_id;
	const char *address;		/* of the listener, as its socket says */
	bool body;			/* whether bodies are written */
	const char *const *macros;	/* whose values are noted; ends with NULL */
	const struct front *front;	/* has these values, and the clock */
	void *front_data;
	/* Takes bytes that are complete lines. False: the recording is given up. */
	bool (*write)(void *argument, const void *bytes, size_t size);
	void *argument;
};

/* The scene is copied, its texts are borrowed. */
struct recording *recording_open(const struct recording_scene *scene);

/* Whether the session has come to more than a negotiation, as those of health checks do not. */
bool recording_is_eventful(const struct recording *recording);

/* Writes what is left. False: it was given up. */
bool recording_close(struct recording **recording);

/* The MTA's offer, SMFIF_* and SMFIP_*; whether header fields come with their leading blank. */
void recording_negotiate(struct recording *recording, uint32_t actions, uint32_t steps,
    bool leading_space);

/* version 4, 6 or 0: then address is a unix socket's path, or "local" for none at all. */
void recording_connect(struct recording *recording, const char *name, const char *address,
    unsigned version, unsigned port);

/* helo, mail, rcpt and unknown: words ends with NULL. */
void recording_words(struct recording *recording, enum event_verb verb, const char *const *words);
void recording_header(struct recording *recording, const char *name, const char *value);
void recording_body(struct recording *recording, const void *bytes, size_t size);

/* data, eoh, eom, abort and quit. */
void recording_bare(struct recording *recording, enum event_verb verb);

/* What the event has come to. explanation: of the message that ended with it, or NULL. */
void recording_answer(struct recording *recording, const struct decision *decision,
    const struct explanation *explanation);

#endif
