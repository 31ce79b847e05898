/* SPDX-License-Identifier: BSD-2-Clause */
/* How far the parts of a session's message are looked into: what the settings say. */
#ifndef FILTERD_CHAIN_INSPECTION_H
#define FILTERD_CHAIN_INSPECTION_H

#include "filterd/chain/state.h"
#include "filterd/message/inspect.h"

struct inspect_limits inspection_limits(const struct session *session);

#endif
