/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What verifying a DKIM signature costs in CPU time, from the text of the fields on, beside what no
 * verifier can do without: OpenSSL's SHA-256 of the body and header and its RSA verification with
 * a key that is ready. The key is one that was seen before, as those of large senders are. Bodies
 * of 2 KB and 5 MB: text, text whose lines all end in a blank (RFC 3676, format=flowed), base64;
 * they come in chunks of 64 KB, as MTAs send them. Measured in turn, the best of several rounds
 * counts. Prints a line a body: microseconds a message, and the ratio, in which less is better.
 */
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "plugins/dkim/base64.h"
#include "plugins/dkim/cache.h"
#include "plugins/dkim/hash.h"

enum { FIELDS = 12, CHUNK = 65535, ROUNDS = 15 };

static const char *const field_texts[FIELDS][2] = {
	{ "Return-Path", " <joe@example.org>" },
	{ "Received", " from mail.example.org (mail.example.org [192.0.2.1])\n"
	    "\tby mx.example.com (Postfix) with ESMTPS id 4Q0000001\n"
	    "\tfor <jane@example.com>; Mon, 30 Nov 2026 12:00:00 +0000 (UTC)" },
	{ "From", " \"Joe Q. Public\" <joe@example.org>" },
	{ "To", " Jane Doe <jane@example.com>" },
	{ "Subject", " Minutes of the meeting, and what is to be done until the next one" },
	{ "Date", " Mon, 30 Nov 2026 12:00:00 +0000" },
	{ "Message-ID", " <20261130120000.4711@mail.example.org>" },
	{ "MIME-Version", " 1.0" },
	{ "Content-Type", " multipart/mixed; boundary=\"=_0123456789abcdef\"" },
	{ "Reply-To", " joe@example.org" },
	{ "X-Mailer", " mailer 1.0" },
	{ "List-Id", " <list.example.org>" }
};

struct scene {
	struct dkim_crypto *crypto;
	struct dkim_cache *cache;
	struct dkim_field fields[FIELDS + 1];	/* the signature first */
	struct dkim_key record;
	char record_text[1000];
	char *body;
	size_t size;
	EVP_PKEY *key;		/* ready, for OpenSSL alone */
};

static void
give_up(const char *what)
{
	fprintf(stderr, "dkim_verify: %s\n", what);
	exit(1);
}

static double
cpu_seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- the message ---- */

enum content { TEXT, FLOWED, BASE64 };
static const char *const content_names[] = { "text", "flowed", "base64" };

static void
fill_body(struct scene *scene, enum content content, size_t size)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456";
	size_t i, column = 0, word = 0;

	scene->body = realloc(scene->body, size);
	scene->size = size;
	srand(1);
	for (i = 0; i + 2 <= size; i++) {
		if (column++ == 76 || i + 2 == size) {
			memcpy(scene->body + i++, "\r\n", 2);
			column = word = 0;
		} else if (content == FLOWED && column == 76) {
			scene->body[i] = ' ';
		} else if (content != BASE64 && column < 75 && word++ > 3 && rand() % 4 == 0) {
			scene->body[i] = ' ';
			word = 0;
		} else {
			scene->body[i] = letters[rand() % 59];
		}
	}
	if (i < size)
		scene->body[i] = 'a';
}

static void
hash_body(const struct scene *scene, const struct dkim_signature *s, uint8_t *hash_r)
{
	struct dkim_digest digest;
	struct dkim_body body;
	size_t at, size;

	if (!dkim_digest_start(scene->crypto, s->algorithm, &digest))
		give_up("no digest");
	dkim_body_start(&body, s->body_canon, DKIM_WHOLE_BODY, dkim_digest_write, &digest);
	for (at = 0; at < scene->size; at += size) {
		size = scene->size - at < CHUNK ? scene->size - at : CHUNK;
		dkim_body_put(&body, scene->body + at, size);
	}
	dkim_body_finish(&body);
	dkim_digest_finish(&digest, hash_r);
}

