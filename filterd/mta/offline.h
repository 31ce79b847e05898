/* SPDX-License-Identifier: BSD-2-Clause */
/* The offline front end: plays an MTA that hands one message file to a chain. */
#ifndef FILTERD_MTA_OFFLINE_H
#define FILTERD_MTA_OFFLINE_H

#include "filterd/chain/session.h"
#include "filterd/mta/message_file.h"

struct offline_macro {
	const char *name, *value;
};

/* The SMTP session around the message. */
struct offline_scene {
	const char *client_name, *client_address;
	uint8_t client_ip[16];
	unsigned client_version;		/* 4, 6; 0: no address */
	const char *helo;
	/* NULL: taken from the message, see offline_judge */
	const char *sender;
	const char *const *recipients;
	size_t recipient_count;			/* 0: taken from the message */
	const struct offline_macro *macros;
	size_t macro_count;
	int64_t now;				/* seconds since the epoch; < 0: the clock */
};

/* Runs the message through the chain and calls report once, with the session at the end of the
 * message or where it was refused. Without a sender: that of Return-Path, else the first address of
 * From, else the null sender. Without recipients: those of Delivered-To, else of To and Cc, else
 * postmaster@localhost. */
void offline_judge(const struct chain *chain, const struct offline_scene *scene,
    const struct message_file *file,
    void (*report)(void *argument, struct session *session), void *argument);

#endif
