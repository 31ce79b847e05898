/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Verdicts, log, results board, conditions, templates, regular expressions and lists of the fake
 * host; <filterd/plugin_test/host.h> includes it. Nothing is fatal.
 */
#ifndef FILTERD_PLUGIN_TEST_RULES_H
#define FILTERD_PLUGIN_TEST_RULES_H

/* ---- verdicts, log, explanation ---- */

static inline void
mf_host_reply(struct mf_context *c, int code, const char *enhanced, const char *text)
{
	struct mf_fake *f = mf_fake_of(c);

	f->reply_code = code;
	f->reply_enhanced = mf_fake_text(f, enhanced);
	f->reply_text = mf_fake_text(f, text);
}

static inline void
mf_host_error(struct mf_context *c, const char *cause)
{
	mf_fake_of(c)->error = mf_fake_text(mf_fake_of(c), cause);
}

/* The text with a line behind it: "first second\n". */
static inline const char *
mf_fake_add_line(struct mf_fake *f, const char *text, const char *first, const char *second)
{
	size_t size = strlen(text) + strlen(first) + strlen(second) + 3;
	char *longer = (char *)mf_fake_take(&f->own, size);

	snprintf(longer, size, "%s%s %s\n", text, first, second);
	return longer;
}

/* As filterd writes it: control characters as \xHH. */
static inline char *
mf_fake_escaped(struct mf_fake *f, const char *text)
{
	static const char digits[] = "0123456789abcdef";
	char *escaped = (char *)mf_fake_take(&f->own, strlen(text) * 4 + 1), *to = escaped;

	for (; *text; text++) {
		if ((unsigned char)*text >= ' ' && *text != 0x7f) {
			*to++ = *text;
			continue;
		}
		*to++ = '\\';
		*to++ = 'x';
		*to++ = digits[(unsigned char)*text >> 4];
		*to++ = digits[(unsigned char)*text & 15];
	}
	return escaped;
}

static inline void
mf_host_log(struct mf_context *c, enum mf_log_level level, const char *text)
{
	static const char *const levels[] = { "error:", "warning:", "notice:", "info:", "debug:" };
	struct mf_fake *f = mf_fake_of(c);

	f->log = mf_fake_add_line(f, f->log, levels[level], mf_fake_escaped(f, text));
}

static inline void
mf_host_matched(struct mf_context *c, const char *rule, const char *where)
{
	struct mf_fake *f = mf_fake_of(c);

	f->rules = mf_fake_add_line(f, f->rules, rule, where);
}

static inline void
mf_host_matched_shadow(struct mf_context *c, const char *rule, const char *where,
    const char *would)
{
	struct mf_fake *f = mf_fake_of(c);

	(void)where;
	f->rules = mf_fake_add_line(f, f->rules, rule, would);
}

/* ---- results board ---- */

static inline bool
mf_fake_keyword(const char *text, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (!isalnum((unsigned char)text[i]) && text[i] != '-' && text[i] != '_')
			return false;
	return length >= 1 && length <= 63;
}

static inline struct mf_result *
mf_host_result_add(struct mf_context *c, const char *method, const char *value, const char *reason)
{
	struct mf_fake *f = mf_fake_of(c);
	struct mf_result *result = (struct mf_result *)mf_fake_take(&f->own, sizeof(*result));

	result->method = mf_fake_text(f, method);
	result->value = mf_fake_text(f, value);
	result->reason = mf_fake_text(f, reason);
	if (!mf_fake_keyword(method, strlen(method)) || !mf_fake_keyword(value, strlen(value)))
		f->refused = "a method or value of a result is not a keyword";
	else if (!f->ending)
		mf_fake_append(f, &f->results, result);
	return result;
}

static inline void
mf_host_result_property(struct mf_context *c, struct mf_result *result, const char *property,
    const char *value)
{
	struct mf_fake *f = mf_fake_of(c);
	const char *dot = strchr(property, '.');

	if (!dot || !mf_fake_keyword(property, (size_t)(dot - property)) ||
	    !mf_fake_keyword(dot + 1, strlen(dot + 1)))
		f->refused = "a property of a result is not named as in \"header.d\"";
	else
		mf_fake_pair_set(f, &result->properties, property, value);
}

/* NULL: there are fewer. */
static inline const struct mf_result *
mf_fake_result_at(const struct mf_fake *f, const char *method, size_t n)
{
	size_t i;

	for (i = 0; i < f->results.count; i++) {
		const struct mf_result *result = (const struct mf_result *)f->results.items[i];

		if (strcasecmp(result->method, method) == 0 && n-- == 0)
			return result;
	}
	return NULL;
}

static inline size_t
mf_host_result_count(struct mf_context *c, const char *method)
{
	size_t count = 0;

	while (mf_fake_result_at(mf_fake_of(c), method, count))
		count++;
	return count;
}

