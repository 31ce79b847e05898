/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A listener of filterd that Postfix names: what Postfix does without it, how long it waits for it,
 * and which macros it can send. Sources: postconf(5), MILTER_README and smtpd(8) of 3.7; the macros
 * that it knows, and what it does with each form of a socket, were tried.
 */
#include <stdlib.h>
#include <string.h>

#include "filterd/doctor/examine.h"
#include "filterd/doctor/examine_postfix.h"

/* ---- settings ---- */

struct place
postfix_place(const struct postfix_look *look, const struct postfix_service *service,
    const char *name, const char *value)
{
	struct arena *arena = look->examination->arena;

	if (!postfix_overrides(look->postfix, service, name))
		return (struct place){ arena_printf(arena, "%s/main.cf", look->examination->folder),
			arena_printf(arena, "%s = %s", name, value) };
	return (struct place){ arena_printf(arena, "%s/master.cf", look->examination->folder),
		arena_printf(arena, "%s %s … %s\n    -o { %s = %s }", service->name, service->type,
		service->command, name, value) };
}

const char *
postfix_name_place(const struct postfix_look *look, const struct postfix_service *service,
    const char *name)
{
	if (!postfix_overrides(look->postfix, service, name))
		return name;
	return arena_printf(look->examination->arena, "%s of %s", name, service->label);
}

void
postfix_find(const struct postfix_look *look, const struct finding *finding,
    const struct place *place)
{
	struct finding whole = *finding;

	whole.file = place->file;
	whole.put = place->put;
	examine_find(look->examination, &whole);
}

/* ---- what the MTA does without filterd ---- */

static const struct {
	const char *action;
	enum severity severity;
	const char *why;
} actions[] = {
	{ "tempfail", SEVERITY_COUNT, NULL },
	{ "shutdown", SEVERITY_COUNT, NULL },
	{ "accept", SEVERITY_WARNING,
	    "While filterd cannot be reached, or breaks off, mail passes unfiltered." },
	{ "reject", SEVERITY_WARNING,
	    "While filterd cannot be reached, or breaks off, mail is refused for good." },
	{ "quarantine", SEVERITY_NOTE,
	    "While filterd cannot be reached, or breaks off, mail is held until somebody lets it "
	    "go." },
};

/* A setting that an entry of the list may have of its own. */
struct setting {
	const char *value;
	const char *words;		/* what it is called in findings */
	struct place place;		/* where the value that it should have is to be put */
};

static struct setting
find_own_setting(const struct postfix_look *look, const struct milter_use *use,
    enum milter_setting setting, const char *better)
{
	struct arena *arena = look->examination->arena;
	const char *own = milter_use_entry(use)->own[setting];
	const char *name = arena_printf(arena, "milter_%s", milter_setting_names[setting]);

	if (!own)
		return (struct setting){ postfix_value(look->postfix, use->service, name),
			postfix_name_place(look, use->service, name),
			postfix_place(look, use->service, name, better) };
	return (struct setting){ own,
		arena_printf(arena, "the %s of filterd's entry in %s",
		    milter_setting_names[setting], postfix_name_place(look, use->service,
		    use->list)),
		postfix_place(look, use->service, use->list, milter_list_write(use->entries,
		    use->count, use->index, NULL, setting, better, arena)) };
}

