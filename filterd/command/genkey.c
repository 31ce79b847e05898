/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * filterd genkey: makes a key to sign mail with (DKIM and ARC) and the DNS record that goes with
 * it. It owns two new files, the private key and the record, and overwrites none: one that is
 * there, or that cannot be written whole, ends the command without leaving anything behind.
 */
#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/command/command.h"
#include "filterd/command/genkey_record.h"
#include "filterd/command/options.h"
#include "filterd/util/domain.h"

#define RSA_MINIMUM	1024	/* bits, RFC 8301 section 3.2 */
#define RSA_MAXIMUM	4096	/* what every verifier is able to check, ibid. */
#define RSA_STANDARD	"2048"
#define LABEL_MAXIMUM	63	/* bytes, RFC 1035 section 2.3.4 */

static const char usage[] =
    "usage: filterd genkey --domain DOMAIN --selector SELECTOR [--type rsa|ed25519] [--bits BITS]\n"
    "       [--directory FOLDER] [--owner USER]\n"
    "\n"
    "Makes a key to sign mail with, for the filters dkim-sign and arc-seal. The private key is\n"
    "written to SELECTOR.DOMAIN.pem, for its owner alone, and the DNS record to publish to\n"
    "SELECTOR.DOMAIN.txt and to standard output: as a line of a zone file, and in one piece.\n"
    "Nothing is overwritten.\n"
    "\n"
    "  -d, --domain DOMAIN       whose mail is signed\n"
    "  -s, --selector SELECTOR   name of the key, one or more labels: letters, digits and \"-\"\n"
    "  -t, --type TYPE           rsa, which all verifiers know, or ed25519 (rsa)\n"
    "  -b, --bits BITS           size of an RSA key, 1024 to 4096 (" RSA_STANDARD ")\n"
    "  -D, --directory FOLDER    where the files are written (here)\n"
    "  -o, --owner USER          whose the private key is to be, for root\n"
    "  -h, --help                this text\n"
    "\n"
    "Exit status: 0 when both files are there, 64 when a name or size cannot be one, 67 when\n"
    "there is no such user, 73 when a file is there already or cannot be written.\n";

/* What is asked for. */
struct request {
	const char *domain, *selector, *type, *bits, *folder, *owner;
	const char *name;		/* of the domain, with A-labels */
	uid_t uid;			/* of the owner, when there is one */
	gid_t gid;
};

static int
fail(int status, const char *what, const char *why)
{
	fprintf(stderr, "filterd genkey: %s: %s\n", what, why);
	return status;
}

/* ---- names ---- */

/* Labels of RFC 5321 section 4.1.2, divided by dots, as domains and selectors are. */
static bool
is_name(const char *text)
{
	size_t length = strlen(text);

	while (length > 0) {
		size_t label = strcspn(text, ".");

		if (label == 0 || label > LABEL_MAXIMUM || text[0] == '-' || text[label - 1] == '-')
			return false;
		if (strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-"
		    "_") < label)
			return false;
		if (label == length)
			return true;
		text += label + 1;
		length -= label + 1;
	}
	return false;
}

static int
check_names(struct request *request, char buffer[DOMAIN_TEXT])
{
	struct str name;

	if (!request->domain || !request->selector)
		return fail(EX_USAGE, "--domain and --selector",
		    "both are needed; --help says more");
	name = domain_ascii(str_of(request->domain), buffer);
	request->name = strndup(name.data, name.length);
	if (!request->name || !is_name(request->name) || strlen(request->name) > DOMAIN_MAXIMUM)
		return fail(EX_USAGE, request->domain, "it is no domain");
	if (!is_name(request->selector))
		return fail(EX_USAGE, request->selector, "it is no selector");
	return EX_OK;
}

static int
check_owner(struct request *request)
{
	const struct passwd *user;

	if (!request->owner)
		return EX_OK;
	user = getpwnam(request->owner);
	if (!user)
		return fail(EX_NOUSER, request->owner, "there is no such user");
	request->uid = user->pw_uid;
	request->gid = user->pw_gid;
	return EX_OK;
}

/* ---- the key ---- */

