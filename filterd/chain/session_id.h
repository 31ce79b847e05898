/* SPDX-License-Identifier: BSD-2-Clause */
/* Session ids: short, printable, unique a host and day, made without a lock. */
#ifndef FILTERD_CHAIN_SESSION_ID_H
#define FILTERD_CHAIN_SESSION_ID_H

/* As long as a crash note's: the NUL and padding included. */
#define SESSION_ID_BYTES 16

/* The next id of this process: ten characters, digits and lower-case letters. */
void session_id_make(char id_r[SESSION_ID_BYTES]);

#endif