static void
hash_fields(const struct scene *scene, const struct dkim_signature *s, uint8_t *hash_r)
{
	struct dkim_digest digest;
	struct dkim_output output;

	if (!dkim_digest_start(scene->crypto, s->algorithm, &digest))
		give_up("no digest");
	dkim_output_start(&output, dkim_digest_write, &digest);
	dkim_hash_fields(s->header_canon, scene->fields, FIELDS + 1, 0, s->names, &output);
	dkim_canon_signature(s->header_canon, &scene->fields[0], s->raw_signature, &output);
	dkim_output_flush(&output);
	dkim_digest_finish(&digest, hash_r);
}

static struct dkim_signature
read_signature(const struct scene *scene)
{
	struct dkim_signature s;
	const char *error;

	/* While it is made it has no b=. */
	if (dkim_signature_parse(DKIM_KIND_SIGNATURE, scene->fields[0].value, &s, &error) >
	    DKIM_FAULT_SYNTAX)
		give_up(error);
	return s;
}

/* Signs it: the first field, in text[]. */
static void
sign(struct scene *scene, const char *canon, char text[2000])
{
	static const char format[] = " v=1; a=rsa-sha256; c=%s/%s; d=example.org; s=one;\n"
	    "\th=From:To:Subject:Date:Message-ID:MIME-Version:Content-Type:Reply-To;\n"
	    "\tbh=%s;\n\tb=%s";
	char hash_text[DKIM_BASE64_ROOM(DKIM_HASH_MAX)] = "", signature[DKIM_BASE64_ROOM(512)];
	uint8_t hash[DKIM_HASH_MAX] = { 0 }, bytes[DKIM_SIGNATURE_MAX];
	struct dkim_signature s;
	size_t size;

	dkim_base64_encode(hash, sizeof(hash), hash_text);
	snprintf(text, 2000, format, canon, canon, hash_text, "");
	scene->fields[0].name = dkim_text_of("DKIM-Signature");
	scene->fields[0].value = dkim_text_of(text);
	s = read_signature(scene);
	hash_body(scene, &s, hash);
	dkim_base64_encode(hash, sizeof(hash), hash_text);
	snprintf(text, 2000, format, canon, canon, hash_text, "");
	scene->fields[0].value = dkim_text_of(text);
	s = read_signature(scene);
	hash_fields(scene, &s, hash);
	if (!dkim_sign(scene->crypto, scene->key, DKIM_RSA_SHA256, hash, bytes, &size))
		give_up("cannot sign");
	dkim_base64_encode(bytes, size, signature);
	snprintf(text, 2000, format, canon, canon, hash_text, signature);
	scene->fields[0].value = dkim_text_of(text);
}

/* A key of 2048 bits, and its record. */
static void
make_key(struct scene *scene)
{
	unsigned char *der = NULL;
	char text[800];
	int size;

	scene->key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)2048);
	size = scene->key ? i2d_PUBKEY(scene->key, &der) : 0;
	if (size <= 0 || (size_t)size > 512)
		give_up("no key");
	dkim_base64_encode(der, (size_t)size, text);
	OPENSSL_free(der);
	snprintf(scene->record_text, sizeof(scene->record_text), "v=DKIM1; k=rsa; p=%s", text);
}

/* ---- the two ways ---- */

static void
verify_whole(const struct scene *scene)
{
	struct dkim_signature s = read_signature(scene);
	uint8_t hash[DKIM_HASH_MAX];
	struct dkim_key record;
	const char *error;
	struct dkim_public key;

	hash_body(scene, &s, hash);
	if (memcmp(hash, s.body_hash, sizeof(hash)) != 0)
		give_up("the body differs");
	hash_fields(scene, &s, hash);
	if (dkim_key_parse(dkim_text_of(scene->record_text), &record) ||
	    dkim_key_refusal(&record, &s))
		give_up("the key is refused");
	key = dkim_cache_key(scene->cache, scene->crypto, &record, &error);
	if (!key.key ||
	    dkim_verify(scene->crypto, &key, s.algorithm, hash, s.signature) != DKIM_VERIFIED)
		give_up("the signature is wrong");
	dkim_public_free(&key);
}

