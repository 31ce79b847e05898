/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver's wire format: known bytes both ways, frames cut at every place, and what a milter
 * must not send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/driver/offer.h"
#include "tests/driver/wire.h"

static void
assert_bytes(struct buffer *out, struct str expected)
{
	assert_int_equal(out->length, expected.length);
	assert_memory_equal(out->data, expected.data, expected.length);
	buffer_free(out);
}

static void
assert_text(struct str text, const char *expected)
{
	assert_int_equal(text.length, strlen(expected));
	assert_memory_equal(text.data, expected, text.length);
}

static void
commands_have_the_bytes_of_the_protocol(void **state)
{
	const struct str words[] = { STR("i"), STR("4X"), STR("{a}"), STR("") };
	const struct str mail[] = { STR("<a@b>"), STR("SIZE=7") };
	struct buffer out = { 0 };

	(void)state;
	wire_add_frame(&out, SMFIC_BODYEOB, STR(""));
	assert_bytes(&out, STR("\0\0\0\1E"));
	wire_add_frame(&out, SMFIC_BODY, STR("a\0b"));
	assert_bytes(&out, STR("\0\0\0\4Ba\0b"));
	wire_add_texts(&out, SMFIC_MAIL, mail, 2);
	assert_bytes(&out, STR("\0\0\0\16M<a@b>\0SIZE=7\0"));
	wire_add_macros(&out, SMFIC_MAIL, words, 4);
	assert_bytes(&out, STR("\0\0\0\14DMi\0004X\0{a}\0\0"));
}

static void
clients_of_every_family(void **state)
{
	struct wire_client client = { STR("h"), SMFIA_INET, 0x1234, STR("192.0.2.1") };
	struct buffer out = { 0 };

	(void)state;
	wire_add_client(&out, &client);
	assert_bytes(&out, STR("\0\0\0\20Ch\0004\x12\x34" "192.0.2.1\0"));
	client.family = SMFIA_INET6;
	client.address = STR("::1");
	wire_add_client(&out, &client);
	assert_bytes(&out, STR("\0\0\0\12Ch\0006\x12\x34::1\0"));
	client.family = SMFIA_UNKNOWN;
	wire_add_client(&out, &client);
	assert_bytes(&out, STR("\0\0\0\4Ch\0U"));
}

static void
options_go_both_ways(void **state)
{
	struct wire_options options = {
	    6, 0x1ff, 0x1fffff, {[SMFIM_HELO] = STR(""), [SMFIM_EOM] = STR("i {x}")}};
	struct wire_options read;
	struct buffer out = { 0 };
	struct wire_frame frame;
	size_t taken;

	(void)state;
	wire_add_options(&out, &options);
	assert_int_equal(wire_take((struct str){ out.data, out.length }, &frame, &taken),
	    WIRE_FRAME);
	assert_int_equal(taken, out.length);
	assert_true(wire_read_options(&frame, &read));
	assert_int_equal(read.version, 6);
	assert_int_equal(read.actions, 0x1ff);
	assert_int_equal(read.steps, 0x1fffff);
	assert_null(read.macros[SMFIM_CONNECT].data);
	assert_non_null(read.macros[SMFIM_HELO].data);
	assert_int_equal(read.macros[SMFIM_HELO].length, 0);
	assert_text(read.macros[SMFIM_EOM], "i {x}");
	for (size_t cut = 1; cut < frame.data.length; cut++) {
		struct wire_frame part = {SMFIC_OPTNEG, {frame.data.data, frame.data.length - cut}};
		size_t left = part.data.length;

		/* whole only where a macro list ends */
		assert_int_equal(wire_read_options(&part, &read), left == 12 || left == 17);
	}
	buffer_free(&out);
}

static void
options_of_an_unknown_stage_are_refused(void **state)
{
	struct wire_options read;
	struct wire_frame frame = { SMFIC_OPTNEG, STR("\0\0\0\6\0\0\0\0\0\0\0\0\0\0\0\7i\0") };

	(void)state;
	assert_false(wire_read_options(&frame, &read));
	frame.command = SMFIR_CONTINUE;
	assert_false(wire_read_options(&frame, &read));
}

