/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a rule holds of a part or of a member of an archive. */
#include <string.h>
#include <strings.h>

#include "plugins/attachments/policy.h"

/* A check of one thing that a rule may ask for. What was found is added to `why`. */
struct check {
	struct mf_context *c;
	const struct rule_options *rule;
	const struct subject *subject;
	const char *why;
};

static bool
found(struct check *check, const char *before, const char *what, const char *behind)
{
	check->why = mf_printf(check->c, "%s%s%s%s%s", check->why, *check->why ? ", " : "", before,
	    what, behind);
	return true;
}

static bool
has_word(const struct mf_strings *words, const char *word)
{
	size_t i;

	for (i = 0; i < words->count; i++) {
		if (strcasecmp(words->items[i], word) == 0)
			return true;
	}
	return false;
}

/* "image/" followed by "*" stands for every type that begins so. */
static bool
has_type(const struct mf_strings *patterns, const char *type)
{
	size_t i;

	for (i = 0; i < patterns->count; i++) {
		size_t length = strlen(patterns->items[i]);

		if (length >= 2 && strcmp(patterns->items[i] + length - 2, "/*") == 0 &&
		    strncasecmp(patterns->items[i], type, length - 1) == 0)
			return true;
	}
	return *type && has_word(patterns, type);
}

/* ---- names ---- */

static bool
name_holds(struct check *check, const char *written)
{
	const struct rule_options *rule = check->rule;
	struct name name;

	name_read(written, strlen(written), &name);
	if (rule->extension.count &&
	    (!*name.extension || !has_word(&rule->extension, name.extension)))
		return false;
	if (rule->double_extension && !name.twofold)
		return false;
	if (rule->disguised && !name.disguised)
		return false;
	return !rule->file_name ||
	    mf_match(check->c, rule->file_name, written, strlen(written)) ||
	    mf_match(check->c, rule->file_name, name.plain, strlen(name.plain));
}

/* One of the names has all that is asked of names. */
static bool
names_hold(struct check *check)
{
	const struct rule_options *rule = check->rule;
	size_t i;

	if (!rule->extension.count && !rule->file_name && !rule->double_extension &&
	    !rule->disguised)
		return true;
	for (i = 0; i < check->subject->name_count; i++) {
		if (name_holds(check, check->subject->names[i]))
			return found(check, "its name is \"", check->subject->names[i], "\"");
	}
	return false;
}

/* ---- types ---- */

static bool
is_kind(const char *type, const char *kind)
{
	return strncmp(type, kind, strlen(kind)) == 0;
}

/* Whether content of the detected type is to be expected under the declared one: the same kind of
 * thing. Nothing is claimed by application/octet-stream; office documents are archives. */
static bool
types_agree(const char *declared, const char *detected)
{
	static const char *const kinds[] = { "image/", "audio/", "video/", "text/" };
	size_t i;

	if (!*declared || !*detected || strcmp(declared, detected) == 0 ||
	    strcmp(declared, "application/octet-stream") == 0)
		return true;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (is_kind(declared, kinds[i]) && is_kind(detected, "application/"))
			return false;
	}
	return is_kind(declared, "application/pdf") == is_kind(detected, "application/pdf");
}

static bool
types_hold(struct check *check)
{
	const struct rule_options *rule = check->rule;
	const struct subject *subject = check->subject;

	if (rule->type.count) {
		if (!has_type(&rule->type, subject->type))
			return false;
		found(check, "its type is ", subject->type, "");
	}
	if (rule->detected.count) {
		if (!has_type(&rule->detected, subject->detected))
			return false;
		found(check, "its content is ", subject->detected, "");
	}
	if (!rule->mismatch)
		return true;
	return !types_agree(subject->type, subject->detected) &&
	    found(check, "its content is not as declared, but ", subject->detected, "");
}

/* ---- the rest ---- */

static bool
content_holds(struct check *check)
{
	const struct rule_options *rule = check->rule;
	const struct subject *subject = check->subject;

	if (rule->larger.bytes) {
		if (subject->size <= rule->larger.bytes)
			return false;
		found(check, "it has ",
		    mf_printf(check->c, "%llu", (unsigned long long)subject->size), " bytes");
	}
	return !rule->encrypted || (subject->encrypted && found(check, "it is encrypted", "", ""));
}

static bool
defects_hold(struct check *check)
{
	const struct mf_strings *defects = &check->rule->defect;
	size_t i;

	if (!defects->count)
		return true;
	for (i = 0; i < check->subject->defect_count; i++) {
		if (has_word(defects, check->subject->defects[i]))
			return found(check, "it has the defect ", check->subject->defects[i], "");
	}
	return false;
}

static bool
place_holds(const struct check *check)
{
	switch ((enum within)check->rule->within) {
	case WITHIN_MESSAGE:
		return !check->subject->member;
	case WITHIN_ARCHIVE:
		return check->subject->member;
	default:
		return true;
	}
}

bool
policy_asks(const struct rule_options *rule)
{
	return rule->extension.count || rule->file_name || rule->type.count ||
	    rule->detected.count || rule->defect.count || rule->larger.bytes ||
	    rule->double_extension || rule->disguised || rule->mismatch || rule->encrypted;
}

bool
policy_holds(struct mf_context *c, const struct rule_options *rule, const struct subject *subject,
    const char **why_r)
{
	struct check check = { c, rule, subject, "" };

	if (!place_holds(&check) || !names_hold(&check) || !types_hold(&check) ||
	    !content_holds(&check) || !defects_hold(&check))
		return false;
	*why_r = check.why;
	return true;
}
