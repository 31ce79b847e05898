/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "plugins/dkim/rsa.h"

enum { INTEGER = 0x02, BIT_STRING = 0x03, SEQUENCE = 0x30 };

struct der {
	const uint8_t *data;
	size_t size;
};

/* Takes the length of an element off, which must be written as short as it can be. */
static bool
take_length(struct der *in, size_t *length_r)
{
	size_t length, bytes;

	if (!in->size)
		return false;
	length = *in->data++;
	in->size--;
	if (length >= 0x80) {
		bytes = length - 0x80;
		if (bytes < 1 || bytes > 2 || bytes > in->size || in->data[0] == 0)
			return false;
		for (length = 0; bytes; bytes--, in->size--)
			length = length << 8 | *in->data++;
		if (length < 0x80)
			return false;
	}
	*length_r = length;
	return length <= in->size;
}

/* Takes an element with this tag off; *content_r is what is in it. */
static bool
take(struct der *in, uint8_t tag, struct der *content_r)
{
	size_t length;

	if (!in->size || in->data[0] != tag)
		return false;
	in->data++;
	in->size--;
	if (!take_length(in, &length))
		return false;
	*content_r = (struct der){ in->data, length };
	in->data += length;
	in->size -= length;
	return true;
}

/* A positive integer, without the zero byte that keeps it positive. */
static bool
take_number(struct der *in, const uint8_t **number_r, size_t *size_r)
{
	struct der number;

	if (!take(in, INTEGER, &number) || !number.size || number.data[0] >= 0x80)
		return false;
	if (number.data[0] == 0) {
		number.data++;
		number.size--;
	}
	*number_r = number.data;
	*size_r = number.size;
	return number.size && number.data[0] != 0;
}

/* What stands in an RSAPublicKey. */
static bool
read_numbers(struct der in, struct dkim_rsa *rsa_r)
{
	size_t size;

	if (!take_number(&in, &rsa_r->modulus, &rsa_r->modulus_size) ||
	    !take_number(&in, &rsa_r->exponent, &rsa_r->exponent_size) || in.size)
		return false;
	size = rsa_r->exponent_size;
	return size <= 8 && rsa_r->exponent[size - 1] % 2 == 1 &&
	    (size > 1 || rsa_r->exponent[0] > 1);
}

/* rsaEncryption, 1.2.840.113549.1.1.1, with parameters NULL or none. */
static bool
is_rsa(struct der algorithm)
{
	static const uint8_t expected[] = {
		0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00
	};

	return (algorithm.size == sizeof(expected) || algorithm.size == sizeof(expected) - 2) &&
	    memcmp(algorithm.data, expected, algorithm.size) == 0;
}

bool
dkim_rsa_parse(const uint8_t *der, size_t size, struct dkim_rsa *rsa_r)
{
	struct der in = { der, size }, outer, algorithm, bits, key;

	if (!take(&in, SEQUENCE, &outer) || in.size)
		return false;
	if (!outer.size || outer.data[0] != SEQUENCE)
		return read_numbers(outer, rsa_r);
	if (!take(&outer, SEQUENCE, &algorithm) || !is_rsa(algorithm) ||
	    !take(&outer, BIT_STRING, &bits) || outer.size)
		return false;
	/* A bit string begins with how many bits of its last byte are unused. */
	if (!bits.size || bits.data[0] != 0)
		return false;
	bits.data++;
	bits.size--;
	return take(&bits, SEQUENCE, &key) && !bits.size && read_numbers(key, rsa_r);
}