static inline const char *
mf_host_result_value(struct mf_context *c, const char *method, size_t n)
{
	const struct mf_result *result = mf_fake_result_at(mf_fake_of(c), method, n);

	return result ? result->value : NULL;
}

static inline const char *
mf_host_result_get(struct mf_context *c, const char *method, size_t n, const char *property)
{
	const struct mf_result *result = mf_fake_result_at(mf_fake_of(c), method, n);

	return result ? mf_fake_pair_get(&result->properties, property, strlen(property)) : NULL;
}

static inline bool
mf_host_result_at(struct mf_context *c, size_t index, struct mf_result_view *view_r)
{
	const struct mf_fake *f = mf_fake_of(c);
	const struct mf_result *result;
	struct mf_property *properties;
	size_t i;

	memset(view_r, 0, sizeof(*view_r));
	if (index >= f->results.count)
		return false;
	result = (const struct mf_result *)f->results.items[index];
	view_r->method = result->method;
	view_r->value = result->value;
	view_r->reason = result->reason;
	view_r->property_count = result->properties.count;
	properties = (struct mf_property *)mf_host_alloc(c,
	    view_r->property_count * sizeof(*properties));
	for (i = 0; i < view_r->property_count; i++) {
		const struct mf_fake_pair *pair =
		    (const struct mf_fake_pair *)result->properties.items[i];

		properties[i].name = pair->name;
		properties[i].value = pair->value;
	}
	view_r->properties = properties;
	return true;
}

/* The points of a symbol; NULL: of all. */
static inline double
mf_fake_points(const struct mf_fake *f, const char *name, bool *found_r)
{
	double points = 0;
	size_t i;

	*found_r = false;
	for (i = 0; i < f->symbols.count; i++) {
		const struct mf_fake_symbol *symbol =
		    (const struct mf_fake_symbol *)f->symbols.items[i];

		if (name && strcmp(symbol->name, name) != 0)
			continue;
		*found_r = true;
		points += symbol->points;
	}
	return points;
}

static inline double
mf_host_score(struct mf_context *c)
{
	bool found;

	return mf_fake_points(mf_fake_of(c), NULL, &found);
}

static inline void
mf_host_symbol_add(struct mf_context *c, const char *name, double points)
{
	struct mf_fake *f = mf_fake_of(c);
	struct mf_fake_symbol *symbol =
	    (struct mf_fake_symbol *)mf_fake_take(&f->own, sizeof(*symbol));

	symbol->name = mf_fake_text(f, name);
	symbol->points = points - points == 0 ? points : 0;	/* infinite or no number */
	if (!f->ending)
		mf_fake_append(f, &f->symbols, symbol);
}

static inline bool
mf_host_symbol(struct mf_context *c, const char *name, double *points_r)
{
	double points;
	bool found;

	points = mf_fake_points(mf_fake_of(c), name, &found);
	if (found && points_r)
		*points_r = points;
	return found;
}

/* ---- conditions, templates, regexes, lists ---- */

static inline bool
mf_host_test(struct mf_context *c, const struct mf_condition *condition)
{
	(void)c;
	return !condition || condition->holds;
}

static inline enum mf_stage
mf_host_condition_stage(struct mf_context *c, const struct mf_condition *condition)
{
	(void)c;
	(void)condition;
	return MF_STAGE_CONNECT;
}

/* A growing text of the fake host. */
struct mf_fake_string { char *text; size_t length; enum mf_form form; };

static inline void
mf_fake_string_add(struct mf_fake *f, struct mf_fake_string *string, const char *bytes,
    size_t size)
{
	char *longer = (char *)mf_fake_take(&f->own, string->length + size + 1);

	if (string->length)
		memcpy(longer, string->text, string->length);
	if (size)
		memcpy(longer + string->length, bytes, size);
	string->text = longer;
	string->length += size;
}

/* A value, in HTML without markup. */
static inline void
mf_fake_value_add(struct mf_fake *f, struct mf_fake_string *string, const char *bytes, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		const char *reference = bytes[i] == '&' ? "&amp;" : bytes[i] == '<' ? "&lt;" :
		    bytes[i] == '>' ? "&gt;" : bytes[i] == '"' ? "&quot;" :
		    bytes[i] == '\'' ? "&#39;" : NULL;

		if (string->form == MF_FORM_HTML && reference)
			mf_fake_string_add(f, string, reference, strlen(reference));
		else
			mf_fake_string_add(f, string, bytes + i, 1);
	}
}