/* One reply of each shape, and the data behind its command byte. */
static const struct {
	struct wire_reply reply;
	struct str data;
} replies[] = {
	{ { SMFIR_CONTINUE, 0, { { 0 } }, 0 }, STR("") },
	{ { SMFIR_SHUTDOWN, 0, { { 0 } }, 0 }, STR("") },
	{ { SMFIR_ADDHEADER, 0, { STR("X"), STR(" v") }, 2 }, STR("X\0 v\0") },
	{ { SMFIR_INSHEADER, 258, { STR("X"), STR("") }, 2 }, STR("\0\0\1\2X\0\0") },
	{ { SMFIR_CHGHEADER, 1, { STR("X"), STR("v") }, 2 }, STR("\0\0\0\1X\0v\0") },
	{ { SMFIR_ADDRCPT, 0, { STR("<a@b>") }, 1 }, STR("<a@b>\0") },
	{ { SMFIR_ADDRCPT_PAR, 0, { STR("<a@b>"), STR("N=1") }, 2 }, STR("<a@b>\0N=1\0") },
	{ { SMFIR_CHGFROM, 0, { STR("<>") }, 1 }, STR("<>\0") },
	{ { SMFIR_REPLBODY, 0, { STR("a\0\r\n") }, 1 }, STR("a\0\r\n") },
	{ { SMFIR_QUARANTINE, 0, { STR("why") }, 1 }, STR("why\0") },
	{ { SMFIR_REPLYCODE, 0, { STR("550-a\r\n550 b") }, 1 }, STR("550-a\r\n550 b\0") },
};

static void
replies_go_both_ways(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
		struct buffer out = { 0 };
		struct wire_frame frame;
		struct wire_reply read;
		size_t taken;

		wire_add_reply(&out, &replies[i].reply);
		assert_int_equal(wire_take((struct str){ out.data, out.length }, &frame, &taken),
		    WIRE_FRAME);
		assert_int_equal(frame.command, replies[i].reply.command);
		assert_int_equal(frame.data.length, replies[i].data.length);
		assert_memory_equal(frame.data.data, replies[i].data.data, frame.data.length);
		assert_true(wire_read_reply(&frame, &read));
		assert_int_equal(read.index, replies[i].reply.index);
		assert_int_equal(read.count, replies[i].reply.count);
		for (size_t text = 0; text < read.count; text++)
			assert_true(str_equal(read.texts[text], replies[i].reply.texts[text]));
		buffer_free(&out);
	}
}

static void
wrong_replies_are_refused(void **state)
{
	static const struct wire_frame wrong[] = {
		{ '?', STR("") },				/* no such reply */
		{ SMFIC_OPTNEG, STR("\0\0\0\6\0\0\0\0\0\0\0\0") },	/* no reply */
		{ SMFIR_CONTINUE, STR("x") },			/* data where none may be */
		{ SMFIR_CONTINUE, STR("\0") },
		{ SMFIR_ADDHEADER, STR("X\0") },		/* no value */
		{ SMFIR_ADDHEADER, STR("X\0v") },		/* no NUL */
		{ SMFIR_ADDHEADER, STR("X\0v\0w\0") },		/* one too many */
		{ SMFIR_INSHEADER, STR("\0\0\0") },		/* index cut short */
		{ SMFIR_CHGHEADER, STR("\0\0\0\1") },
		{ SMFIR_ADDRCPT, STR("") },
		{ SMFIR_ADDRCPT, STR("a\0b\0") },
		{ SMFIR_CHGFROM, STR("a\0b\0c\0") },
		{ SMFIR_REPLYCODE, STR("550 x") },
		{ SMFIR_QUARANTINE, STR("") },
	};
	struct wire_reply read;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(wire_read_reply(&wrong[i], &read));
}

static void
frames_may_be_cut_anywhere(void **state)
{
	const struct str two = STR("\0\0\0\3hX\0\0\0\0\1c");
	struct wire_frame frame;
	size_t taken = 99;

	(void)state;
	for (size_t length = 0; length < 7; length++)
		assert_int_equal(wire_take((struct str){ two.data, length }, &frame, &taken),
		    WIRE_MORE);
	assert_int_equal(taken, 99);
	assert_int_equal(wire_take(two, &frame, &taken), WIRE_FRAME);
	assert_int_equal(taken, 7);
	assert_int_equal(frame.command, 'h');
	assert_int_equal(frame.data.length, 2);
	assert_int_equal(wire_take((struct str){ two.data + 7, 5 }, &frame, &taken), WIRE_FRAME);
	assert_int_equal(frame.command, 'c');
	assert_int_equal(frame.data.length, 0);
}