/* OpenSSL alone: as much is hashed, and the context for RSA is ready. */
static void
verify_bare(EVP_MD_CTX *digest, const EVP_MD *md, EVP_PKEY_CTX *rsa, const struct scene *scene)
{
	static const char header[800];
	static uint8_t signature[256];
	uint8_t hash[DKIM_HASH_MAX];

	EVP_DigestInit_ex2(digest, md, NULL);
	EVP_DigestUpdate(digest, scene->body, scene->size);
	EVP_DigestFinal_ex(digest, hash, NULL);
	EVP_DigestInit_ex2(digest, md, NULL);
	EVP_DigestUpdate(digest, header, sizeof(header));
	EVP_DigestFinal_ex(digest, hash, NULL);
	/* A wrong signature takes as long as a right one. */
	EVP_PKEY_verify(rsa, signature, sizeof(signature), hash, sizeof(hash));
}

static EVP_PKEY_CTX *
bare_context(const struct scene *scene, const EVP_MD *md)
{
	EVP_PKEY_CTX *rsa = EVP_PKEY_CTX_new_from_pkey(NULL, scene->key, NULL);

	if (!rsa || EVP_PKEY_verify_init(rsa) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding(rsa, RSA_PKCS1_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_signature_md(rsa, md) != 1)
		give_up("no context");
	return rsa;
}

static void
measure(struct scene *scene, enum content content, const char *canon, size_t size)
{
	double whole = 1e9, bare = 1e9, begun;
	size_t messages = size > 100000 ? 4 : 400, round, i;
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);
	EVP_PKEY_CTX *rsa = bare_context(scene, md);
	EVP_MD_CTX *digest = EVP_MD_CTX_new();
	char signature[2000];

	fill_body(scene, content, size);
	sign(scene, canon, signature);
	for (round = 0; round < ROUNDS; round++) {
		begun = cpu_seconds();
		for (i = 0; i < messages; i++)
			verify_whole(scene);
		begun = (cpu_seconds() - begun) / (double)messages;
		whole = begun < whole ? begun : whole;
		begun = cpu_seconds();
		for (i = 0; i < messages; i++)
			verify_bare(digest, md, rsa, scene);
		begun = (cpu_seconds() - begun) / (double)messages;
		bare = begun < bare ? begun : bare;
	}
	printf("%8zu bytes of %-6s %-8s %10.1f us, OpenSSL alone %10.1f us, ratio %.2f\n", size,
	    content_names[content], canon, whole * 1e6, bare * 1e6, whole / bare);
	EVP_MD_CTX_free(digest);
	EVP_PKEY_CTX_free(rsa);
	EVP_MD_free(md);
}

int
main(void)
{
	static const size_t sizes[] = { 2048, 5 << 20 };
	static struct scene scene;
	size_t i;

	scene.crypto = dkim_crypto_create();
	scene.cache = dkim_cache_create();
	for (i = 0; i < FIELDS; i++)
		scene.fields[i + 1] = (struct dkim_field){ dkim_text_of(field_texts[i][0]),
		    dkim_text_of(field_texts[i][1]) };
	make_key(&scene);
	for (i = 0; i < 2; i++) {
		measure(&scene, TEXT, "simple", sizes[i]);
		measure(&scene, TEXT, "relaxed", sizes[i]);
		measure(&scene, FLOWED, "relaxed", sizes[i]);
		measure(&scene, BASE64, "relaxed", sizes[i]);
	}
	EVP_PKEY_free(scene.key);
	dkim_cache_destroy(&scene.cache);
	dkim_crypto_destroy(&scene.crypto);
	free(scene.body);
	return 0;
}
