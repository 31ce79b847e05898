/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Character sets through iconv(3). Opening a converter is slow, so each thread keeps the last few,
 * and as many names that are not known: a hostile header can ask for any. A name with other than
 * letters, digits and -_.:+ is not known, for a slash would give iconv_open(3) options.
 */
#include <assert.h>
#include <errno.h>
#include <iconv.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "filterd/message/charset.h"
#include "filterd/message/clean.h"
#include "filterd/util/memory.h"

#define KEPT	8

struct converter {
	char name[CHARSET_NAME_MAXIMUM + 1];	/* lower case; "" in an unused slot */
	iconv_t iconv;				/* (iconv_t)-1: not known */
	unsigned long used;
};

struct cache {
	struct converter converters[KEPT];
	unsigned long clock;
};

/* What mail calls by another name than iconv does, or by the name of a set that it only
 * resembles: text labelled with the first is decoded as the second by the programs that people
 * read mail with. */
static const struct alias {
	const char *name, *meant;
} aliases[] = {
	{ "gb2312", "gb18030" },
	{ "gbk", "gb18030" },
	{ "iso-8859-1", "windows-1252" },
	{ "iso-8859-8-i", "iso-8859-8" },
	{ "iso-8859-9", "windows-1254" },
	{ "ks_c_5601-1987", "cp949" },
	{ "latin1", "windows-1252" },
	{ "shift_jis", "cp932" },
	{ "unicode-1-1-utf-7", "utf-7" },
	{ "x-sjis", "cp932" },
};

/* Converters are modules that the C library loads and unloads, one thread at a time, behind a lock
 * that a race detector cannot see; ours costs nothing beside that. */
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;

static pthread_once_t key_once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void
converter_close(struct converter *converter)
{
	if (converter->name[0] && converter->iconv != (iconv_t)-1) {
		pthread_mutex_lock(&loading);
		iconv_close(converter->iconv);
		pthread_mutex_unlock(&loading);
	}
	converter->name[0] = '\0';
}

static void
cache_free(void *foreign)
{
	struct cache *cache = foreign;
	size_t i;

	for (i = 0; i < KEPT; i++)
		converter_close(&cache->converters[i]);
	free(cache);
}

static void
key_create(void)
{
	int error = pthread_key_create(&key, cache_free);

	assert(error == 0);
	(void)error;
}

static struct cache *
cache_of_thread(void)
{
	struct cache *cache;

	pthread_once(&key_once, key_create);
	cache = pthread_getspecific(key);
	if (!cache) {
		cache = memory_alloc(sizeof(*cache));
		pthread_setspecific(key, cache);
	}
	return cache;
}

static const char *
meant_by(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
		if (!strcmp(aliases[i].name, name))
			return aliases[i].meant;
	}
	return name;
}

/* The converter of a name in lower case, opened in the slot of the one longest unused if need
 * be. */
static iconv_t
converter_get(const char *name)
{
	struct cache *cache = cache_of_thread();
	struct converter *oldest = &cache->converters[0];
	size_t i;

	cache->clock++;
	for (i = 0; i < KEPT; i++) {
		struct converter *converter = &cache->converters[i];

		if (!strcmp(converter->name, name)) {
			converter->used = cache->clock;
			return converter->iconv;
		}
		if (converter->used < oldest->used)
			oldest = converter;
	}
	converter_close(oldest);
	pthread_mutex_lock(&loading);
	oldest->iconv = iconv_open("UTF-8", meant_by(name));
	pthread_mutex_unlock(&loading);
	strcpy(oldest->name, name);
	oldest->used = cache->clock;
	return oldest->iconv;
}

static bool
name_lower(struct str charset, char lower[CHARSET_NAME_MAXIMUM + 1])
{
	size_t i;

	if (!charset.length || charset.length > CHARSET_NAME_MAXIMUM)
		return false;
	for (i = 0; i < charset.length; i++) {
		char c = str_lower(charset.data[i]);

		if (!c || !strchr("abcdefghijklmnopqrstuvwxyz0123456789-_.:+", c))
			return false;
		lower[i] = c;
	}
	lower[i] = '\0';
	return true;
}

/* What becomes of the converted text: clean_add() or clean_add_lines(). */
typedef void add_text(struct buffer *buffer, struct str text);

