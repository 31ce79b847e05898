/* SPDX-License-Identifier: BSD-2-Clause */
/* Private keys: which files are taken, and which are refused and why. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "plugins/dkim/base64.h"
#include "plugins/dkim-sign/private_key.h"

static char path[] = "/tmp/filterd-private-key-XXXXXX";

static int
make_file(void **state)
{
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	close(fd);
	return 0;
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(path);
}

static void
write_key(EVP_PKEY *key, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_non_null(key);
	assert_int_equal(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
	EVP_PKEY_free(key);
}

static void
assert_refused(const char *text)
{
	struct private_key key;
	const char *wrong = private_key_load(path, &key);

	assert_non_null(wrong);
	if (!strstr(wrong, text))
		fail_msg("\"%s\" is not in \"%s\"", text, wrong);
	assert_null(key.pkey);
}

static void
assert_taken(enum dkim_algorithm algorithm)
{
	struct private_key key;

	assert_null(private_key_load(path, &key));
	assert_non_null(key.pkey);
	assert_int_equal(key.algorithm, algorithm);
	private_key_free(&key);
	assert_null(key.pkey);
}

static void
test_kinds(void **state)
{
	(void)state;
	write_key(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024), 0600);
	assert_taken(DKIM_RSA_SHA256);
	write_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), 0600);
	assert_taken(DKIM_ED25519_SHA256);
	write_key(EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)768), 0600);
	assert_refused("less than 1024 bits");
	write_key(EVP_PKEY_Q_keygen(NULL, NULL, "EC", "P-256"), 0600);
	assert_refused("neither");
}

static void
test_modes(void **state)
{
	static const struct { mode_t mode; const char *refusal; } samples[] = {
		{ 0400, NULL }, { 0600, NULL }, { 0640, NULL }, { 0440, NULL },
		{ 0604, "chmod o-rwx" }, { 0644, "chmod o-rwx" }, { 0601, "chmod o-rwx" },
		{ 0660, "chmod g-wx" }
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		write_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), 0600);
		assert_int_equal(chmod(path, samples[i].mode), 0);
		if (samples[i].refusal)
			assert_refused(samples[i].refusal);
		else
			assert_taken(DKIM_ED25519_SHA256);
		assert_int_equal(chmod(path, 0600), 0);
	}
}

static void
test_owner(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	write_key(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"), 0600);
	assert_int_equal(chown(path, 65534, (gid_t)-1), 0);
	assert_refused("must belong to root");
	assert_int_equal(chown(path, 0, (gid_t)-1), 0);
	assert_taken(DKIM_ED25519_SHA256);
}

static void
test_no_key(void **state)
{
	struct private_key key;

	(void)state;
	assert_int_equal(truncate(path, 0), 0);
	assert_refused("private key");
	assert_string_equal(private_key_load("/tmp", &key), "it is no file");
	assert_string_equal(private_key_load("/nowhere/at/all", &key), "No such file or directory");
}

static void
test_base64(void **state)
{
	char text[DKIM_BASE64_ROOM(4096)];
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)1024);
	unsigned char *der = NULL;
	struct private_key key;
	int size;

	(void)state;
	size = i2d_PrivateKey(pkey, &der);
	assert_true(size > 0);
	dkim_base64_encode(der, (size_t)size, text);
	assert_null(private_key_decode(dkim_text_of(text), &key));
	assert_int_equal(key.algorithm, DKIM_RSA_SHA256);
	private_key_free(&key);
	assert_non_null(private_key_decode(dkim_text_of("MC4CAQAw"), &key));
	assert_non_null(private_key_decode(dkim_text_of("keys/main.pem"), &key));
	OPENSSL_free(der);
	EVP_PKEY_free(pkey);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds), cmocka_unit_test(test_modes),
		cmocka_unit_test(test_owner), cmocka_unit_test(test_no_key),
		cmocka_unit_test(test_base64)
	};

	return cmocka_run_group_tests(tests, make_file, remove_file);
}
