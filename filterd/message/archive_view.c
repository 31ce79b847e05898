/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The members of an archive, through libarchive. Names are made UTF-8 by a locale of the thread's
 * own, whatever the process has. Nothing is fatal but being out of memory.
 */
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <archive.h>
#include <archive_entry.h>

#include "filterd/message/archive_parts.h"
#include "filterd/message/clean.h"
#include "filterd/util/buffer.h"
#include "filterd/util/memory.h"

#define BLOCK		65536		/* bytes that are unpacked at once */
#define FREE_BYTES	(1 << 20)	/* that may be unpacked whatever the ratio */
#define NAME_MAXIMUM	4096		/* bytes of a name that are kept */

/* How a range of bytes is read. */
enum way {
	WAY_CONTENTS,		/* by its table of contents, where it has one */
	WAY_STREAM,		/* a zip from front to back: what its table does not name, too */
	WAY_COMPRESSED		/* one compressed file */
};

static void look_into(struct looking *looking, struct level *level);

const char *
archive_defect_name(unsigned bit)
{
	static const char *const names[] = { "archive-broken", "archive-bomb", "archive-too-many",
		"archive-too-deep", "archive-hidden-member", "archive-secret-names" };

	return bit < sizeof(names) / sizeof(names[0]) ? names[bit] : NULL;
}

bool
archive_likely_name(struct str name)
{
	static const char *const endings[] = { ".zip", ".jar", ".7z", ".rar", ".tar", ".tgz", ".gz",
		".bz2", ".xz", ".zst", ".iso", ".img", ".cab", ".docx", ".docm", ".xlsx", ".xlsm",
		".pptx", ".pptm", ".odt", ".ods", ".odp", ".apk", ".epub", ".xpi" };
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		struct str ending = str_of(endings[i]);

		if (name.length > ending.length &&
		    str_equal_nocase((struct str){ name.data + name.length - ending.length,
			ending.length }, ending))
			return true;
	}
	return false;
}

/* ---- limits ---- */

static struct timespec
time_after(int64_t milliseconds)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	time.tv_sec += milliseconds / 1000;
	time.tv_nsec += milliseconds % 1000 * 1000000;
	if (time.tv_nsec >= 1000000000) {
		time.tv_sec++;
		time.tv_nsec -= 1000000000;
	}
	return time;
}

static bool
is_late(const struct looking *looking)
{
	struct timespec now = time_after(0);

	return now.tv_sec > looking->end.tv_sec ||
	    (now.tv_sec == looking->end.tv_sec && now.tv_nsec > looking->end.tv_nsec);
}

bool
archive_is_over(const struct looking *looking)
{
	return looking->view->defects & (ARCHIVE_BOMB | ARCHIVE_TOO_MANY);
}

/* Counts bytes that are unpacked, or that a member says it has. */
void
archive_count(struct looking *looking, uint64_t bytes)
{
	uint64_t total;

	if (__builtin_add_overflow(looking->unpacked, bytes, &total))
		total = UINT64_MAX;
	looking->unpacked = total;
	if (total > looking->limits->bytes || is_late(looking) ||
	    (total > FREE_BYTES && total / looking->limits->ratio > looking->packed))
		looking->view->defects |= ARCHIVE_BOMB;
}

/* ---- members ---- */

struct archive_member *
archive_add(struct looking *looking, const struct level *level, struct str name)
{
	struct archive_view *view = looking->view;

	if (view->count == looking->limits->members) {
		view->defects |= ARCHIVE_TOO_MANY;
		return NULL;
	}
	if (view->count == looking->room) {
		size_t room = looking->room ? looking->room * 2 : 16;
		struct archive_member *members =
		    arena_array(looking->arena, room, sizeof(*members));

		if (looking->room)
			memcpy(members, looking->members, looking->room * sizeof(*members));
		looking->members = members;
		looking->room = room;
	}
	looking->members[view->count] = (struct archive_member){
		.name = name, .depth = level->depth, .parent = level->parent,
	};
	return &looking->members[view->count++];
}

