/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is inside the parts of a message: members of archives, links of texts. A part of
 * <filterd/plugin.h>, which is the one header to include. What <filterd/plugin/mime.h> says of
 * parts holds here too. The host looks once a message, when the first filter asks.
 */
#ifndef FILTERD_PLUGIN_INSPECT_H
#define FILTERD_PLUGIN_INSPECT_H

#ifdef __cplusplus
extern "C" {
#endif

/* The names of struct mf_archive's defects, divided by blanks. */
#define MF_ARCHIVE_DEFECTS \
	"archive-broken archive-bomb archive-too-many archive-too-deep archive-hidden-member " \
	"archive-secret-names"

struct mf_member {
	const char *name;		/* as written, UTF-8, folders in front */
	uint64_t size;			/* unpacked; 0: not known */
	/* the member that is the archive it is in; MF_NO_PART: the part */
	size_t parent;
	unsigned depth;			/* of that archive; the part has 1 */
	bool encrypted;
	bool folder;
	/* fixed: plugins step through arrays of it */
};

struct mf_archive {
	size_t member_count;		/* of the archive and those within it */
	const struct mf_member *members;
	unsigned depth;			/* of the deepest archive; 1: there is none in it */
	bool encrypted;			/* a member, or the names of all */
	/* names of what is wrong with it, "archive-bomb"; ends with NULL. filterd-mime has what
	 * they mean. */
	const char *const *defects;
	/* append only */
};

struct mf_link {
	const char *target;		/* as a browser takes it */
	/* host that it leads to: lower case, A-labels; "" when there is none, as of "data:…" */
	const char *host;
	bool mismatch;			/* it is shown as an address of somebody else */
	/* fixed: plugins step through arrays of it */
};

/* The content of a part as an archive: zip, 7z, rar, tar, iso, cab, TNEF, and what gzip, bzip2, xz
 * and zstd have compressed. NULL: it is none. */
static inline const struct mf_archive *
mf_part_archive(struct mf_context *c, size_t index)
{
	return c->host->part_archive(c, index);
}

/* The links of all text parts. */
static inline const struct mf_link *
mf_links(struct mf_context *c, size_t *count_r)
{
	return c->host->links(c, count_r);
}

#ifdef __cplusplus
}
#endif

#endif
