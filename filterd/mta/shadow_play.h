/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plays a tape to a chain of the shadow configuration, as an MTA that grants everything, and
 * compares what comes of it with what the tape says of the chain that serves. Runs plugin code.
 */
#ifndef FILTERD_MTA_SHADOW_PLAY_H
#define FILTERD_MTA_SHADOW_PLAY_H

#include "filterd/chain/generation.h"
#include "filterd/mta/judgement.h"

/* Counts the message, and logs the differences if there are any. Nothing is done with a tape that
 * is broken, or of a listener that the configuration does not have. */
void shadow_play(const struct generation *generation, struct str tape);

#endif
