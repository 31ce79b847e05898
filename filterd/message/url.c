/* SPDX-License-Identifier: BSD-2-Clause */
/* Addresses of the web and of mail, taken apart. Nothing fails. */
#include <arpa/inet.h>
#include <string.h>

#include "filterd/message/url.h"
#include "filterd/util/buffer.h"
#include "filterd/util/domain.h"

static const struct scheme {
	struct str name;
	bool mail;
} schemes[] = {
	{ { "http", 4 }, false },
	{ { "https", 5 }, false },
	{ { "ftp", 3 }, false },
	{ { "mailto", 6 }, true },
};

static struct str
tail(struct str text, size_t from)
{
	return (struct str){ text.data + from, text.length - from };
}

static const struct scheme *
scheme_of(struct str text)
{
	size_t i;

	for (i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++) {
		struct str name = schemes[i].name;

		if (text.length > name.length && text.data[name.length] == ':' &&
		    str_has_prefix_nocase(text, name))
			return &schemes[i];
	}
	return NULL;
}

static void
percent_decode(struct buffer *buffer, struct str text)
{
	size_t i;

	for (i = 0; i < text.length; i++) {
		if (text.data[i] == '%' && i + 2 < text.length && str_hex(text.data[i + 1]) >= 0 &&
		    str_hex(text.data[i + 2]) >= 0) {
			buffer_add_char(buffer,
			    (char)(str_hex(text.data[i + 1]) * 16 + str_hex(text.data[i + 2])));
			i += 2;
		} else {
			buffer_add_char(buffer, text.data[i]);
		}
	}
}

/* ---- hosts ---- */

static bool
is_host(struct str host)
{
	size_t i;

	if (!host.length || host.length > DOMAIN_MAXIMUM)
		return false;
	for (i = 0; i < host.length; i++) {
		char c = host.data[i];

		if ((unsigned char)c <= ' ' || c == 0x7f || strchr("\"#%/:<>?@[\\]^`{|}", c))
			return false;
	}
	return true;
}

static bool
ip6_host(struct arena *arena, struct str text, struct url *url)
{
	char written[INET6_ADDRSTRLEN];
	struct in6_addr address;

	text = arena_str(arena, text);
	if (inet_pton(AF_INET6, text.data, &address) != 1)
		return false;
	inet_ntop(AF_INET6, &address, written, sizeof(written));
	url->host = arena_str(arena, str_of(written));
	return url->ip = true;
}

/* "0x7f.1", "017700000001" and "2130706433" are IPv4 addresses to browsers (URL standard, section
 * 3.5), as they are to inet_aton(3). */
static void
ip4_host(struct arena *arena, struct url *url)
{
	char written[INET_ADDRSTRLEN];
	struct in_addr address;
	size_t i;

	for (i = 0; i < url->host.length; i++) {
		if (str_hex(url->host.data[i]) < 0 && !strchr("xX.", url->host.data[i]))
			return;
	}
	if (inet_aton(url->host.data, &address) == 0)
		return;
	inet_ntop(AF_INET, &address, written, sizeof(written));
	url->host = arena_str(arena, str_of(written));
	url->ip = true;
}

static bool
domain_host(struct arena *arena, struct str written, struct url *url)
{
	char labels[DOMAIN_TEXT];
	struct buffer decoded = { 0 };
	struct str host;
	char *lower;
	size_t i;

	percent_decode(&decoded, written);
	host = domain_ascii((struct str){ buffer_text(&decoded), decoded.length }, labels);
	while (host.length && host.data[host.length - 1] == '.')
		host.length--;
	lower = arena_copy(arena, host.data, host.length);
	for (i = 0; i < host.length; i++)
		lower[i] = str_lower(lower[i]);
	buffer_free(&decoded);
	url->host = (struct str){ lower, host.length };
	if (!is_host(url->host))
		return false;
	ip4_host(arena, url);
	return true;
}

/* ---- addresses ---- */

static size_t
up_to_any(struct str text, const char *ends)
{
	size_t i = 0;

	while (i < text.length && !(text.data[i] && strchr(ends, text.data[i])))
		i++;
	return i;
}

