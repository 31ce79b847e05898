/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Addresses of the web and of mail (RFC 3986, RFC 6068), read the way browsers do (URL standard,
 * section 4.4), for what counts is where a click leads: "http:\\EX%41mple.com." leads to
 * example.com.
 *
 * Text in, structs out: knows nothing of mail or HTML.
 */
#ifndef FILTERD_MESSAGE_URL_H
#define FILTERD_MESSAGE_URL_H

#include <stdbool.h>
#include <stddef.h>

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

#define URL_MAXIMUM	8192	/* bytes of an address that is looked at */

/* Texts end in NUL; those that are not there are empty. */
struct url {
	struct str text;	/* as given */
	struct str scheme;	/* lower case */
	struct str userinfo;	/* before "@", as written: a name put there to deceive */
	/* Lower case, A-labels, percent-decoded, no final dot; an IP address in its usual form,
	 * without brackets. Of mailto: the domain of the first address. */
	struct str host;
	bool ip;		/* the host is an IP address, however it was written */
};

/* False: it is no absolute address of a scheme that is known here (http https ftp mailto), or has
 * no host. The url lives in the arena. */
bool url_parse(struct arena *arena, struct str text, struct url *url_r);

/* Called for each address; true ends the visit. */
typedef bool url_visitor(void *argument, struct str text);

/* Visits the addresses that stand in plain text in UTF-8: from a scheme that is known here, or
 * "www." at the beginning of a word, up to a blank or what is around it by habit. At most so many.
 * False: there are more. Visited texts are borrowed from the text, and may lack the scheme. */
bool url_find(struct str text, size_t maximum, url_visitor *visitor, void *argument);

/* Whether a text that is shown for a link looks like an address or host of its own, and that host
 * is another than where the link leads, neither above nor below it. Hosts that agree in their last
 * two labels (three, where these are short as in "co.uk") are the same party's. */
bool url_mismatch(struct arena *arena, struct str shown, const struct url *target);

#endif
