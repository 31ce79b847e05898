/* SPDX-License-Identifier: BSD-2-Clause */
/* What the words of a step stand for: bytes, numbers, assignments. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "filterd/scenario/scenario.h"

#define GENERATED_MOST	(1ul << 30)	/* bytes */

bool
scenario_number(struct str word, unsigned long least, unsigned long most, unsigned long *number_r)
{
	char *end;

	errno = 0;
	*number_r = strtoul(word.data, &end, 0);
	return errno == 0 && *word.data >= '0' && *word.data <= '9' && !*end &&
	    *number_r >= least && *number_r <= most;
}

bool
scenario_assignments(const struct step *step, size_t first, struct str *words_r, size_t *wrong_r)
{
	for (size_t i = first; i < step->count; i++) {
		struct str word = step->words[i].text;
		const char *equals = memchr(word.data, '=', word.length);

		*wrong_r = i;
		if (!equals)
			return false;
		*words_r++ = (struct str){ word.data, (size_t)(equals - word.data) };
		word.length -= (size_t)(equals + 1 - word.data);
		*words_r++ = (struct str){ equals + 1, word.length };
	}
	return true;
}

static bool
read_file(const char *path, struct buffer *out)
{
	char bytes[65536];
	ssize_t got = -1;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return false;
	while ((got = read(fd, bytes, sizeof(bytes))) > 0)
		buffer_add(out, bytes, (size_t)got);
	close(fd);
	return got == 0;
}

/* Lines of text that differ, cut after size bytes. */
static void
generate(struct buffer *out, size_t size)
{
	size_t end = out->length + size;

	for (size_t line = 0; out->length < end; line++)
		buffer_printf(out,
		    "%08zu the quick brown fox jumps over the lazy dog 0123456789 abcdef\r\n",
		    line);
	out->length = end;
}

/* Quoted words, put together. */
static bool
add_texts(struct arena *arena, const struct word *words, size_t count, struct buffer *out,
    const char **error_r)
{
	for (size_t i = 0; i < count; i++) {
		if (!words[i].quoted) {
			*error_r = arena_printf(arena,
			    "\"TEXT\" …, file PATH or generate N expected, not %s",
			    words[i].text.data);
			return false;
		}
		buffer_add_str(out, words[i].text);
	}
	return true;
}

/* Each line of the block is quoted words. */
static bool
add_block(struct arena *arena, const struct places *places, struct str block, struct buffer *out,
    const char **error_r)
{
	while (block.length) {
		const char *end = memchr(block.data, '\n', block.length);
		struct str line = { block.data, end ? (size_t)(end - block.data) : block.length };
		struct word words[WORDS_MOST];
		size_t count;

		if (!words_split(places, arena, line, words, &count, error_r) ||
		    !add_texts(arena, words, count, out, error_r))
			return false;
		block.data += line.length + (end ? 1 : 0);
		block.length -= line.length + (end ? 1 : 0);
	}
	return true;
}

bool
scenario_content(struct arena *arena, const struct places *places, const struct step *step,
    size_t first, struct buffer *out, const char **error_r)
{
	const struct word *words = step->words + first;
	size_t count = step->count - first;
	unsigned long size;

	if (step->block.data && count) {
		*error_r = "either a text or a block expected, not both";
		return false;
	}
	if (step->block.data)
		return add_block(arena, places, step->block, out, error_r);
	if (count != 2 || words[0].quoted)
		return add_texts(arena, words, count, out, error_r);
	if (str_equal(words[0].text, STR("file"))) {
		if (read_file(words[1].text.data, out))
			return true;
		*error_r = arena_printf(arena, "%s: %s", words[1].text.data, strerror(errno));
		return false;
	}
	if (!str_equal(words[0].text, STR("generate")))
		return add_texts(arena, words, count, out, error_r);
	if (!scenario_number(words[1].text, 1, GENERATED_MOST, &size)) {
		*error_r = arena_printf(arena, "a number of bytes expected, not %s",
		    words[1].text.data);
		return false;
	}
	generate(out, size);
	return true;
}

/* ---- the same backwards ---- */

#define CONTENT_LINE	160	/* bytes that are quoted on the line of their verb, at most */

static bool
is_one_line(struct str bytes)
{
	const char *end = bytes.length ? memchr(bytes.data, '\n', bytes.length) : NULL;

	return bytes.length <= CONTENT_LINE && (!end || end == bytes.data + bytes.length - 1);
}

void
scenario_add_content(struct buffer *to, struct str bytes)
{
	if (is_one_line(bytes)) {
		buffer_add_char(to, ' ');
		words_quote(to, bytes, 0);
		return;
	}
	buffer_add_text(to, " <<END\n");
	while (bytes.length) {
		const char *end = memchr(bytes.data, '\n', bytes.length);
		size_t length = end ? (size_t)(end + 1 - bytes.data) : bytes.length;

		words_quote(to, (struct str){ bytes.data, length }, 0);
		buffer_add_char(to, '\n');
		bytes.data += length;
		bytes.length -= length;
	}
	buffer_add_text(to, "END");
}

void
scenario_reply_text(struct buffer *to, struct str code, struct str enhanced,
    const struct str *texts, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buffer_add_str(to, code);
		buffer_add_char(to, i + 1 < count ? '-' : ' ');
		if (enhanced.length) {
			buffer_add_str(to, enhanced);
			buffer_add_char(to, ' ');
		}
		buffer_add_str(to, texts[i]);
		if (i + 1 < count)
			buffer_add_text(to, "\r\n");
	}
}
