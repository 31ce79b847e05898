/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tape: the events of one message as the MTA sent them, and what the chain has made of it, taken
 * down for a shadow process. It is kept in memory while the message runs, within limits of a
 * message and of the process; past them the message is let go and counted. Nothing that happens
 * here has an effect on the message.
 *
 * On the wire a tape is records: a kind, a length, and so many bytes; texts end in NUL.
 */
#ifndef FILTERD_MTA_TAPE_H
#define FILTERD_MTA_TAPE_H

#include "filterd/config/settings.h"
#include "filterd/mta/judgement.h"
#include "filterd/service/shadow_link.h"

enum tape_kind {
	TAPE_LISTENER = 1,	/* name */
	TAPE_SESSION,		/* id */
	TAPE_MACRO,		/* name, value */
	TAPE_CONNECT,		/* struct tape_client, name, address */
	TAPE_HELO,		/* name */
	TAPE_MAIL,		/* path, arguments */
	TAPE_RCPT,		/* the same */
	TAPE_DATA,
	TAPE_HEADER,		/* name, value */
	TAPE_EOH,
	TAPE_BODY,		/* bytes */
	TAPE_END_OF_MESSAGE,
	TAPE_PART,		/* a byte, enum judgement_part, then the text without NUL */
	TAPE_FILTER		/* that decided */
};

struct tape_client {
	uint8_t ip[16];
	uint32_t version;	/* 4, 6; 0: no address */
	uint32_t port;
};

/* ---- recording ---- */

/* Zero-initialise it: one a connection of the MTA. */
struct tape {
	struct buffer connection;	/* connect and helo */
	size_t connect;			/* bytes of it without helo */
	struct buffer message;		/* from MAIL on */
	bool lost;			/* the message is past a limit */
};

/* Has this process record from now on; link and settings are borrowed. To be called before there
 * are threads. */
void tape_attach(const struct shadow_link *link, const struct shadow_settings *settings);

/* Whether it does. Without it, nothing here does anything. */
bool tape_wanted(void);

/* Events that shadows want of the MTA, MF_AT bits. */
#define TAPE_EVENTS (MF_AT(MF_STAGE_DATA) | MF_AT(MF_STAGE_HEADER) | MF_AT(MF_STAGE_EOH) | \
    MF_AT(MF_STAGE_BODY))

void tape_connect(struct tape *tape, const struct tape_client *client, const char *name,
    const char *address);
void tape_helo(struct tape *tape, const char *name);
void tape_mail(struct tape *tape, const char *const *words);
void tape_rcpt(struct tape *tape, const char *const *words);
void tape_header(struct tape *tape, const char *name, const char *value);
/* Data, end of headers, body, end of message. */
void tape_event(struct tape *tape, enum tape_kind kind, const void *bytes, size_t size);

/* Whoever asks for a macro of the session. */
struct tape_macros {
	const char *(*get)(void *argument, const char *name);
	void *argument;
};

/* If a message, or the connection, has just been decided: sends the tape. */
void tape_end(struct tape *tape, struct session *session, const char *listener,
    const struct tape_macros *macros);

/* Forgets the message. */
void tape_drop(struct tape *tape);
void tape_free(struct tape *tape);

/* ---- reading ---- */

struct tape_record {
	enum tape_kind kind;
	struct str bytes;
};

/* The next record, cut off the rest. False: there is none, or it is broken. */
bool tape_next(struct str *rest, struct tape_record *record_r);

/* The next text of a record, cut off; NULL: there is none that ends in NUL. */
const char *tape_text(struct str *bytes);

#endif