struct str
archive_clean_name(struct arena *arena, const char *written)
{
	struct str text = { written, written ? strnlen(written, NAME_MAXIMUM) : 0 };
	struct buffer buffer = { 0 };
	struct str name;

	clean_add(&buffer, text);
	name = arena_str(arena, (struct str){ buffer_text(&buffer), buffer.length });
	buffer_free(&buffer);
	return name;
}

/* "report.txt.gz" has unpacked "report.txt"; what has no such ending keeps its name. */
static struct str
unpacked_name(struct arena *arena, struct str name)
{
	static const struct {
		struct str ending, instead;
	} endings[] = {
		{ { ".gz", 3 }, { "", 0 } }, { { ".bz2", 4 }, { "", 0 } },
		{ { ".xz", 3 }, { "", 0 } },
		{ { ".zst", 4 }, { "", 0 } }, { { ".tgz", 4 }, { ".tar", 4 } },
		{ { ".tbz", 4 }, { ".tar", 4 } }, { { ".txz", 4 }, { ".tar", 4 } },
	};
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		struct str ending = endings[i].ending;
		struct str last = { name.data + name.length - ending.length, ending.length };

		if (name.length > ending.length && str_equal_nocase(last, ending))
			return str_of(arena_printf(arena, "%.*s%s",
			    (int)(name.length - ending.length), name.data,
			    endings[i].instead.data));
	}
	return name;
}

static struct str
member_name(struct looking *looking, const struct level *level, enum way way,
    struct archive_entry *entry)
{
	const char *written = archive_entry_pathname_utf8(entry);

	if (!written)
		written = archive_entry_pathname(entry);
	if (way == WAY_COMPRESSED && (!written || strcmp(written, "data") == 0))
		return unpacked_name(looking->arena, level->name);
	return archive_clean_name(looking->arena, written);
}

static bool
is_known(const struct looking *looking, const struct level *level, struct str name)
{
	size_t i;

	for (i = level->first; i < looking->view->count; i++) {
		if (looking->members[i].parent == level->parent &&
		    str_equal(looking->members[i].name, name))
			return true;
	}
	return false;
}

/* ---- what is in a member ---- */

/* Unpacks up to a number of bytes behind those that the buffer has. False: broken, or a limit. */
static bool
unpack(struct looking *looking, struct archive *archive, struct buffer *buffer, uint64_t maximum)
{
	while (buffer->length < maximum) {
		char block[BLOCK];
		la_ssize_t size = archive_read_data(archive, block, sizeof(block));

		if (size < 0) {
			looking->view->defects |= ARCHIVE_BROKEN;
			return false;
		}
		if (size == 0)
			return true;
		buffer_add(buffer, block, (size_t)size);
		archive_count(looking, (uint64_t)size);
		if (archive_is_over(looking))
			return false;
	}
	return true;
}

/* Bytes that are left of a member, which are counted and dropped. */
static uint64_t
unpack_rest(struct looking *looking, struct archive *archive)
{
	struct buffer block = { 0 };
	uint64_t total = 0;

	do {
		block.length = 0;
		if (!unpack(looking, archive, &block, BLOCK))
			break;
		total += block.length;
	} while (block.length);
	buffer_free(&block);
	return total;
}

/* What nobody wants: of a size that is not known before, libarchive would unpack all of it to find
 * the end, however long that takes. */
static void
pass_over(struct looking *looking, struct archive *archive, struct archive_entry *entry)
{
	char block[BLOCK];

	archive_count(looking, 0);
	if (archive_entry_size_is_set(entry))
		return;
	while (!archive_is_over(looking) && archive_read_data(archive, block, sizeof(block)) > 0)
		archive_count(looking, 0);
}

void
archive_look_into(struct looking *looking, size_t index, unsigned depth, struct str content)
{
	struct level level = { .name = looking->members[index].name, .bytes = content,
		.depth = depth + 1, .parent = index };

	if (!archive_likely(content))
		return;
	if (depth >= looking->limits->depth || content.length > looking->limits->nested)
		looking->view->defects |= ARCHIVE_TOO_DEEP;
	if (depth < looking->limits->depth && !archive_is_over(looking))
		look_into(looking, &level);
}

