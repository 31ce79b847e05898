/* SPDX-License-Identifier: BSD-2-Clause */
/* Private keys. A file that others can read or change is refused: whoever has the key can sign
 * as its domain, and nobody would notice. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/err.h>
#include <openssl/x509.h>

#include "plugins/dkim/base64.h"
#include "plugins/dkim-sign/private_key.h"

enum {
	RSA_MINIMUM = 1024,		/* bits, RFC 8301 section 3.2 */
	KEY_MAXIMUM = 16 * 1024		/* bytes of a file or of DER */
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
accept_key(EVP_PKEY *pkey, enum dkim_key_type type, struct private_key *key_r)
{
	key_r->pkey = pkey;
	key_r->algorithm = type == DKIM_KEY_ED25519 ? DKIM_ED25519_SHA256 : DKIM_RSA_SHA256;
	if (type == DKIM_KEY_ED25519 || EVP_PKEY_get_bits(pkey) >= RSA_MINIMUM)
		return NULL;
	private_key_free(key_r);
	return "its RSA key has less than 1024 bits, which verifiers do not accept";
}

static const char *
read_key(int fd, struct private_key *key_r)
{
	char pem[KEY_MAXIMUM];
	ssize_t size = read(fd, pem, sizeof(pem));
	enum dkim_key_type type;
	const char *wrong = NULL;
	EVP_PKEY *pkey;

	if (size < 0)
		return strerror(errno);
	pkey = dkim_private_key(pem, (size_t)size, &type, &wrong);
	OPENSSL_cleanse(pem, sizeof(pem));
	return pkey ? accept_key(pkey, type, key_r) : wrong;
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
	if (!wrong)
		wrong = read_key(fd, key_r);
	close(fd);
	return wrong;
}

const char *
private_key_decode(struct dkim_text base64, struct private_key *key_r)
{
	uint8_t der[KEY_MAXIMUM];
	const unsigned char *at = der;
	EVP_PKEY *pkey;
	size_t size;
	int type;

	*key_r = (struct private_key){ 0 };
	if (!dkim_base64_decode(base64, der, sizeof(der), &size))
		return "it is neither a path nor a key in base64";
	pkey = d2i_AutoPrivateKey(NULL, &at, (long)size);
	OPENSSL_cleanse(der, sizeof(der));
	ERR_clear_error();
	type = pkey ? EVP_PKEY_get_base_id(pkey) : EVP_PKEY_NONE;
	if (type == EVP_PKEY_RSA)
		return accept_key(pkey, DKIM_KEY_RSA, key_r);
	if (type == EVP_PKEY_ED25519)
		return accept_key(pkey, DKIM_KEY_ED25519, key_r);
	EVP_PKEY_free(pkey);
	return "it is no key of RSA or Ed25519 in base64 of DER";
}

void
private_key_free(struct private_key *key)
{
	EVP_PKEY_free(key->pkey);
	key->pkey = NULL;
}