/* Behind the scheme's colon: however many slashes of either kind, and then userinfo, host, port. */
static bool
web_host(struct arena *arena, struct str rest, struct url *url)
{
	const char *at;

	while (rest.length && (*rest.data == '/' || *rest.data == '\\'))
		rest = tail(rest, 1);
	rest.length = up_to_any(rest, "/\\?#");
	at = rest.length ? memrchr(rest.data, '@', rest.length) : NULL;
	if (at) {
		size_t size = (size_t)(at - rest.data);

		url->userinfo = arena_str(arena, (struct str){ rest.data, size });
		rest = tail(rest, size + 1);
	}
	if (rest.length && *rest.data == '[') {
		rest = tail(rest, 1);
		rest.length = up_to_any(rest, "]");
		return ip6_host(arena, rest, url);
	}
	rest.length = up_to_any(rest, ":");
	return domain_host(arena, rest, url);
}

static bool
mail_host(struct arena *arena, struct str rest, struct url *url)
{
	const char *at;

	rest.length = up_to_any(rest, "?,#");
	at = rest.length ? memrchr(rest.data, '@', rest.length) : NULL;
	return at && domain_host(arena, tail(rest, (size_t)(at - rest.data) + 1), url);
}

bool
url_parse(struct arena *arena, struct str text, struct url *url_r)
{
	const struct scheme *scheme = scheme_of(text);
	struct str rest;

	*url_r = (struct url){ .userinfo = { "", 0 }, .host = { "", 0 } };
	if (!scheme || text.length > URL_MAXIMUM)
		return false;
	url_r->text = arena_str(arena, text);
	url_r->scheme = scheme->name;
	rest = tail(url_r->text, scheme->name.length + 1);
	return scheme->mail ? mail_host(arena, rest, url_r) : web_host(arena, rest, url_r);
}

/* ---- what is shown against where it leads ---- */

/* Whether a text could be nothing but a host: labels of letters and digits, the last one not of
 * digits alone, at least one dot. */
static bool
looks_like_host(struct str text)
{
	size_t i, dots = 0, letters = 0;

	for (i = 0; i < text.length; i++) {
		unsigned char c = (unsigned char)text.data[i];
		bool letter = c >= 0x80 || (str_lower((char)c) >= 'a' && str_lower((char)c) <= 'z');

		if (c == '.') {
			if (i == 0 || text.data[i - 1] == '.')
				return false;
			dots++;
			letters = 0;
		} else if (letter) {
			letters++;
		} else if (c != '-' && !(c >= '0' && c <= '9')) {
			return false;
		}
	}
	return dots > 0 && letters >= 2;
}

static bool
shown_host(struct arena *arena, struct str shown, struct url *url_r)
{
	struct str host = str_trim(shown);

	host.length = up_to_any(host, " \n\t");
	if (host.length != str_trim(shown).length)
		return false;
	if (url_parse(arena, host, url_r))
		return true;
	host.length = up_to_any(host, "/?#:");
	*url_r = (struct url){ .text = shown, .host = { "", 0 } };
	return looks_like_host(host) && domain_host(arena, host, url_r);
}

/* Where the label begins that ends at a place. */
static size_t
label_begin(struct str host, size_t end)
{
	while (end > 0 && host.data[end - 1] != '.')
		end--;
	return end;
}

/* The last labels of a host, which stand for one party. */
static struct str
party(struct str host)
{
	size_t last = label_begin(host, host.length), begin;

	if (last == 0)
		return host;
	begin = label_begin(host, last - 1);
	if (begin > 0 && host.length - last == 2 && last - 1 - begin <= 3)
		begin = label_begin(host, begin - 1);
	return tail(host, begin);
}

bool
url_mismatch(struct arena *arena, struct str shown, const struct url *target)
{
	struct url url;

	if (!target->host.length || !shown_host(arena, shown, &url))
		return false;
	if (url.ip || target->ip)
		return !str_equal(url.host, target->host);
	return !str_equal(party(url.host), party(target->host));
}
