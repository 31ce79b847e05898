/* SPDX-License-Identifier: BSD-2-Clause */
/* The arrays of a message's state: how they grow, and how a transaction gets its own. */
#ifndef FILTERD_MESSAGE_STATE_H
#define FILTERD_MESSAGE_STATE_H

#include "filterd/message/model.h"

/* Puts a field before the one at that index, a recipient behind the last. The state owns the
 * arrays. */
void state_insert_field(struct state *state, struct arena *arena, size_t index,
    struct field_node *field);
void state_add_recipient(struct state *state, struct arena *arena, struct mf_address *recipient);

/* Gives the state an array of its own when it still shares that of `shared`. */
void state_own_fields(struct state *state, struct arena *arena, const struct state *shared);
void state_own_recipients(struct state *state, struct arena *arena, const struct state *shared);

/* Bytes of a field on the wire, its CRLFs included. */
size_t field_size(const struct field_node *field);

/* A field with copies of both texts. */
struct field_node *field_create(struct arena *arena, struct str name, struct str value);

#endif
