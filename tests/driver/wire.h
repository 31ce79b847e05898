/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The milter protocol's wire format as an MTA speaks it: frames of a four-byte big-endian length, a
 * command byte and data. Pure functions on memory: commands and replies are appended to a buffer,
 * replies are decoded from bytes that may be cut anywhere or be garbage. Owns nothing; what is
 * decoded points into the input.
 */
#ifndef TESTS_DRIVER_WIRE_H
#define TESTS_DRIVER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <libmilter/mfapi.h>

#include "filterd/util/buffer.h"
#include "filterd/util/str.h"

#define WIRE_HEAD	4		/* bytes of a frame's length */
#define WIRE_CHUNK	MILTER_CHUNK_SIZE	/* largest body chunk that MTAs send */
#define WIRE_LARGEST	(1u << 20)	/* longest frame taken from a milter, with command byte */
#define WIRE_STAGES	(SMFIM_LAST + 1)

struct wire_frame {
	char command;		/* SMFIC_* from an MTA, SMFIR_* or SMFIC_OPTNEG from a milter */
	struct str data;
};

/* Option negotiation, offer and answer alike. */
struct wire_options {
	uint32_t version;
	uint32_t actions;			/* SMFIF_* */
	uint32_t steps;				/* SMFIP_* */
	struct str macros[WIRE_STAGES];		/* by SMFIM_*; data NULL: none was set */
};

/* The SMTP client. */
struct wire_client {
	struct str name;
	char family;		/* SMFIA_*; SMFIA_UNKNOWN has no port and no address */
	uint16_t port;		/* host order */
	struct str address;
};

/* What a milter answers, edits included. */
struct wire_reply {
	char command;			/* SMFIR_* */
	uint32_t index;			/* SMFIR_CHGHEADER and SMFIR_INSHEADER */
	struct str texts[2];		/* name and value, address and arguments, … */
	size_t count;			/* of texts */
};

enum wire_status {
	WIRE_FRAME,		/* one frame was taken */
	WIRE_MORE,		/* the input ends inside a frame */
	WIRE_BAD		/* no frame: its length is 0 or beyond WIRE_LARGEST */
};

/* Append one frame. Texts are written with a NUL behind each; a NUL inside them is written as it
 * is. */
void wire_add_frame(struct buffer *out, char command, struct str data);
void wire_add_texts(struct buffer *out, char command, const struct str *texts, size_t count);
void wire_add_options(struct buffer *out, const struct wire_options *options);
void wire_add_client(struct buffer *out, const struct wire_client *client);
/* The macros that belong to the command which follows: names and values in turn. */
void wire_add_macros(struct buffer *out, char command, const struct str *words, size_t count);
void wire_add_reply(struct buffer *out, const struct wire_reply *reply);

/* Takes the first frame of the input; *taken_r is how many bytes it was, set with WIRE_FRAME
 * only. */
enum wire_status wire_take(struct str input, struct wire_frame *frame_r, size_t *taken_r);

/* False when the frame is not one that a milter may send: another command, data cut short, a
 * missing NUL, bytes left over. */
bool wire_read_options(const struct wire_frame *frame, struct wire_options *options_r);
bool wire_read_reply(const struct wire_frame *frame, struct wire_reply *reply_r);

#endif
