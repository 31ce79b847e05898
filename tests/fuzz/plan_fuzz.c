/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edits and plans. Each byte of the input decides one thing: fields and recipients of a
 * message, then edits, commits and rollbacks. Both simulated MTAs must deliver what the model
 * says.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "filterd/message/plan.h"
#include "tests/unit/mta_simulator.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = {
	"A", "a", "B", "Received", "Date", "From", "Message-ID", "X"
};
static const char *const values[] = { "", " ", " 1", " 2", "\t1", " x\n y", "1", "  1" };
static const char *const addresses[] = { "a@x", "b@x", "A@x", "a@y" };
static const char *const arguments[] = { NULL, "NOTIFY=NEVER", "NOTIFY=SUCCESS ORCPT=a;b", "" };

struct input {
	const uint8_t *data;
	size_t left;
};

/* 0 when the input is at its end. */
static unsigned
next(struct input *input)
{
	if (!input->left)
		return 0;
	input->left--;
	return *input->data++;
}

static void
message_from(struct input *input, struct model *model)
{
	unsigned fields = next(input) % 64, recipients = next(input) % 8;

	model_sender(model, "<s@x>", NULL);
	while (recipients--)
		model_recipient(model, addresses[next(input) % 4], NULL);
	while (fields--) {
		unsigned byte = next(input);

		model_field(model, str_of(names[byte % 8]), str_of(values[byte / 8 % 8]));
	}
	model_body(model, "body\r\n", 6);
}

static struct edit
edit_from(struct input *input)
{
	unsigned kind = next(input), byte = next(input);
	struct edit edit = { .kind = kind % (EDIT_QUARANTINE + 1), .index = next(input) };

	if (edit.kind <= EDIT_HEADER_DELETE) {
		edit.name = names[byte % 8];
		edit.value = str_of(values[byte / 8 % 8]);
		if (edit.kind != EDIT_HEADER_INSERT)
			edit.index %= 8;
	} else if (edit.kind != EDIT_RECIPIENT_DELETE || byte < 0xf0) {
		edit.value = str_of(addresses[byte % 4]);
		edit.arguments = arguments[byte / 4 % 4];
	}
	return edit;
}

static void
edits_from(struct input *input, struct model *model)
{
	while (input->left) {
		struct edit edit = edit_from(input);
		bool applied;

		assert(!edit_check(&edit));
		applied = model_apply(model, &edit);
		if (!applied)
			model_rollback(model);
		switch (next(input) % 8) {
		case 0:
			model_commit(model);
			break;
		case 1:
			model_rollback(model);
			break;
		default:
			break;
		}
	}
	model_commit(model);
}

static void
check(struct model *model, enum mta_kind kind, bool for_sendmail)
{
	struct plan_target target = { .leading_space = true, .sendmail = for_sendmail };
	struct mta *mta = mta_create(model->arena, kind, &model->original, true, 1);
	const char *fault;

	mta_carry_out(mta, plan_make(model, &target));
	fault = mta_fault(mta, model->current);
	if (fault) {
		fprintf(stderr, "%s\n%s", fault, mta_text(mta));
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct body_limits limits = { 64, 4096, "/tmp" };
	struct input input = { data, size };
	struct arena *arena = arena_create(0, 0);
	struct model model;

	model_init(&model, arena, &limits, 100, 20);
	message_from(&input, &model);
	edits_from(&input, &model);
	check(&model, MTA_POSTFIX, false);
	check(&model, MTA_SENDMAIL, true);
	check(&model, MTA_POSTFIX, true);
	arena_destroy(&arena);
	return 0;
}
