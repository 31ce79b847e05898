/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Backtraces by the compiler's unwinder, which finds its tables without a lock (_dl_find_object of
 * glibc), and symbols out of the objects' own files, for plugins export next to none. A file that
 * was replaced since it was loaded gives wrong names, never wrong offsets.
 */
#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <unwind.h>

#include "filterd/supervise/backtrace.h"

/* ---- symbols of a file ---- */

/* An object's file in memory. */
struct image {
	const char *bytes;
	size_t size;
};

/* What stands at a place of the file; NULL when the file ends before. */
static const void *
part_of(const struct image *image, uint64_t at, uint64_t size)
{
	return at <= image->size && size <= image->size - at ? image->bytes + at : NULL;
}

static const ElfW(Shdr) *
section_at(const struct image *image, const ElfW(Ehdr) *head, size_t i)
{
	return part_of(image, head->e_shoff + i * sizeof(ElfW(Shdr)), sizeof(ElfW(Shdr)));
}

static bool
is_function_around(const ElfW(Sym) *symbol, uint64_t offset)
{
	return (symbol->st_info & 0xf) == STT_FUNC && symbol->st_shndx != SHN_UNDEF &&
	    offset >= symbol->st_value &&
	    (offset - symbol->st_value < symbol->st_size || offset == symbol->st_value);
}

static void
copy_name(char name_r[BACKTRACE_NAME], const char *from, size_t room)
{
	size_t length = strnlen(from, room < BACKTRACE_NAME - 1 ? room : BACKTRACE_NAME - 1);

	memcpy(name_r, from, length);
	name_r[length] = '\0';
}

/* Looks through one table of symbols. */
static bool
search_table(const struct image *image, const ElfW(Ehdr) *head, const ElfW(Shdr) *table,
    uint64_t offset, char name_r[BACKTRACE_NAME])
{
	const ElfW(Sym) *symbols = part_of(image, table->sh_offset, table->sh_size);
	const ElfW(Shdr) *names = section_at(image, head, table->sh_link);
	const char *text = names ? part_of(image, names->sh_offset, names->sh_size) : NULL;
	size_t i;

	for (i = 0; symbols && text && i < table->sh_size / sizeof(*symbols); i++) {
		if (!is_function_around(&symbols[i], offset) ||
		    symbols[i].st_name >= names->sh_size)
			continue;
		copy_name(name_r, text + symbols[i].st_name, names->sh_size - symbols[i].st_name);
		return true;
	}
	return false;
}

/* The full table first; a stripped file has the other one only. */
static void
search_image(const struct image *image, uint64_t offset, char name_r[BACKTRACE_NAME])
{
	static const ElfW(Word) kinds[] = { SHT_SYMTAB, SHT_DYNSYM };
	const ElfW(Ehdr) *head = part_of(image, 0, sizeof(*head));
	size_t kind, i;

	if (!head || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
	    head->e_shentsize != sizeof(ElfW(Shdr)))
		return;
	for (kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++)
		for (i = 0; i < head->e_shnum; i++) {
			const ElfW(Shdr) *section = section_at(image, head, i);

			if (section && section->sh_type == kinds[kind] &&
			    search_table(image, head, section, offset, name_r))
				return;
		}
}

static void
find_symbol(const char *path, uint64_t offset, char name_r[BACKTRACE_NAME])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct image image = { NULL, 0 };
	struct stat status;
	void *bytes = MAP_FAILED;

	if (fd < 0)
		return;
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
		image.size = (size_t)status.st_size;
		bytes = mmap(NULL, image.size, PROT_READ, MAP_PRIVATE, fd, 0);
	}
	close(fd);
	if (bytes == MAP_FAILED)
		return;
	image.bytes = bytes;
	search_image(&image, offset, name_r);
	munmap(bytes, image.size);
}

/* ---- frames ---- */

static void
describe(struct backtrace_frame *frame, uintptr_t address)
{
	struct dl_find_object found;
	const char *path, *slash;

	memset(frame, 0, sizeof(*frame));
	frame->offset = address;
	if (_dl_find_object((void *)address, &found) != 0 || !found.dlfo_link_map)
		return;
	path = found.dlfo_link_map->l_name;
	frame->offset = address - found.dlfo_link_map->l_addr;
	if (!*path)
		path = "/proc/self/exe";
	find_symbol(path, frame->offset, frame->symbol);
	slash = strrchr(path, '/');
	copy_name(frame->object, path == found.dlfo_link_map->l_name ? (slash ? slash + 1 : path) :
	    "filterd", BACKTRACE_NAME);
}

struct walk {
	struct backtrace_frame *frames;
	volatile size_t *count;
	bool interrupted;		/* the frames of the handler are passed */
};

/* A frame that a signal has interrupted stands at its instruction; a caller stands behind it. */
static _Unwind_Reason_Code
visit(struct _Unwind_Context *context, void *argument)
{
	struct walk *walk = argument;
	int exact = 0;
	uintptr_t address = _Unwind_GetIPInfo(context, &exact);

	walk->interrupted |= exact != 0;
	if (!walk->interrupted)
		return _URC_NO_REASON;
	if (!address || *walk->count == BACKTRACE_FRAMES)
		return _URC_END_OF_STACK;
	describe(&walk->frames[*walk->count], exact ? address : address - 1);
	(*walk->count)++;
	return _URC_NO_REASON;
}

void
backtrace_prepare(void)
{
	struct backtrace_frame frames[BACKTRACE_FRAMES];
	volatile size_t count = 0;
	struct walk walk = { frames, &count, true };

	_Unwind_Backtrace(visit, &walk);
}

void
backtrace_take(struct backtrace_frame frames_r[BACKTRACE_FRAMES], volatile size_t *count_r)
{
	struct walk walk = { frames_r, count_r, false };

	_Unwind_Backtrace(visit, &walk);
}
