/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The dns block: who is asked, and the zone file that is asked instead. The service is made with
 * the settings and goes with them; it starts nothing before it is asked.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "filterd/config/archive.h"
#include "filterd/config/settings_parts.h"
#include "filterd/config/source.h"

#define ZONE_FILE_MAXIMUM	(64u << 20)	/* bytes */

/* From the command line; NULL: what the files say. */
static const char *zone_file;

void
settings_answer_dns_from(const char *path)
{
	zone_file = path;
}

/* ---- checks ---- */

static void
check_forward(const struct check *check, const struct mf_strings *resolver)
{
	size_t i;

	if (resolver->count == 1)
		check_mistake(check, &resolver->items[0],
		    "expected the addresses of resolvers behind \"forward\"");
	if (resolver->count - 1 > DNS_SERVERS_MAXIMUM)
		check_mistake(check, &resolver->items[DNS_SERVERS_MAXIMUM + 1],
		    "expected at most %d addresses", DNS_SERVERS_MAXIMUM);
	for (i = 1; i < resolver->count; i++)
		if (!dns_server_valid(resolver->items[i]))
			check_mistake(check, &resolver->items[i],
			    "expected an IP address, and perhaps @ and a port, found \"%s\"",
			    resolver->items[i]);
}

static void
check_resolver(const struct check *check, const struct mf_strings *resolver)
{
	if (!resolver->count)
		return;		/* a mistake that is noted already */
	if (strcmp(resolver->items[0], "forward") == 0)
		check_forward(check, resolver);
	else if (strcmp(resolver->items[0], "system") != 0 &&
	    strcmp(resolver->items[0], "recursive") != 0)
		check_mistake(check, &resolver->items[0],
		    "expected system, recursive, or forward and addresses, found \"%s\"",
		    resolver->items[0]);
	else if (resolver->count > 1)
		check_mistake(check, &resolver->items[1], "expected nothing behind \"%s\"",
		    resolver->items[0]);
}

/* A file that libunbound is to read, as who serves, once it is asked. */
static void
check_readable(const struct check *check, const char *const *path, const char *name)
{
	check_path(check, path, name);
	if (check->serves && *path && **path == '/' &&
	    faccessat(AT_FDCWD, *path, R_OK, AT_EACCESS) != 0)
		check_mistake(check, path, "cannot read \"%s\": %s", *path,
		    source_reason(check->arena, errno));
}

void
check_dns(const struct check *check)
{
	const struct dns_settings *dns = &check->settings->dns;

	check_resolver(check, &dns->resolver);
	check_readable(check, &dns->trust_anchor, "trust-anchor");
	check_readable(check, &dns->root_hints, "root-hints");
	check_path(check, &dns->zone_file, "zone-file");
	if (dns->dnssec && !dns->trust_anchor)
		check_mistake(check, &dns->dnssec,
		    "dnssec needs a \"trust-anchor\" in the dns block: the file with the keys of"
		    " the root");
	if (dns->root_hints && dns->resolver.count &&
	    strcmp(dns->resolver.items[0], "recursive") != 0)
		check_mistake(check, &dns->root_hints, "root-hints is for \"resolver recursive\"");
}

/* ---- the zone file ---- */

struct loading {
	const struct settings *settings;
	struct config_source source;
};

static void
note_mistake(void *data, struct dns_zone_place at, const char *what)
{
	const struct loading *loading = data;

	config_error(loading->settings->scope.errors, (struct config_position){
		.source = &loading->source, .offset = at.offset, .length = at.length,
		.line = at.line, .column = at.column,
	}, "%s", what);
}

/* NULL: it cannot be read, which is noted. */
static struct dns_zone *
load_zone(const struct settings *settings, const char *path, struct config_position at)
{
	struct loading loading = { .settings = settings };
	struct source_file file;
	struct dns_zone *zone;
	const char *error;

	if (!source_read(path, ZONE_FILE_MAXIMUM, settings->arena, &file, &error)) {
		config_error(settings->scope.errors, at, "cannot read \"%s\": %s", path, error);
		return NULL;
	}
	loading.source = (struct config_source){ path,
		{ buffer_text(&file.text), file.text.length } };
	zone = dns_zone_parse(loading.source.text, note_mistake, &loading);
	buffer_free(&file.text);
	return zone;
}

static struct dns_zone *
find_zone(const struct settings *settings)
{
	static const struct config_position nowhere;

	if (zone_file)
		return load_zone(settings, zone_file, nowhere);
	if (!settings->dns.zone_file || settings->dns.zone_file[0] != '/')
		return NULL;
	return load_zone(settings, settings->dns.zone_file,
	    schema_position(settings->schema, &settings->dns.zone_file));
}

/* ---- loading ---- */

static void
release_dns(void *data)
{
	struct dns *dns = data;

	dns_destroy(&dns);
}

void
settings_load_dns(struct settings *settings, bool files)
{
	settings->resolver = dns_create(&settings->dns, files ? find_zone(settings) : NULL);
	arena_cleanup(settings->arena, release_dns, settings->resolver);
}

void
settings_archive_dns(const struct settings *settings)
{
	struct source_file file;
	const char *error;

	if (settings->dns.zone_file && source_read(settings->dns.zone_file, ZONE_FILE_MAXIMUM,
	    settings->arena, &file, &error))
		buffer_free(&file.text);
}
