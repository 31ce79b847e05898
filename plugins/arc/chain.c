/* SPDX-License-Identifier: BSD-2-Clause */
/* The ARC fields of a message put together to a chain. */
#include "plugins/arc/chain.h"

#include "plugins/dkim/tags.h"

static const char *const names[ARC_KINDS] = {
	[ARC_RESULTS] = "ARC-Authentication-Results",
	[ARC_MESSAGE] = "ARC-Message-Signature",
	[ARC_SEAL] = "ARC-Seal"
};

enum {
	COMMENT_DEPTH = 50,
	INSTANCE_DIGITS = 9		/* more than 50 has: leading zeros are no fault */
};

bool
arc_kind_of(struct dkim_text name, enum arc_kind *kind_r)
{
	enum arc_kind kind;

	for (kind = ARC_RESULTS; kind < ARC_KINDS; kind++) {
		if (!dkim_text_is(name, names[kind]))
			continue;
		*kind_r = kind;
		return true;
	}
	return false;
}

/* The first fault is the one that is told. */
static void
fail(struct arc_chain *chain, unsigned instance, const char *fault)
{
	if (chain->fault)
		return;
	chain->fault = fault;
	chain->fault_instance = instance;
}

/* ---- instances ---- */

static void
skip(struct dkim_text *text, size_t length)
{
	text->data += length;
	text->length -= length;
}

/* CFWS, RFC 5322 section 3.2.2. A comment that does not end is none. */
static void
skip_blanks_and_comments(struct dkim_text *text)
{
	size_t at = 0, depth = 0;

	for (; at < text->length; at++) {
		char c = text->data[at];

		if (c == '\\' && depth > 0)
			at++;
		else if (c == '(' && depth < COMMENT_DEPTH)
			depth++;
		else if (c == ')' && depth > 0)
			depth--;
		else if (depth == 0 && !dkim_is_space(c))
			break;
	}
	if (depth == 0 && at <= text->length)
		skip(text, at);
}

static bool
skip_byte(struct dkim_text *text, char byte)
{
	if (text->length == 0 || text->data[0] != byte)
		return false;
	skip(text, 1);
	return true;
}

/* "i=N;" at the beginning of ARC-Authentication-Results; 0: it is not there. */
static unsigned
results_instance(struct dkim_text *text)
{
	struct dkim_text number;
	uint64_t instance;

	skip_blanks_and_comments(text);
	if (!skip_byte(text, 'i'))
		return 0;
	skip_blanks_and_comments(text);
	if (!skip_byte(text, '='))
		return 0;
	skip_blanks_and_comments(text);
	number = (struct dkim_text){ text->data, 0 };
	while (number.length < text->length && number.data[number.length] >= '0' &&
	    number.data[number.length] <= '9')
		number.length++;
	skip(text, number.length);
	skip_blanks_and_comments(text);
	if (!skip_byte(text, ';') || !dkim_number(number, INSTANCE_DIGITS, &instance))
		return 0;
	return (unsigned)instance;
}

/* i= of the tag lists, wherever it stands. */
static unsigned
tag_instance(struct dkim_text text)
{
	struct dkim_tags tags;
	const struct dkim_tag *tag;
	uint64_t instance;

	if (dkim_tags_parse(text, &tags))
		return 0;
	tag = dkim_tags_find(&tags, "i");
	return tag && dkim_number(tag->value, INSTANCE_DIGITS, &instance) ? (unsigned)instance : 0;
}

/* ---- the chain ---- */

void
arc_chain_add(struct arc_chain *chain, enum arc_kind kind, const struct dkim_field *field)
{
	struct dkim_text text = field->value;
	unsigned instance = kind == ARC_RESULTS ? results_instance(&text) : tag_instance(text);
	struct arc_set *set;

	if (instance > ARC_SETS_MAX) {
		fail(chain, instance, "more sets than 50");
		instance = ARC_SETS_MAX;
	} else if (instance == 0) {
		fail(chain, 0, "an ARC field is malformed or has no instance");
		instance = 1;
	}
	if (instance > chain->count)
		chain->count = instance;
	set = &chain->sets[instance - 1];
	if (set->has[kind])
		fail(chain, instance, "a set has a field twice");
	set->has[kind] = true;
	set->field[kind] = *field;
}

const char *
arc_signature(const struct arc_set *set, enum arc_kind kind, struct dkim_signature *signature_r)
{
	const char *error = NULL;

	dkim_signature_parse(kind == ARC_SEAL ? DKIM_KIND_ARC_SEAL : DKIM_KIND_ARC_MESSAGE,
	    set->field[kind].value, signature_r, &error);
	return error;
}

/* The seal's cv=, and that h= is not there, section 4.1.3. False: it is malformed. */
static bool
read_seal(struct arc_set *set)
{
	struct dkim_tags tags;
	const struct dkim_tag *cv;

	if (!set->has[ARC_SEAL] || dkim_tags_parse(set->field[ARC_SEAL].value, &tags))
		return false;
	cv = dkim_tags_find(&tags, "cv");
	if (!cv || dkim_tags_find(&tags, "h"))
		return false;
	if (dkim_text_is(cv->value, "pass"))
		set->cv = ARC_CV_PASS;
	else if (dkim_text_is(cv->value, "fail"))
		set->cv = ARC_CV_FAIL;
	else if (!dkim_text_is(cv->value, "none"))
		return false;
	return true;
}

bool
arc_chain_is_marked(const struct arc_chain *chain)
{
	size_t i;

	for (i = 0; i < chain->count; i++)
		if (chain->sets[i].cv == ARC_CV_FAIL)
			return true;
	return false;
}

/* Section 5.2 step 3. */
static void
check_set(struct arc_chain *chain, unsigned instance, bool sealed)
{
	const struct arc_set *set = &chain->sets[instance - 1];

	if (!set->has[ARC_RESULTS] || !set->has[ARC_MESSAGE] || !set->has[ARC_SEAL])
		fail(chain, instance, "a set lacks a field");
	else if (!sealed)
		fail(chain, instance, "a seal is malformed");
	else if (set->cv == ARC_CV_FAIL)
		fail(chain, instance, "a sealer has marked the chain as failed");
	else if (set->cv != (instance == 1 ? ARC_CV_NONE : ARC_CV_PASS))
		fail(chain, instance, "a seal has a cv that its place does not allow");
}

void
arc_chain_finish(struct arc_chain *chain)
{
	bool sealed[ARC_SETS_MAX];
	unsigned instance;

	for (instance = 1; instance <= chain->count; instance++)
		sealed[instance - 1] = read_seal(&chain->sets[instance - 1]);
	/* Step 2: of the newest. */
	if (chain->count > 0 && chain->sets[chain->count - 1].cv == ARC_CV_FAIL)
		fail(chain, (unsigned)chain->count, "a sealer has marked the chain as failed");
	for (instance = 1; instance <= chain->count; instance++)
		check_set(chain, instance, sealed[instance - 1]);
}