/* NULL: the type or the size is none; standard error says so. */
static EVP_PKEY *
make_key(const struct request *request)
{
	const char *text = request->bits ? request->bits : RSA_STANDARD;
	char *end;
	long bits = strtol(text, &end, 10);
	EVP_PKEY *key;

	if (request->type && strcmp(request->type, "ed25519") == 0) {
		if (request->bits) {
			fail(EX_USAGE, "--bits", "keys of ed25519 have one size");
			return NULL;
		}
		key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	} else if (request->type && strcmp(request->type, "rsa") != 0) {
		fail(EX_USAGE, request->type, "expected rsa or ed25519");
		return NULL;
	} else if (*end || bits < RSA_MINIMUM || bits > RSA_MAXIMUM) {
		fail(EX_USAGE, text, "expected a number of bits from 1024 to 4096");
		return NULL;
	} else {
		key = EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)bits);
	}
	if (!key)
		fail(EX_USAGE, "the key", "OpenSSL cannot make it");
	return key;
}

/* ---- the files ---- */

static FILE *
create(const char *path, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	return fd < 0 ? NULL : fdopen(fd, "w");
}

/* Closes it, and takes it away unless it was written whole. */
static int
finish(FILE *file, const char *path, bool written)
{
	if (file) {
		written = fclose(file) == 0 && written;
		if (!written)
			unlink(path);
	}
	return written ? EX_OK : fail(EX_CANTCREAT, path, strerror(errno));
}

static int
write_private(const struct request *request, const char *path, EVP_PKEY *key)
{
	FILE *file = create(path, 0600);
	bool written = file && PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1;

	if (written && request->owner)
		written = fchown(fileno(file), request->uid, request->gid) == 0;
	return finish(file, path, written);
}

static int
write_record(const char *path, const char *zone)
{
	FILE *file = create(path, 0666);

	return finish(file, path, file && fputs(zone, file) >= 0);
}

static int
write_files(const struct request *request, EVP_PKEY *key, const char *zone)
{
	struct buffer private = { 0 }, record = { 0 };
	const char *folder = request->folder ? request->folder : ".";
	int status;

	buffer_printf(&private, "%s/%s.%s.pem", folder, request->selector, request->name);
	buffer_printf(&record, "%s/%s.%s.txt", folder, request->selector, request->name);
	status = write_private(request, buffer_text(&private), key);
	if (status == EX_OK) {
		status = write_record(buffer_text(&record), zone);
		if (status != EX_OK)
			unlink(buffer_text(&private));
		else
			printf("The private key: %s\nThe DNS record, which %s has too:\n\n",
			    buffer_text(&private), buffer_text(&record));
	}
	buffer_free(&private);
	buffer_free(&record);
	return status;
}

static int
generate(const struct request *request)
{
	EVP_PKEY *key = make_key(request);
	struct buffer value = { 0 }, zone = { 0 };
	int status = EX_USAGE;

	if (!key)
		return EX_USAGE;
	if (genkey_record_value(&value, key)) {
		genkey_record_zone(&zone, request->selector, request->name, buffer_text(&value));
		status = write_files(request, key, buffer_text(&zone));
	}
	if (status == EX_OK)
		printf("%s\nIts value in one piece, for forms that ask for it:\n\n%s\n",
		    buffer_text(&zone), buffer_text(&value));
	buffer_free(&value);
	buffer_free(&zone);
	EVP_PKEY_free(key);
	return status;
}

int
command_genkey(int argc, char **argv)
{
	struct request request = { 0 };
	const struct command_option options[] = {
		{ "domain", 'd', &request.domain, NULL },
		{ "selector", 's', &request.selector, NULL },
		{ "type", 't', &request.type, NULL },
		{ "bits", 'b', &request.bits, NULL },
		{ "directory", 'D', &request.folder, NULL },
		{ "owner", 'o', &request.owner, NULL },
		{ NULL, 0, NULL, NULL }
	};
	char buffer[DOMAIN_TEXT];
	int status;

	if (!command_options(argc, argv, options, usage, &status))
		return status;
	status = check_names(&request, buffer);
	if (status == EX_OK)
		status = check_owner(&request);
	if (status == EX_OK)
		status = generate(&request);
	free((char *)request.name);
	return status;
}