/* An archive in an archive is unpacked into memory and looked into. */
static void
look_into_member(struct looking *looking, struct archive *archive, size_t index, unsigned depth)
{
	struct buffer content = { 0 };
	uint64_t size;
	bool likely;

	unpack(looking, archive, &content, BLOCK);
	likely = archive_likely((struct str){ buffer_text(&content), content.length });
	if (likely && depth < looking->limits->depth && !archive_is_over(looking))
		unpack(looking, archive, &content, looking->limits->nested + 1);
	size = content.length;
	if (!looking->members[index].size && !archive_is_over(looking))
		size += unpack_rest(looking, archive);
	if (!looking->members[index].size)
		looking->members[index].size = size;
	archive_look_into(looking, index, depth,
	    (struct str){ buffer_text(&content), content.length });
	buffer_free(&content);
}

/* Unpacking rar is what libarchive has had most flaws in, so members are not: an archive among them
 * is one that is not looked into. */
static bool
is_rar(struct archive *archive)
{
	int family = archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK;

	return family == ARCHIVE_FORMAT_RAR || family == (int)ARCHIVE_FORMAT_RAR_V5;
}

/* One member. */
static void
look_at(struct looking *looking, const struct level *level, enum way way, struct archive *archive,
    struct archive_entry *entry)
{
	struct str name = member_name(looking, level, way, entry);
	struct archive_member *member;

	if (way == WAY_STREAM) {
		if (is_known(looking, level, name)) {
			pass_over(looking, archive, entry);
			return;
		}
		looking->view->defects |= ARCHIVE_HIDDEN;
	}
	member = archive_add(looking, level, name);
	if (!member)
		return;
	member->folder = archive_entry_filetype(entry) == AE_IFDIR;
	member->encrypted = archive_entry_is_encrypted(entry) == 1;
	member->size = archive_entry_size_is_set(entry) ? (uint64_t)archive_entry_size(entry) : 0;
	if (member->encrypted)
		looking->view->encrypted = true;
	archive_count(looking, member->size);
	if (archive_is_over(looking))
		return;
	if (member->folder || member->encrypted)
		pass_over(looking, archive, entry);
	else if (!is_rar(archive))
		look_into_member(looking, archive, looking->view->count - 1, level->depth);
	else if (archive_likely_name(name))
		looking->view->defects |= ARCHIVE_TOO_DEEP;
}

/* ---- archives ---- */

static void
choose_formats(struct archive *archive, enum way way)
{
	archive_read_support_filter_gzip(archive);
	archive_read_support_filter_bzip2(archive);
	archive_read_support_filter_xz(archive);
	archive_read_support_filter_zstd(archive);
	switch (way) {
	case WAY_CONTENTS:
		archive_read_support_format_zip_seekable(archive);
		archive_read_support_format_zip_streamable(archive);
		archive_read_support_format_7zip(archive);
		archive_read_support_format_rar(archive);
		archive_read_support_format_rar5(archive);
		archive_read_support_format_tar(archive);
		archive_read_support_format_iso9660(archive);
		break;
	case WAY_STREAM:
		archive_read_support_format_zip_streamable(archive);
		break;
	case WAY_COMPRESSED:
		archive_read_support_format_raw(archive);
		break;
	}
}

/* Reads all members. A format that is none of ours is no defect: ARCHIVE_ERRNO_FILE_FORMAT at the
 * first header. */
static void
read_members(struct looking *looking, struct level *level, enum way way,
    struct archive *archive)
{
	struct archive_view *view = looking->view;
	struct archive_entry *entry;
	int status = ARCHIVE_OK;

	while (!archive_is_over(looking)) {
		status = archive_read_next_header(archive, &entry);
		if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
			break;
		look_at(looking, level, way, archive, entry);
	}
	if (way == WAY_STREAM)
		return;
	level->found |= archive_format(archive) != 0;
	if (archive_read_has_encrypted_entries(archive) == 1) {
		view->encrypted = true;
		if (status == ARCHIVE_FATAL)
			view->defects |= ARCHIVE_SECRET_NAMES;
	} else if (status < ARCHIVE_WARN && archive_format(archive) != 0) {
		view->defects |= ARCHIVE_BROKEN;
	}
}