/* What stands at `text`: a field, a group or a byte. Returns how much of the text that was. */
static inline size_t
mf_fake_expand_one(struct mf_fake *f, const char *text, struct mf_fake_string *string)
{
	const char *end = text[0] == '$' && text[1] == '{' ? strchr(text, '}') : NULL;
	const char *value = end ? mf_fake_pair_get(&f->values, text + 2, (size_t)(end - text - 2)) :
	    NULL;

	if (value) {
		mf_fake_value_add(f, string, value, strlen(value));
		return (size_t)(end - text) + 1;
	}
	if (text[0] == '$' && isdigit((unsigned char)text[1])) {
		const regmatch_t *group = &f->groups[text[1] - '0'];

		if (f->matched && group->rm_so >= 0)
			mf_fake_value_add(f, string, f->matched + group->rm_so,
			    (size_t)(group->rm_eo - group->rm_so));
		return 2;
	}
	mf_fake_string_add(f, string, text, 1);
	return 1;
}

static inline void
mf_fake_expand(struct mf_fake *f, const char *text, struct mf_fake_string *string)
{
	mf_fake_string_add(f, string, "", 0);
	while (*text)
		text += mf_fake_expand_one(f, text, string);
}

static inline const char *
mf_host_expand(struct mf_context *c, const struct mf_template *text)
{
	struct mf_fake_string string = { NULL, 0, MF_FORM_TEXT };

	mf_fake_expand(mf_fake_of(c), text ? text->text : "", &string);
	return string.text;
}

static inline const char *
mf_host_expand_shown(struct mf_context *c, const struct mf_template *text, enum mf_form form)
{
	struct mf_fake_string string = { NULL, 0, form };

	mf_fake_expand(mf_fake_of(c), text ? text->text : "", &string);
	return string.text;
}

static inline enum mf_stage
mf_host_template_stage(struct mf_context *c, const struct mf_template *text)
{
	(void)c;
	(void)text;
	return MF_STAGE_CONNECT;
}

/* `flags` are those of regexec(3). */
static inline bool
mf_fake_match(struct mf_fake *f, const struct mf_regex *regex, const char *subject, size_t length,
    int flags)
{
	const char *copy = mf_fake_copy(f, subject, length);
	regmatch_t groups[10];

	if (regexec(&regex->compiled, copy, 10, groups, flags) != 0)
		return false;
	memcpy(f->groups, groups, sizeof(groups));
	f->matched = copy;
	return true;
}

static inline bool
mf_host_match(struct mf_context *c, const struct mf_regex *regex, const char *subject,
    size_t length)
{
	return mf_fake_match(mf_fake_of(c), regex, subject, length, 0);
}

static inline char *
mf_host_replace(struct mf_context *c, const struct mf_regex *regex, const struct mf_template *with,
    const char *subject, size_t length, size_t *length_r)
{
	struct mf_fake *f = mf_fake_of(c);
	const char *rest = mf_fake_copy(f, subject, length), *end = rest + length;
	struct mf_fake_string string = { NULL, 0, MF_FORM_TEXT };
	bool found = false;

	while (rest <= end &&
	    mf_fake_match(f, regex, rest, (size_t)(end - rest), found ? REG_NOTBOL : 0)) {
		const char *from = rest + f->groups[0].rm_so, *to = rest + f->groups[0].rm_eo;

		found = true;
		mf_fake_string_add(f, &string, rest, (size_t)(from - rest));
		mf_fake_expand(f, with ? with->text : "", &string);
		if (from == to && to < end)	/* an empty match: the byte behind it stays */
			mf_fake_string_add(f, &string, to, 1);
		rest = from == to ? to + 1 : to;
	}
	if (!found)
		return NULL;
	if (rest < end)
		mf_fake_string_add(f, &string, rest, (size_t)(end - rest));
	if (length_r)
		*length_r = string.length;
	return string.text;
}

static inline bool
mf_host_list_has(struct mf_context *c, const struct mf_list *list, const char *text)
{
	const char *word = list->words;
	size_t length;

	(void)c;
	for (; *word; word += length) {
		word += strspn(word, " ");
		length = strcspn(word, " ");
		if (length && length == strlen(text) && strncasecmp(word, text, length) == 0)
			return true;
	}
	return false;
}

/* ---- start only ---- */

static inline void
mf_host_only_stages(struct mf_context *c, unsigned stages)
{
	mf_fake_of(c)->stages = stages;
}

static inline void
mf_host_only_verdicts(struct mf_context *c, unsigned stages)
{
	mf_fake_of(c)->verdicts = stages;
}

static inline void
mf_host_only_uses(struct mf_context *c, unsigned uses)
{
	mf_fake_of(c)->uses = uses;
}

static inline void
mf_host_config_error(struct mf_context *c, const void *member, const char *text)
{
	(void)member;
	mf_host_error(c, text);
}

static inline enum mf_stage
mf_host_first_stage(struct mf_context *c)
{
	return mf_fake_of(c)->first_stage;
}

#endif
