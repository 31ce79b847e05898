/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses: envelope paths as the MTA hands them over (RFC 5321 section 4.1.2) and address lists
 * of header fields (RFC 5322 section 3.4). Pure: text in, struct out; whatever comes in, something
 * well-formed comes out.
 */
#ifndef FILTERD_MESSAGE_ADDRESS_H
#define FILTERD_MESSAGE_ADDRESS_H

#include <filterd/plugin.h>

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

/* An envelope path "<a@b>" or "a@b", a source route dropped, and its ESMTP arguments
 * (NULL-terminated, may be NULL; copied). */
struct mf_address *address_from_path(struct arena *arena, const char *path,
    const char *const *arguments);

/* Whether text can stand between the brackets of MAIL FROM or RCPT TO: no control characters, no <
 * > outside quotes, not over 1000 bytes. Empty only when `empty_allowed`. */
bool address_valid(struct str text, bool empty_allowed);

/* Whether it is fit to be given to an MTA too: without blanks outside quotes, which Postfix drops
 * and Sendmail makes dots or errors of, and with every quote closed. */
bool address_sendable(struct str text, bool empty_allowed);

/* Whether two envelope addresses name one mailbox: domains compare without case, local parts byte
 * by byte (RFC 5321 section 2.4). */
bool address_equal(const struct mf_address *a, const struct mf_address *b);

/* Whether they have the same ESMTP arguments, in whatever order and case. */
bool address_arguments_equal(const struct mf_address *a, const struct mf_address *b);

#define ADDRESS_LIST_MAXIMUM 1000	/* addresses taken of one list */

/* Calls visit for each addr-spec of an address list: comments, quoted names, groups and folds are
 * understood, obsolete syntax too (RFC 5322 section 4.4). Broken input gives what addresses can be
 * found. At most ADDRESS_LIST_MAXIMUM addresses, nested comments to depth 50. The texts live in the
 * arena, which takes some bytes for each of the value's. True when visit ended it. */
bool address_list_each(struct str field_value, struct arena *arena,
    bool (*visit)(void *argument, struct str address, struct str local, struct str domain),
    void *argument);

#endif
