/* SPDX-License-Identifier: BSD-2-Clause */
/* The type that content speaks for by its first bytes, whatever is said of it. */
#ifndef FILTERD_MESSAGE_MIME_SIGNATURE_H
#define FILTERD_MESSAGE_MIME_SIGNATURE_H

#include "filterd/util/str.h"

#define MIME_SIGNATURE_WINDOW	512	/* bytes from the beginning that are looked at */

/* "application/zip"; empty: nothing is known that begins so. */
struct str mime_signature(struct str bytes);

#endif
