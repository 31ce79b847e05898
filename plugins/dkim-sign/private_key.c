/* SPDX-License-Identifier: BSD-2-Clause */
/* Private keys. A file that others can read or change is refused: whoever has the key can sign as its
 * domain, and nobody would notice. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "plugins/dkim/base64.h"
#include "plugins/dkim-sign/private_key.h"

enum {
	RSA_MINIMUM = 1024,		/* bits, RFC 8301 section 3.2 */
	KEY_MAXIMUM = 16 * 1024		/* bytes of DER */
};

static const char *
check_owner(int fd)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return strerror(errno);
	if (!S_ISREG(status.st_mode))
		return "it is no file";
	if (status.st_uid != 0 && status.st_uid != geteuid())
		return "it must belong to root or to the user that filterd runs as";
	if (status.st_mode & S_IRWXO)
		return "others have access to it: chmod o-rwx";
	if (status.st_mode & (S_IWGRP | S_IXGRP))
		return "its group may write to it: chmod g-wx";
	return NULL;
}

/* Takes the key. */
static const char *
accept_key(EVP_PKEY *pkey, struct private_key *key_r)
{
	const char *wrong = NULL;

	key_r->pkey = pkey;
	if (!pkey)
		return "it has no private key that can be read (PEM, without a password)";
	if (EVP_PKEY_get_base_id(pkey) == EVP_PKEY_ED25519)
		key_r->algorithm = DKIM_ED25519_SHA256;
	else if (EVP_PKEY_get_base_id(pkey) != EVP_PKEY_RSA)
		wrong = "its key is neither of RSA nor of Ed25519";
	else if (EVP_PKEY_get_bits(pkey) < RSA_MINIMUM)
		wrong = "its RSA key has less than 1024 bits, which verifiers do not accept";
	else
		key_r->algorithm = DKIM_RSA_SHA256;
	if (wrong)
		private_key_free(key_r);
	return wrong;
}

/* A key that wants a password gets none: nobody is there to be asked for it. */
static int
no_password(char *buffer, int size, int writing, void *argument)
{
	(void)buffer;
	(void)size;
	(void)writing;
	(void)argument;
	return -1;
}

static const char *
read_key(int fd, struct private_key *key_r)
{
	FILE *file = fdopen(fd, "r");
	EVP_PKEY *pkey;

	if (!file) {
		close(fd);
		return strerror(errno);
	}
	pkey = PEM_read_PrivateKey(file, NULL, no_password, NULL);
	fclose(file);
	return accept_key(pkey, key_r);
}

const char *
private_key_load(const char *path, struct private_key *key_r)
{
	const char *wrong;
	int fd;

	*key_r = (struct private_key){ 0 };
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		return strerror(errno);
	wrong = check_owner(fd);
	if (wrong) {
		close(fd);
		return wrong;
	}
	return read_key(fd, key_r);
}

const char *
private_key_decode(struct dkim_text base64, struct private_key *key_r)
{
	uint8_t der[KEY_MAXIMUM];
	const unsigned char *at = der;
	size_t size;
	const char *wrong;

	*key_r = (struct private_key){ 0 };
	if (!dkim_base64_decode(base64, der, sizeof(der), &size))
		return "it is neither a path nor a key in base64";
	wrong = accept_key(d2i_AutoPrivateKey(NULL, &at, (long)size), key_r);
	OPENSSL_cleanse(der, sizeof(der));
	return wrong;
}

void
private_key_free(struct private_key *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}
