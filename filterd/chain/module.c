/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Opening plugins. The order of the checks is the order in which things may be believed: the symbol
 * and the bytes that the file has for it, version, size, then the texts and tables. Whatever fails
 * is an error text; nothing here is fatal.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filterd/chain/module.h"
#include "filterd/config/schema.h"
#include "filterd/config/settings.h"
#include "filterd/util/memory.h"
#include "filterd/util/utf8.h"

#define SYMBOL		"filterd_plugin"
#define SUFFIX		".so"
/* session_end is the last member of interface 1.0. */
#define SIZE_1_0	(offsetof(struct mf_plugin, session_end) + sizeof(void (*)(void)))
#define NAME_MAXIMUM	63		/* bytes of a name */
#define TEXT_MAXIMUM	1000		/* bytes of any other text */
#define TEXTS_MAXIMUM	1000		/* entries of provides, needs, macros */
#define STATE_MAXIMUM	(1u << 20)	/* bytes of options, of session and of message state */

const char *
module_path(struct arena *arena, const char *name, const char *folder)
{
	if (strchr(name, '/'))
		return arena_strdup(arena, name);
	return arena_printf(arena, "%s/%s" SUFFIX, folder, name);
}

/* The module's name by its file: without folder and ending. */
static struct str
name_of_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct str name = str_of(slash ? slash + 1 : path);
	size_t suffix = strlen(SUFFIX);

	if (name.length > suffix && strcmp(name.data + name.length - suffix, SUFFIX) == 0)
		name.length -= suffix;
	return name;
}

/* ---- checks of the descriptor; each returns what is wrong, in the arena, or NULL ---- */

static const char *
check_abi(const struct mf_plugin *plugin, const char *path, struct arena *arena)
{
	unsigned major = plugin->abi >> 16, minor = plugin->abi & 0xffff;

	if (major == MF_ABI_MAJOR && minor <= MF_ABI_MINOR)
		return NULL;
	return arena_printf(arena,
	    "%s was built for plugin interface %u.%u; this filterd takes %u.0 to %u.%u", path,
	    major, minor, MF_ABI_MAJOR, MF_ABI_MAJOR, MF_ABI_MINOR);
}

static const char *
check_size(const struct mf_plugin *plugin, size_t available, const char *path, struct arena *arena)
{
	if (plugin->size >= SIZE_1_0 && plugin->size <= sizeof(*plugin) &&
	    plugin->size <= available)
		return NULL;
	return arena_printf(arena,
	    "%s: its descriptor says that it has %u bytes, and has %zu; expected %zu to %zu", path,
	    plugin->size, available, SIZE_1_0, sizeof(*plugin));
}

/* Interface 1.0 has one size of them. */
static const char *
check_stride(const struct mf_plugin *plugin, const char *path, struct arena *arena)
{
	if (plugin->option_size == sizeof(*plugin->options))
		return NULL;
	return arena_printf(arena, "%s: an entry of its option tables has %u bytes; expected %zu",
	    path, plugin->option_size, sizeof(*plugin->options));
}

/* One line of printable text. */
static bool
text_fine(const char *text, size_t maximum)
{
	struct str left = { text, text ? strnlen(text, maximum + 1) : 0 };
	uint32_t point;
	size_t size;

	if (!text || left.length > maximum)
		return false;
	for (; left.length; left.data += size, left.length -= size) {
		size = utf8_next(left, &point);
		if (!size || point < 0x20 || (point >= 0x7f && point < 0xa0))
			return false;
	}
	return true;
}

static bool
name_fine(const char *name)
{
	return text_fine(name, NAME_MAXIMUM) && *name &&
	    strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name);
}

static const char *
check_names(const struct mf_plugin *plugin, const char *path, struct arena *arena)
{
	struct str file = name_of_file(path);

	if (!name_fine(plugin->name))
		return arena_printf(arena,
		    "%s: its name is not one: expected 1 to %d of a-z, 0-9 and \"-\"", path,
		    NAME_MAXIMUM);
	if (!str_equal(str_of(plugin->name), file))
		return arena_printf(arena,
		    "%s: the plugin calls itself \"%s\"; file and plugin must have one name", path,
		    plugin->name);
	if ((plugin->version && !text_fine(plugin->version, TEXT_MAXIMUM)) ||
	    (plugin->summary && !text_fine(plugin->summary, TEXT_MAXIMUM)))
		return arena_printf(
		    arena, "%s: its version or summary is not a line of text", path);
	return NULL;
}

static bool
texts_fine(const char *const *texts)
{
	size_t i;

	for (i = 0; texts && texts[i]; i++)
		if (i == TEXTS_MAXIMUM || !text_fine(texts[i], TEXT_MAXIMUM) || !*texts[i])
			return false;
	return true;
}

static const char *
check_texts(const struct mf_plugin *plugin, const char *path, struct arena *arena)
{
	const struct {
		const char *name;
		const char *const *texts;
	} lists[] = {
		{ "provides", plugin->provides },
		{ "needs", plugin->needs },
		{ "macros", plugin->macros },
	};
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (!texts_fine(lists[i].texts))
			return arena_printf(arena, "%s: its list \"%s\" is not one of words", path,
			    lists[i].name);
	return NULL;
}

