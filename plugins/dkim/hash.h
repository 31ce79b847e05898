/* SPDX-License-Identifier: BSD-2-Clause */
/* Which header fields a signature covers, and what is hashed of them: RFC 6376 sections 3.7 and
 * 5.4.2. For verifying and for signing; for ARC, whose seals choose their fields otherwise, there
 * is dkim_canon_field(). */
#ifndef PLUGINS_DKIM_HASH_H
#define PLUGINS_DKIM_HASH_H

#include "plugins/dkim/canon.h"

/* Hands the output the fields that h= names, in its order: a name that is there n times stands for
 * the lowest n fields of that name, the lowest first, and for nothing where there are fewer.
 * `fields` are those of the message from the top, without the signature that is being made; one
 * that is verified may be among them, and is not hashed as one of them when `self` is its index
 * (with `count` for it all may be chosen). */
void dkim_hash_fields(enum dkim_canon canon, const struct dkim_field *fields, size_t count,
    size_t self, struct dkim_text names, struct dkim_output *output);

/* How often h= has this name. */
size_t dkim_names_count(struct dkim_text names, const char *name);

/* How many fields of the name there are. */
size_t dkim_fields_count(const struct dkim_field *fields, size_t count, struct dkim_text name);

#endif