static void
impossible_lengths_are_bad(void **state)
{
	struct wire_frame frame;
	size_t taken;

	(void)state;
	assert_int_equal(wire_take(STR("\0\0\0\0c"), &frame, &taken), WIRE_BAD);
	assert_int_equal(wire_take(STR("\0\x10\0\1c"), &frame, &taken), WIRE_BAD);
	assert_int_equal(wire_take(STR("\xff\xff\xff\xff"), &frame, &taken), WIRE_BAD);
	assert_int_equal(wire_take(STR("\0\x10\0\0c"), &frame, &taken), WIRE_MORE);
}

static void
bits_have_names(void **state)
{
	struct buffer out = { 0 };
	uint32_t bits;

	(void)state;
	assert_true(bits_read(bits_steps, STR("all"), &bits));
	assert_int_equal(bits, SMFI_CURR_PROT);
	assert_true(bits_read(bits_actions, STR("all"), &bits));
	assert_int_equal(bits, SMFI_CURR_ACTS);
	assert_true(bits_read(bits_actions, STR("none"), &bits));
	assert_int_equal(bits, 0);
	assert_true(bits_read(bits_steps, STR("0x500"), &bits));
	assert_int_equal(bits, SMFIP_SKIP | SMFIP_NOUNKNOWN);
	assert_false(bits_read(bits_steps, STR("0x500y"), &bits));
	assert_false(bits_read(bits_steps, STR("skip,no-such"), &bits));
	assert_false(bits_read(bits_steps, STR(""), &bits));
	assert_true(bits_read(bits_steps, STR("no-body,skip"), &bits));
	bits_print(&out, bits_steps, bits | 0x10000000);
	assert_bytes(&out, STR("no-body,skip,0x10000000"));
	bits_print(&out, bits_steps, 0);
	assert_bytes(&out, STR("none"));
}

static void
an_answer_says_what_is_sent_and_replied_to(void **state)
{
	const struct wire_options old = { 2, 0, SMFIP_NOHELO, { { 0 } } };
	const struct wire_options new = { 6, 0, SMFIP_NR_HDR | SMFIP_NOBODY, { { 0 } } };

	(void)state;
	assert_true(offer_unwanted(&old, SMFIC_HELO));
	assert_true(offer_unwanted(&old, SMFIC_DATA));
	assert_true(offer_unwanted(&old, SMFIC_UNKNOWN));
	assert_false(offer_unwanted(&old, SMFIC_MAIL));
	assert_true(offer_unwanted(&new, SMFIC_BODY));
	assert_false(offer_unwanted(&new, SMFIC_DATA));
	assert_true(offer_silent(&new, SMFIC_HEADER));
	assert_false(offer_silent(&new, SMFIC_EOH));
	assert_false(offer_silent(&new, SMFIC_BODYEOB));
	assert_false(offer_kept(&old, &new));
	assert_false(offer_kept(&new, &(struct wire_options){ .version = 6, .actions = 1 }));
	assert_false(offer_kept(&new, &(struct wire_options){ .version = 6, .steps = SMFIP_SKIP }));
	assert_true(offer_kept(&new, &(struct wire_options){ .version = 2, .steps = SMFIP_NOBODY}));
}

static void
mtas_have_their_own_macros(void **state)
{
	const struct offer_mta *postfix = offer_mta(STR("postfix"));
	const struct offer_mta *sendmail = offer_mta(STR("sendmail"));

	(void)state;
	assert_non_null(postfix);
	assert_non_null(sendmail);
	assert_null(offer_mta(STR("exim")));
	assert_int_equal(offer_macro_stage(postfix, SMFIC_HEADER), SMFIM_EOH);
	assert_int_equal(offer_macro_stage(sendmail, SMFIC_HEADER), -1);
	assert_int_equal(offer_macro_stage(sendmail, SMFIC_BODYEOB), SMFIM_EOM);
	assert_int_equal(offer_macro_stage(postfix, SMFIC_UNKNOWN), -1);
	assert_int_equal(offer_stage(STR("mail")), SMFIM_ENVFROM);
	assert_int_equal(offer_stage(STR("body")), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(commands_have_the_bytes_of_the_protocol),
		cmocka_unit_test(clients_of_every_family),
		cmocka_unit_test(options_go_both_ways),
		cmocka_unit_test(options_of_an_unknown_stage_are_refused),
		cmocka_unit_test(replies_go_both_ways),
		cmocka_unit_test(wrong_replies_are_refused),
		cmocka_unit_test(frames_may_be_cut_anywhere),
		cmocka_unit_test(impossible_lengths_are_bad),
		cmocka_unit_test(bits_have_names),
		cmocka_unit_test(an_answer_says_what_is_sent_and_replied_to),
		cmocka_unit_test(mtas_have_their_own_macros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
