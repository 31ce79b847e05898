/* SPDX-License-Identifier: BSD-2-Clause */
/* The files of the page, as they are in filterd/admin/page/: filterd/admin/embed makes a source of
 * them when filterd is built, so that the program needs no file. */
#ifndef FILTERD_ADMIN_PAGE_H
#define FILTERD_ADMIN_PAGE_H

#include <stddef.h>

struct page_file {
	const char *name;
	const char *type;		/* of media, RFC 9110 section 8.3 */
	const unsigned char *bytes;
	size_t size;
};

extern const struct page_file page_files[];
extern const size_t page_file_count;

#endif