/* One call of iconv(3), its output added. bytes NULL: what the converter still holds back. */
static bool
convert_some(iconv_t iconv_handle, struct buffer *buffer, add_text *add, char **bytes, size_t *left)
{
	char converted[1024];
	char *to = converted;
	size_t room = sizeof(converted);
	size_t result = iconv(iconv_handle, bytes, left, &to, &room);
	int error = errno;

	add(buffer, (struct str){ converted, sizeof(converted) - room });
	return result != (size_t)-1 || error == E2BIG;
}

/* Converts all bytes; what is not valid, or ends too early, is U+FFFD byte by byte. */
static void
convert(iconv_t iconv_handle, struct buffer *buffer, add_text *add, struct str bytes)
{
	char *from = (char *)(uintptr_t)bytes.data;
	size_t left = bytes.length;

	iconv(iconv_handle, NULL, NULL, NULL, NULL);
	while (left) {
		if (convert_some(iconv_handle, buffer, add, &from, &left))
			continue;
		buffer_add_text(buffer, "\xef\xbf\xbd");
		from++;
		left--;
	}
	convert_some(iconv_handle, buffer, add, NULL, NULL);
}

/* UTF-16 without a byte order mark is big-endian (RFC 2781 section 4.3), but is sent in both
 * orders: of text in most scripts, and of all markup, one byte of a character is zero. */
static const char *
byte_order(struct str bytes)
{
	size_t zeros[2] = { 0, 0 }, i;

	if (bytes.length >= 2 && (memcmp(bytes.data, "\xff\xfe", 2) == 0 ||
	    memcmp(bytes.data, "\xfe\xff", 2) == 0))
		return "utf-16";
	for (i = 0; i < bytes.length; i++)
		zeros[i & 1] += bytes.data[i] == '\0';
	return zeros[1] > zeros[0] ? "utf-16le" : "utf-16be";
}

static bool
charset_add_with(struct buffer *buffer, add_text *add, struct str charset, struct str bytes)
{
	char name[CHARSET_NAME_MAXIMUM + 1];
	iconv_t iconv_handle;

	if (!name_lower(charset, name))
		return false;
	if (!strcmp(name, "utf-8") || !strcmp(name, "utf8") || !strcmp(name, "us-ascii")) {
		add(buffer, bytes);
		return true;
	}
	if (!strcmp(name, "utf-16"))
		strcpy(name, byte_order(bytes));
	iconv_handle = converter_get(name);
	if (iconv_handle == (iconv_t)-1)
		return false;
	convert(iconv_handle, buffer, add, bytes);
	return true;
}

bool
charset_add(struct buffer *buffer, struct str charset, struct str bytes)
{
	return charset_add_with(buffer, clean_add, charset, bytes);
}

bool
charset_add_lines(struct buffer *buffer, struct str charset, struct str bytes)
{
	return charset_add_with(buffer, clean_add_lines, charset, bytes);
}

/* All of the text in one go: what it comes to is not known before. */
static bool
encode(iconv_t iconv_handle, struct buffer *buffer, struct str text)
{
	char *from = (char *)(uintptr_t)text.data, converted[1024];
	size_t left = text.length, result;

	do {
		char *to = converted;
		size_t room = sizeof(converted);

		result = iconv(iconv_handle, left ? &from : NULL, &left, &to, &room);
		if (result == (size_t)-1 ? errno != E2BIG : result > 0)
			return false;
		buffer_add(buffer, converted, sizeof(converted) - room);
	} while (result == (size_t)-1 || left);
	return true;
}

bool
charset_encode(struct buffer *buffer, struct str charset, struct str text, bool as_read)
{
	char name[CHARSET_NAME_MAXIMUM + 1];
	iconv_t iconv_handle;
	bool encoded;

	if (!name_lower(charset, name))
		return false;
	pthread_mutex_lock(&loading);
	iconv_handle = iconv_open(as_read ? meant_by(name) : name, "UTF-8");
	pthread_mutex_unlock(&loading);
	if (iconv_handle == (iconv_t)-1)
		return false;
	encoded = encode(iconv_handle, buffer, text);
	pthread_mutex_lock(&loading);
	iconv_close(iconv_handle);
	pthread_mutex_unlock(&loading);
	return encoded;
}
