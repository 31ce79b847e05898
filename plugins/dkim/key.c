/* SPDX-License-Identifier: BSD-2-Clause */
#include "plugins/dkim/key.h"

/* v= must be the first tag if it is there, and byte for byte this. */
static const char *
check_version(const struct dkim_tags *tags)
{
	const struct dkim_tag *version = dkim_tags_find(tags, "v");

	if (!version)
		return NULL;
	if (version != &tags->items[0])
		return "v= is not the first tag of the key record";
	if (version->value.length != 5 || memcmp(version->value.data, "DKIM1", 5) != 0)
		return "the key record is of another version";
	return NULL;
}

static const char *
read_type(const struct dkim_tags *tags, struct dkim_key *key)
{
	const struct dkim_tag *type = dkim_tags_find(tags, "k");

	key->type = DKIM_KEY_RSA;
	if (!type || dkim_text_is(type->value, "rsa"))
		return NULL;
	key->type = DKIM_KEY_ED25519;
	return dkim_text_is(type->value, "ed25519") ? NULL : "the key type of k= is not known";
}

const char *
dkim_key_parse(struct dkim_text record, struct dkim_key *key_r)
{
	const struct dkim_tag *data, *tag;
	struct dkim_tags tags;
	const char *error = dkim_tags_parse(record, &tags);

	*key_r = (struct dkim_key){ .sha1 = true, .sha256 = true, .for_email = true };
	if (!dkim_trim(record).length)
		return "the key record is empty";
	if (!error)
		error = check_version(&tags);
	if (!error)
		error = read_type(&tags, key_r);
	if (error)
		return error;
	data = dkim_tags_find(&tags, "p");
	if (!data)
		return "the key record has no p=";
	key_r->data = data->value;
	key_r->revoked = data->value.length == 0;
	if ((tag = dkim_tags_find(&tags, "n")))
		key_r->notes = tag->value;
	if ((tag = dkim_tags_find(&tags, "h"))) {
		key_r->sha1 = dkim_list_has(tag->value, "sha1");
		key_r->sha256 = dkim_list_has(tag->value, "sha256");
	}
	if ((tag = dkim_tags_find(&tags, "s")))
		key_r->for_email = dkim_list_has(tag->value, "email") ||
		    dkim_list_has(tag->value, "*");
	if ((tag = dkim_tags_find(&tags, "t"))) {
		key_r->testing = dkim_list_has(tag->value, "y");
		key_r->strict = dkim_list_has(tag->value, "s");
	}
	return NULL;
}

const char *
dkim_key_refusal(const struct dkim_key *key, const struct dkim_signature *signature)
{
	bool is_ed25519 = signature->algorithm == DKIM_ED25519_SHA256;

	if (!(signature->algorithm == DKIM_RSA_SHA1 ? key->sha1 : key->sha256))
		return "the key is not for this hash (h=)";
	if (key->revoked)
		return "the key is revoked";
	if ((key->type == DKIM_KEY_ED25519) != is_ed25519)
		return "the key is of another type than the signature";
	if (!key->for_email)
		return "the key is not for mail (s=)";
	if (key->strict && signature->kind == DKIM_KIND_SIGNATURE &&
	    strcmp(signature->identity_domain, signature->domain) != 0)
		return "the key is not for subdomains (t=s)";
	return NULL;
}
