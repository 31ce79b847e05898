/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a message a signature covers: its fields, h=, and the hash of its body. */
#ifndef PLUGINS_DKIM_SIGN_COVER_H
#define PLUGINS_DKIM_SIGN_COVER_H

#include <filterd/plugin.h>

#include "plugins/dkim/canon.h"
#include "plugins/dkim/crypto.h"

/* RFC 6376 section 5.4.1, and what says how the body is read. */
#define COVER_HEADERS \
	"From Reply-To Subject Date To Cc Resent-Date Resent-From Resent-To Resent-Cc " \
	"In-Reply-To References List-Id List-Help List-Unsubscribe List-Unsubscribe-Post " \
	"List-Subscribe List-Post List-Owner List-Archive Message-ID MIME-Version Content-Type " \
	"Content-Transfer-Encoding"
#define COVER_OVERSIGNED "From Reply-To Subject Date To Cc Message-ID"

struct cover {
	const struct dkim_field *fields;	/* of the message, from the top */
	size_t count;
};

/* The header fields as the filters before have left them; in the message's memory. */
struct cover cover_fields(struct mf_context *c);

/* h=: each name as often as there are fields, and once more if it is to be oversigned (RFC 6376
 * section 8.15); one that an MTA adds where it lacks is then left out where it lacks. NULL:
 * there is no From, or there are more fields than h= may have names. */
const char *cover_names(struct mf_context *c, const struct cover *cover,
    const struct mf_strings *headers, const struct mf_strings *oversigned);

/* The body's SHA-256 and its size, canonical. False: OpenSSL has refused. */
bool cover_body(struct mf_context *c, const struct dkim_crypto *crypto, enum dkim_canon canon,
    uint8_t hash_r[DKIM_HASH_MAX], uint64_t *size_r);

/* Whether every word is a field's name; the first that is none is *wrong_r. */
bool cover_check_names(const struct mf_strings *names, const char **wrong_r);

#endif