static void
check_action(const struct postfix_look *look, const struct milter_use *use)
{
	struct setting setting = find_own_setting(look, use, MILTER_DEFAULT_ACTION, "tempfail");
	struct finding finding = { .severity = SEVERITY_ERROR, .name = "default-action",
		.why = "Postfix knows tempfail, accept, reject, quarantine and shutdown." };
	size_t i;

	for (i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (strcmp(setting.value, actions[i].action) == 0) {
			finding.severity = actions[i].severity;
			finding.why = actions[i].why;
		}
	if (finding.severity == SEVERITY_COUNT)
		return;
	finding.what = arena_printf(look->examination->arena, "%s is %s", setting.words,
	    setting.value);
	postfix_find(look, &finding, &setting.place);
}

/* ---- protocol ---- */

/* The version among the words of milter_protocol; 0: none. */
static unsigned long
protocol_version(const char *text)
{
	text += strcspn(text, "0123456789");
	return strtoul(text, NULL, 10);
}

static void
check_protocol(const struct postfix_look *look, const struct milter_use *use)
{
	struct setting setting = find_own_setting(look, use, MILTER_PROTOCOL, "6");

	if (protocol_version(setting.value) >= 6)
		return;
	postfix_find(look, &(struct finding){ .severity = SEVERITY_WARNING, .name = "protocol",
		.what = arena_printf(look->examination->arena, "%s is %s", setting.words,
		    setting.value),
		.why = "Before 6, Postfix does not tell which blanks stand before the value of a "
		    "header field, so edited fields may differ in them, and every event costs a "
		    "round trip." },
	    &setting.place);
}

/* ---- times ---- */

static void
check_time(const struct postfix_look *look, const struct milter_use *use,
    enum milter_setting which)
{
	struct setting setting = find_own_setting(look, use, which, PATIENCE_SECONDS "s");

	examine_patience(look->examination, use->listener, &(struct patience){
		.name = setting.words, .value = setting.value, .file = setting.place.file,
		.put = setting.place.put, .commands = which == MILTER_COMMAND_TIMEOUT });
}

/* Connections are taken at once, but not always by a busy machine. */
static void
check_connect_time(const struct postfix_look *look, const struct milter_use *use)
{
	struct setting setting = find_own_setting(look, use, MILTER_CONNECT_TIMEOUT, "30s");
	int64_t patient;

	if (mta_time_parse(setting.value, &patient) && patient >= 5000)
		return;
	postfix_find(look, &(struct finding){ .severity = SEVERITY_WARNING,
		.name = "connect-timeout",
		.what = arena_printf(look->examination->arena, "%s is %s", setting.words,
		    setting.value),
		.why = "On a busy machine filterd may need some seconds to take a connection and "
		    "to say what it wants." }, &setting.place);
}

/* ---- macros ---- */

/* What smtpd 3.7 knows, without braces; MILTER_README. */
static const char *const known_macros[] = { "_", "auth_authen", "auth_author", "auth_type",
	"cert_issuer", "cert_subject", "cipher", "cipher_bits", "client_addr",
	"client_connections", "client_name", "client_port", "client_ptr", "client_resolve",
	"daemon_addr", "daemon_name", "daemon_port", "i", "j", "mail_addr", "mail_host",
	"mail_mailer", "rcpt_addr", "rcpt_host", "rcpt_mailer", "tls_version", "v" };

static bool
is_known(struct str name)
{
	size_t i;

	for (i = 0; i < sizeof(known_macros) / sizeof(known_macros[0]); i++)
		if (str_equal(name, str_of(known_macros[i])))
			return true;
	return false;
}

/* Whether a list "{a}=1, {b}=2" gives the macro a value. */
static bool
has_default(const char *defaults, struct str name)
{
	const char *at = defaults;

	while ((at = strstr(at, name.data))) {
		const char *behind = at + name.length;

		behind += *behind == '}';
		if ((at == defaults || strchr(" ,\t{", at[-1])) &&
		    behind[strspn(behind, " \t")] == '=')
			return true;
		at++;
	}
	return false;
}

static void
check_macro(const struct postfix_look *look, const struct milter_use *use, const char *macro)
{
	const char *defaults = postfix_value(look->postfix, use->service, "milter_macro_defaults");
	struct arena *arena = look->examination->arena;
	struct str name = str_of(macro);
	struct place place;

	if (name.length > 2 && macro[0] == '{' && macro[name.length - 1] == '}')
		name = arena_str(arena, (struct str){ macro + 1, name.length - 2 });
	if (is_known(name) || has_default(defaults, name))
		return;
	place = postfix_place(look, use->service, "milter_macro_defaults", arena_printf(arena,
	    "%s%s%s=VALUE", defaults, *defaults ? ", " : "", macro));
	postfix_find(look, &(struct finding){ .severity = SEVERITY_WARNING, .name = "macro",
		.what = arena_printf(arena, "a filter of listener %s reads the macro %s, which "
		    "Postfix does not have", use->listener->settings->name, macro),
		.why = "The filter gets no value. Postfix can send a constant instead; if it must "
		    "not be constant, let the filter do without." }, &place);
}

/* ---- all of one use ---- */

void
postfix_check_use(const struct postfix_look *look, const struct milter_use *use)
{
	const char *const *macro;

	use->listener->attached = true;
	check_action(look, use);
	check_protocol(look, use);
	check_connect_time(look, use);
	check_time(look, use, MILTER_COMMAND_TIMEOUT);
	check_time(look, use, MILTER_CONTENT_TIMEOUT);
	for (macro = use->listener->macros; *macro; macro++)
		check_macro(look, use, *macro);
	examine_answer(look->examination, use->listener);
}
