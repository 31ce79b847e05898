/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ARC fields of a message put together to an Authenticated Received Chain, and its structure
 * judged: RFC 8617 sections 4.2, 5.2 steps 1 to 3. What needs keys, the signatures, is not here.
 * Nothing here allocates; texts are views into the fields that were given.
 */
#ifndef PLUGINS_ARC_CHAIN_H
#define PLUGINS_ARC_CHAIN_H

#include "plugins/dkim/canon.h"
#include "plugins/dkim/signature.h"

enum { ARC_SETS_MAX = 50 };	/* RFC 8617 section 4.2.1 */

/* The fields of a set, in the order in which a seal signs them, section 5.1.1. */
enum arc_kind { ARC_RESULTS, ARC_MESSAGE, ARC_SEAL, ARC_KINDS };

enum arc_cv { ARC_CV_NONE, ARC_CV_FAIL, ARC_CV_PASS };

struct arc_set {
	bool has[ARC_KINDS];
	struct dkim_field field[ARC_KINDS];
	enum arc_cv cv;			/* of the seal; NONE until it is read */
};

/* Begin with zeros. */
struct arc_chain {
	size_t count;			/* N, the highest instance; 0: there are no ARC fields */
	struct arc_set sets[ARC_SETS_MAX];	/* that of instance i is at i - 1 */
	/* what is wrong with it so far, a constant text; NULL: nothing */
	const char *fault;
	unsigned fault_instance;	/* whose; 0: not known */
};

/* Whether a field's name is one of ARC's, and which. */
bool arc_kind_of(struct dkim_text name, enum arc_kind *kind_r);

/* Takes a field of the message, whichever comes first. One that is not well formed, or comes twice,
 * is a fault of the chain. */
void arc_chain_add(struct arc_chain *chain, enum arc_kind kind, const struct dkim_field *field);

/* The signature in a set's field ARC_MESSAGE or ARC_SEAL. NULL: it can be used; else what is wrong
 * with it, a constant text. */
const char *arc_signature(const struct arc_set *set, enum arc_kind kind,
    struct dkim_signature *signature_r);

/* Reads the seals' cv= and holds the chain to section 5.2 steps 1 to 3, when all fields are there;
 * faults are in the chain. */
void arc_chain_finish(struct arc_chain *chain);

/* Whether a seal says cv=fail: who sealed has found the chain broken. Behind arc_chain_finish(). */
bool arc_chain_is_marked(const struct arc_chain *chain);

#endif
