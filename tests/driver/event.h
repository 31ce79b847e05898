/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Event lines, SESSION> VERB …: what the MTA sends. Well-formed events (event.c, message.c) go out
 * as Postfix and Sendmail send them, with their macros and only where the milter wants them; raw
 * ones (raw.c) exactly as written.
 */
#ifndef TESTS_DRIVER_EVENT_H
#define TESTS_DRIVER_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/str.h"

#include "tests/driver/run.h"

/* Sends a command whose data is texts, each with a NUL behind it. */
bool event_send_texts(struct run *run, struct session *session, char command, const struct str
    *texts, size_t count);

/* Sends a header field as it stands in the message; the value begins behind the colon. */
bool event_send_header(struct run *run, struct session *session, struct str name, struct str value);

/* Sends the body in chunks; one that is not answered by CONTINUE is the last. */
bool event_send_body(struct run *run, struct session *session, struct str body);

/* Verbs */
bool event_message(struct run *run, const struct step *step);
bool event_bare(struct run *run, const struct step *step);
bool event_macros(struct run *run, const struct step *step);
bool event_define(struct run *run, const struct step *step);
bool event_frame(struct run *run, const struct step *step);
bool event_false_frame(struct run *run, const struct step *step);
bool event_raw(struct run *run, const struct step *step);
bool event_vanish(struct run *run, const struct step *step);
bool event_reset(struct run *run, const struct step *step);
bool event_finish(struct run *run, const struct step *step);

#endif