static const char *
check_tables(const struct mf_plugin *plugin, const char *path, struct arena *arena)
{
	const struct mf_option *own = plugin->options;
	const char *what;

	if (plugin->options_size > STATE_MAXIMUM || plugin->session_size > STATE_MAXIMUM ||
	    plugin->message_size > STATE_MAXIMUM)
		return arena_printf(arena, "%s: it asks for more than %u bytes of options or state",
		    path, STATE_MAXIMUM);
	if (own &&
	    (!schema_table_valid(own, plugin->options_size, arena, &what) ||
		!schema_table_fits(own, filter_option_table, arena, &what)))
		return arena_printf(arena, "%s: its option table is not valid: %s", path, what);
	return NULL;
}

static const char *
check_callbacks(const struct mf_plugin *plugin, const char *path, struct arena *arena)
{
	if (plugin->connect || plugin->helo || plugin->mail || plugin->rcpt || plugin->data ||
	    plugin->header || plugin->eoh || plugin->body || plugin->unknown || plugin->message)
		return NULL;
	return arena_printf(arena, "%s: it has no callback for any stage", path);
}

static const char *
check_all(
    struct module *module, const struct mf_plugin *found, size_t available, struct arena *arena)
{
	const struct mf_plugin *plugin = &module->plugin;
	const char *wrong = NULL;

	if (available < offsetof(struct mf_plugin, name))
		return arena_printf(arena,
		    "%s: its symbol " SYMBOL " is too small to be a descriptor", module->path);
	wrong = check_abi(found, module->path, arena);
	if (!wrong)
		wrong = check_size(found, available, module->path, arena);
	if (!wrong)
		wrong = check_stride(found, module->path, arena);
	if (wrong)
		return wrong;
	memcpy(&module->plugin, found, found->size);
	wrong = check_names(plugin, module->path, arena);
	if (!wrong)
		wrong = check_texts(plugin, module->path, arena);
	if (!wrong)
		wrong = check_tables(plugin, module->path, arena);
	return wrong ? wrong : check_callbacks(plugin, module->path, arena);
}

/* ---- opening ---- */

/* The descriptor and the bytes that the file has for it; NULL: there is none. */
static const struct mf_plugin *
find_descriptor(void *handle, size_t *size_r)
{
	const void *address = dlsym(handle, SYMBOL);
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;

	*size_r = 0;
	if (!address)
		return NULL;
	if (dladdr1(address, &info, (void **)&symbol, RTLD_DL_SYMENT) && symbol)
		*size_r = ELF64_ST_TYPE(symbol->st_info) == STT_OBJECT ? symbol->st_size : 0;
	return address;
}

struct module *
module_open(const char *path, struct arena *arena, const char **error_r)
{
	struct module *module;
	const struct mf_plugin *found;
	size_t available;

	if (access(path, R_OK) < 0) {
		*error_r = arena_printf(arena, "cannot read %s: %s", path, strerror(errno));
		return NULL;
	}
	module = memory_alloc(sizeof(*module));
	module->path = memory_strdup(path);
	module->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module->handle) {
		*error_r = arena_printf(arena, "cannot load it: %s", dlerror());
	} else if (!(found = find_descriptor(module->handle, &available))) {
		*error_r = arena_printf(arena, "%s is no plugin: it has no symbol " SYMBOL, path);
	} else {
		*error_r = check_all(module, found, available, arena);
	}
	if (*error_r)
		module_close(&module);
	return module;
}

void
module_close(struct module **module)
{
	struct module *doomed = *module;

	if (!doomed)
		return;
	if (doomed->handle)
		dlclose(doomed->handle);
	free(doomed->path);
	free(doomed);
	*module = NULL;
}

static int
is_module(const struct dirent *entry)
{
	struct str name = str_of(entry->d_name);
	size_t suffix = strlen(SUFFIX);

	return entry->d_name[0] != '.' && name.length > suffix &&
	    strcmp(name.data + name.length - suffix, SUFFIX) == 0;
}

const char *const *
module_names(struct arena *arena, const char *folder, size_t *count_r)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_module, alphasort);
	const char **names;
	int i;

	*count_r = 0;
	if (count < 0)
		return NULL;
	names = arena_array(arena, (size_t)count, sizeof(*names));
	for (i = 0; i < count; i++) {
		names[i] = arena_str(arena, name_of_file(entries[i]->d_name)).data;
		free(entries[i]);
	}
	free(entries);
	*count_r = (size_t)count;
	return names;
}

const char *
module_hint(struct arena *arena, const char *name, const char *folder)
{
	size_t count;
	const char *const *names;

	if (strchr(name, '/') || access(module_path(arena, name, folder), F_OK) == 0)
		return "";
	names = module_names(arena, folder, &count);
	return config_hint(arena, name, names, count);
}
