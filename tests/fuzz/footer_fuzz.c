/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages through the plugin footer, as filterd runs it. What comes out has the same parts; those
 * that are no text of the message are the same to the byte, and so are boundaries; those that got
 * the footer have it. No line becomes too long, and what is 7-bit stays so.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "filterd/chain/session.h"
#include "filterd/message/mime_defect.h"
#include "filterd/mta/offline.h"
#include "filterd/service/log.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TEXT	"Footer \xc3\xa4 \xe2\x82\xac"
#define ASCII	"Footer &#228; &#8364;"

static const char config[] =
    "message { maximum-parts 40; maximum-part-depth 6; maximum-text 64k; }\n"
    "listener fuzz { socket unix:/nowhere; chain footer; }\n"
    "filter footer { plugin %s/../../plugins/footer/footer.so;\n"
    "    believe not exists header.X-Disbelieve;\n"
    "    footer plain { text \"Plain\"; when not exists header.X-Other; }\n"
    "    footer top { place before; text \"Top ${subject}\"; when exists header.X-Top; }\n"
    "    footer other { text \"" TEXT "\"; when exists header.X-Other; }\n"
    "}\n";
static const struct mime_limits limits = { 40, 6, 64, 200, 1 << 20 };

static const struct chain *chain;
static FILE *complaints;	/* standard error as it was: the log may have it */

static void
expect(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(complaints, "broken: %s\n", what);
	fflush(complaints);
	abort();
}

/* ---- reading ---- */

static struct mime_view *
view_of(struct arena *arena, const struct state *state)
{
	struct mime_field *fields = arena_array(arena, state->field_count + 1, sizeof(*fields));
	struct mime_view *view;
	struct str body;
	size_t i;

	for (i = 0; i < state->field_count; i++) {
		fields[i].name = state->fields[i]->name;
		fields[i].value = state->fields[i]->value;
	}
	expect(body_bytes(state->body, &body), "the body can be read");
	view = mime_parse(arena, &limits, fields, state->field_count, body, NULL);
	mime_defects(view);
	return view;
}

static struct str
whole(const struct mime_view *view, const struct mime_part *part)
{
	return mime_bytes(view, (struct mime_range){ part->header.begin, part->body.end });
}

static bool
holds(struct str text, const char *piece)
{
	return text.length && memmem(text.data, text.length, piece, strlen(piece));
}

static bool
is_7bit(struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		if ((unsigned char)text.data[i] >= 0x80)
			return false;
	}
	return true;
}

/* ---- what must hold ---- */

/* A part that was edited has the footer, and is a text that readers see. */
static void
check_edited(struct mime_view *before, struct mime_view *after, size_t index)
{
	struct mime_part *old = &before->parts[index], *new = &after->parts[index];
	uint64_t fresh = mime_part_defects(after, new) & ~mime_part_defects(before, old);
	struct str text = mime_part_text(after, new);

	expect(mime_is_text(old) && !mime_is_attachment(before, old), "only texts are edited");
	expect(!(old->defects & MIME_DEFECT_BIT(MIME_NUL)), "no text with a NUL is edited");
	expect(holds(text, "Plain") || holds(text, TEXT) || holds(text, ASCII) ||
	    holds(text, "Top "), "a part that was edited has a footer");
	expect(!(fresh & (MIME_DEFECT_BIT(MIME_LONG_LINE) | MIME_DEFECT_BIT(MIME_8BIT))),
	    "what is added can be sent");
	if (is_7bit(whole(before, old)) && !str_equal(old->encoding_name, STR("8bit")) &&
	    !str_equal(old->encoding_name, STR("binary")))
		expect(is_7bit(whole(after, new)), "7-bit stays 7-bit");
}

static void
check_parts(struct mime_view *before, struct mime_view *after)
{
	size_t i;

	expect(before->count == after->count, "the message has as many parts as before");
	for (i = 0; i < before->count; i++) {
		const struct mime_part *old = &before->parts[i], *new = &after->parts[i];

		expect(str_equal(old->type, new->type), "parts keep their types");
		expect(old->parent == new->parent && old->depth == new->depth,
		    "parts keep their place");
		/* A line end in front of one is the header's where the part before is empty. */
		expect(str_equal(str_trim(mime_bytes(before, old->delimiter)),
		    str_trim(mime_bytes(after, new->delimiter))), "boundaries stay");
		if (!old->multipart && !old->message && !str_equal(whole(before, old),
		    whole(after, new)))
			check_edited(before, after, i);
	}
}

static void
check(void *argument, struct session *session)
{
	struct arena *arena = argument;
	struct model *model = session_model(session);

	if (model && model->current != &model->original)
		check_parts(view_of(arena, &model->original), view_of(arena, model->current));
}

/* ---- running ---- */

/* The folder of the program. */
static void
find_folder(char folder_r[4096])
{
	ssize_t length = readlink("/proc/self/exe", folder_r, 4095);

	expect(length > 0, "the program knows its place");
	folder_r[length] = '\0';
	*strrchr(folder_r, '/') = '\0';
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static struct generation *generation;
	struct config_errors *errors = config_errors_create();
	int fd = memfd_create("filterd.conf", MFD_CLOEXEC);
	char folder[4096], path[32];

	(void)argc;
	(void)argv;
	complaints = fdopen(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0), "w");
	log_open(LOG_TO_STDERR, LOG_FORMAT_TEXT, -1, NULL);	/* nothing is written */
	find_folder(folder);
	dprintf(fd, config, folder);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	generation = generation_load(path, NULL, NULL, errors);
	config_errors_print(errors, complaints);
	config_errors_destroy(&errors);
	close(fd);
	expect(generation, "the configuration is well");
	chain = generation_chain(generation, "fuzz");
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct offline_scene scene = { .client_name = "client.example",
		.client_address = "192.0.2.1", .client_version = 4, .helo = "s" };
	struct arena *arena = arena_create(0, 0);
	struct message_file file = message_file_parse("fuzz",
	    (struct str){ (const char *)data, size }, arena);

	offline_judge(chain, &scene, &file, check, arena);
	arena_destroy(&arena);
	return 0;
}
