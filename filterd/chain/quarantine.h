/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages that go into the quarantine store, and that come back from it. */
#ifndef FILTERD_CHAIN_QUARANTINE_H
#define FILTERD_CHAIN_QUARANTINE_H

struct store;

/* Has this process store what its chains quarantine, and let pass what was released. The store is
 * borrowed; NULL ends it. Without one nothing is stored, and what would have been is discarded all
 * the same: so decides who judges without an MTA, or beside the one who serves. To be called before
 * there are threads. */
void quarantine_attach(struct store *store);

#endif