static void
read_way(struct looking *looking, struct level *level, enum way way)
{
	struct archive *archive = archive_read_new();

	if (!archive)
		memory_exhausted();
	choose_formats(archive, way);
	if (archive_read_open_memory(archive, level->bytes.data, level->bytes.length) == ARCHIVE_OK)
		read_members(looking, level, way, archive);
	archive_read_free(archive);
}

static bool
has_prefix(struct str bytes, struct str magic)
{
	return bytes.length >= magic.length && memcmp(bytes.data, magic.data, magic.length) == 0;
}

static bool
is_zip(struct str bytes)
{
	return has_prefix(bytes, STR("PK\3\4")) || has_prefix(bytes, STR("PK\5\6")) ||
	    has_prefix(bytes, STR("PK\7\10"));
}

static bool
is_compressed(struct str bytes)
{
	return has_prefix(bytes, STR("\x1f\x8b")) || has_prefix(bytes, STR("BZh")) ||
	    has_prefix(bytes, STR("\xfd" "7zXZ")) || has_prefix(bytes, STR("\x28\xb5\x2f\xfd"));
}

static bool
has_at(struct str bytes, size_t at, struct str magic)
{
	return bytes.length > at &&
	    has_prefix((struct str){ bytes.data + at, bytes.length - at }, magic);
}

bool
archive_likely(struct str bytes)
{
	return is_zip(bytes) || is_compressed(bytes) ||
	    has_prefix(bytes, STR("7z\xbc\xaf\x27\x1c")) ||
	    has_prefix(bytes, STR("Rar!\x1a\7")) || archive_is_cab(bytes) ||
	    archive_is_tnef(bytes) ||
	    has_at(bytes, 257, STR("ustar")) || has_at(bytes, 32769, STR("CD001"));
}

/* A zip ends with where its table of contents is, and a comment of up to 64 kB. */
static bool
has_end(struct str zip)
{
	size_t maximum = 65535 + 22;
	size_t from = zip.length > maximum ? zip.length - maximum : 0;

	return memmem(zip.data + from, zip.length - from, "PK\5\6", 4) != NULL;
}

static void
look_into(struct looking *looking, struct level *level)
{
	struct archive_view *view = looking->view;
	bool likely = archive_likely(level->bytes);
	unsigned defects = view->defects;

	level->first = view->count;
	if (likely && level->depth > view->depth)
		view->depth = level->depth;
	if (archive_is_cab(level->bytes))
		archive_read_cab(looking, level);
	else if (archive_is_rar5(level->bytes))
		archive_read_rar5(looking, level);
	else if (archive_is_tnef(level->bytes))
		archive_read_tnef(looking, level);
	else
		read_way(looking, level, WAY_CONTENTS);
	if (is_zip(level->bytes) && !archive_is_over(looking))
		read_way(looking, level, WAY_STREAM);
	if (is_compressed(level->bytes) && view->count == level->first && !archive_is_over(looking))
		read_way(looking, level, WAY_COMPRESSED);
	if ((view->count > level->first || view->defects != defects || view->encrypted) &&
	    level->depth > view->depth)
		view->depth = level->depth;
	if (likely && (!level->found || (is_zip(level->bytes) && !has_end(level->bytes))))
		view->defects |= ARCHIVE_BROKEN;
}

static pthread_once_t locale_once = PTHREAD_ONCE_INIT;
static locale_t utf8;

static void
open_locale(void)
{
	utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
}

void
archive_read(struct arena *arena, const struct archive_limits *limits, struct str name,
    struct str bytes, struct archive_view *view_r)
{
	struct looking looking = { .arena = arena, .limits = limits, .view = view_r,
		.packed = bytes.length ? bytes.length : 1,
		.end = time_after(limits->milliseconds) };
	struct level outermost = { .name = name, .bytes = bytes, .depth = 1, .parent = SIZE_MAX };
	locale_t before;

	pthread_once(&locale_once, open_locale);
	before = uselocale(utf8);
	*view_r = (struct archive_view){ 0 };
	look_into(&looking, &outermost);
	view_r->members = looking.members;
	view_r->archive = view_r->depth > 0;
	uselocale(before);
}
