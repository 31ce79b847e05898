/* SPDX-License-Identifier: BSD-2-Clause */
/* The cache in front of the resolver: what it gives back, for how long, and within which memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "filterd/service/dns_answer.h"
#include "filterd/service/dns_cache.h"

#define SECOND	1000000

static struct dns_name
name(const char *text)
{
	struct dns_name name;

	assert_true(dns_name_parse(str_of(text), &name));
	return name;
}

/* Puts an address that may be kept for so many seconds. */
static void
put(struct dns_cache *cache, const char *of, uint8_t last, uint32_t ttl, int64_t now)
{
	const uint8_t address[] = { 192, 0, 2, last };
	const struct dns_data data = { address, sizeof(address) };
	struct dns_name key = name(of);
	struct mf_dns_answer *answer = dns_answer_make(MF_DNS_A, &data, 1, &key);
	struct dns_shared *shared;

	answer->ttl = ttl;
	shared = dns_shared_create(answer);
	dns_cache_put(cache, &key, MF_DNS_A, shared, now);
	dns_shared_release(&shared);
}

/* The last byte of the address; 0: nothing is kept. */
static uint8_t
find(struct dns_cache *cache, const char *of, int64_t now, uint32_t *ttl_r)
{
	struct dns_name key = name(of);
	struct dns_shared *shared = dns_cache_find(cache, &key, MF_DNS_A, now, ttl_r);
	uint8_t last;

	if (!shared)
		return 0;
	last = ((const uint8_t *)dns_shared_answer(shared)->records[0].data)[3];
	dns_shared_release(&shared);
	return last;
}

static void
answers_are_given_back_until_their_time(void **state)
{
	struct dns_cache *cache = dns_cache_create(1 << 20);
	uint32_t ttl = 0;

	(void)state;
	put(cache, "a.example", 1, 60, 5 * SECOND);
	put(cache, "B.example", 2, 60, 5 * SECOND);
	assert_int_equal(find(cache, "A.example.", 5 * SECOND, &ttl), 1);
	assert_int_equal(ttl, 60);
	assert_int_equal(find(cache, "b.example", 45 * SECOND, &ttl), 2);
	assert_int_equal(ttl, 20);
	assert_int_equal(find(cache, "a.example", 65 * SECOND - 1, &ttl), 1);
	assert_int_equal(ttl, 1);
	assert_int_equal(find(cache, "a.example", 65 * SECOND, &ttl), 0);
	assert_int_equal(find(cache, "c.example", 5 * SECOND, &ttl), 0);
	dns_cache_destroy(&cache);
}

static void
a_newer_answer_takes_the_place(void **state)
{
	struct dns_cache *cache = dns_cache_create(1 << 20);
	uint32_t ttl;

	(void)state;
	put(cache, "a.example", 1, 60, 0);
	put(cache, "a.example", 2, 60, 30 * SECOND);
	assert_int_equal(find(cache, "a.example", 70 * SECOND, &ttl), 2);
	dns_cache_destroy(&cache);
}

static void
types_are_kept_apart(void **state)
{
	struct dns_cache *cache = dns_cache_create(1 << 20);
	struct dns_name key = name("a.example");
	uint32_t ttl;

	(void)state;
	put(cache, "a.example", 1, 60, 0);
	assert_null(dns_cache_find(cache, &key, MF_DNS_TXT, 0, &ttl));
	dns_cache_destroy(&cache);
}

static void
what_may_not_be_kept_is_not(void **state)
{
	struct dns_cache *cache = dns_cache_create(1 << 20);
	uint32_t ttl;

	(void)state;
	put(cache, "a.example", 1, 0, 0);
	assert_int_equal(find(cache, "a.example", 0, &ttl), 0);
	dns_cache_destroy(&cache);
}

static void
failures_are_kept_for_a_moment(void **state)
{
	struct dns_cache *cache = dns_cache_create(1 << 20);
	struct dns_name key = name("a.example");
	struct dns_shared *shared = dns_shared_create(dns_answer_empty(MF_DNS_SERVFAIL));
	uint32_t ttl = 1;

	(void)state;
	dns_cache_put(cache, &key, MF_DNS_A, shared, 0);
	dns_shared_release(&shared);
	shared = dns_cache_find(cache, &key, MF_DNS_A, 5 * SECOND - 1, &ttl);
	assert_int_equal(dns_shared_answer(shared)->status, MF_DNS_SERVFAIL);
	assert_int_equal(ttl, 0);
	dns_shared_release(&shared);
	assert_null(dns_cache_find(cache, &key, MF_DNS_A, 5 * SECOND, &ttl));
	dns_cache_destroy(&cache);
}

/* What has not been used for longest goes; what is held stays with who holds it. */
static void
memory_is_bounded(void **state)
{
	struct dns_cache *cache = dns_cache_create(16384);
	struct dns_name first = name("n0.example");
	struct dns_shared *held;
	char text[32];
	uint32_t ttl;
	unsigned i, kept = 0;

	(void)state;
	put(cache, "n0.example", 7, 60, 0);
	held = dns_cache_find(cache, &first, MF_DNS_A, 0, &ttl);
	assert_non_null(held);
	for (i = 1; i < 1000; i++) {
		snprintf(text, sizeof(text), "n%u.example", i);
		put(cache, text, 9, 60, i);
	}
	for (i = 0; i < 1000; i++) {
		snprintf(text, sizeof(text), "n%u.example", i);
		kept += find(cache, text, 1000, &ttl) != 0;
	}
	assert_in_range(kept, 4, 16384 / DNS_NAME_TEXT);
	assert_int_equal(find(cache, "n999.example", 1000, &ttl), 9);
	dns_cache_destroy(&cache);
	assert_int_equal(((const uint8_t *)dns_shared_answer(held)->records[0].data)[3], 7);
	dns_shared_release(&held);
}

static void
what_is_larger_than_all_is_not_kept(void **state)
{
	struct dns_cache *cache = dns_cache_create(256);
	uint32_t ttl;

	(void)state;
	put(cache, "a.example", 1, 60, 0);
	assert_int_equal(find(cache, "a.example", 0, &ttl), 0);
	dns_cache_destroy(&cache);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_given_back_until_their_time),
		cmocka_unit_test(a_newer_answer_takes_the_place),
		cmocka_unit_test(types_are_kept_apart),
		cmocka_unit_test(what_may_not_be_kept_is_not),
		cmocka_unit_test(failures_are_kept_for_a_moment),
		cmocka_unit_test(memory_is_bounded),
		cmocka_unit_test(what_is_larger_than_all_is_not_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
