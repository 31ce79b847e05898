/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of the OpenMetrics text: it keeps to the grammar of OpenMetrics 1.0, read here by the
 * letter, whatever names there are; its numbers are those of the snapshot; and docs/metrics.md
 * lists the families that it has, no more and no less.
 */
#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "filterd/chain/explanation.h"
#include "filterd/chain/state.h"
#include "filterd/service/metrics_snapshot.h"
#include "filterd/service/quarantine_gauges.h"
#include "filterd/service/shadow_counts.h"
#include "filterd/util/memory.h"
#include "filterd/util/utf8.h"

#define FAMILIES	64
#define SERIES		4096

/* ---- a reader by the grammar ---- */

struct family {
	char name[100], type[20], unit[20];
	bool helped;
	unsigned samples;
};

struct series {
	char *text;		/* name and labels as written */
	double value;
};

struct reading {
	const char *at;
	struct family families[FAMILIES];
	size_t family_count;
	struct series series[SERIES];
	size_t series_count;
	/* the histogram at hand: labels without le, what its buckets have come to, last bound */
	char *bucket_of;
	double bucket, bound;
};

static void
expect(struct reading *reading, const char *text)
{
	size_t length = strlen(text);

	if (strncmp(reading->at, text, length) != 0)
		fail_msg("expected \"%s\" at \"%.60s\"", text, reading->at);
	reading->at += length;
}

/* metricname = metricname-initial-char 0*metricname-char, or a label's name, which has no colon. */
static void
read_name(struct reading *reading, char *name, size_t size, bool colon)
{
	size_t length = 0;

	while (isalnum((unsigned char)*reading->at) || *reading->at == '_' ||
	    (colon && *reading->at == ':')) {
		assert_true(length < size - 1);
		assert_true(length || !isdigit((unsigned char)*reading->at));
		name[length++] = *reading->at++;
	}
	name[length] = '\0';
	assert_int_not_equal(length, 0);
}

/* The value of a label or a help text: UTF-8, with \n, \" and \\ escaped. */
static void
read_escaped(struct reading *reading, char end)
{
	while (*reading->at != end) {
		struct str rest = str_of(reading->at);
		uint32_t point;
		size_t length = utf8_next(rest, &point);

		assert_int_not_equal(length, 0);
		assert_int_not_equal(point, '\n');
		assert_true(end == '\n' || point != '"');
		if (point == '\\') {
			assert_non_null(memchr("n\"\\", reading->at[1], 3));
			length = 2;
		}
		reading->at += length;
	}
}

/* realnumber, here without a sign. */
static double
read_number(struct reading *reading)
{
	char *end;
	double number;

	assert_true(isdigit((unsigned char)*reading->at));
	number = strtod(reading->at, &end);
	reading->at = end;
	return number;
}

static struct family *
begin_family(struct reading *reading)
{
	struct family *family = &reading->families[reading->family_count++];
	size_t i;

	assert_true(reading->family_count <= FAMILIES);
	read_name(reading, family->name, sizeof(family->name), true);
	expect(reading, " ");
	read_name(reading, family->type, sizeof(family->type), false);
	for (i = 0; i + 1 < reading->family_count; i++)
		assert_string_not_equal(reading->families[i].name, family->name);
	return family;
}

/* Whether the name ends in what it must, "_seconds". */
static bool
has_suffix(const char *name, const char *suffix)
{
	size_t length = strlen(name), size = strlen(suffix);

	return length > size && strcmp(name + length - size, suffix) == 0;
}

static void
read_descriptor(struct reading *reading)
{
	struct family *family;
	char word[20], name[100], suffix[30];

	read_name(reading, word, sizeof(word), false);
	expect(reading, " ");
	if (strcmp(word, "TYPE") == 0) {
		begin_family(reading);
		expect(reading, "\n");
		return;
	}
	assert_int_not_equal(reading->family_count, 0);
	family = &reading->families[reading->family_count - 1];
	read_name(reading, name, sizeof(name), true);
	assert_string_equal(name, family->name);
	assert_int_equal(family->samples, 0);
	expect(reading, " ");
	if (strcmp(word, "UNIT") == 0) {
		read_name(reading, family->unit, sizeof(family->unit), false);
		snprintf(suffix, sizeof(suffix), "_%s", family->unit);
		assert_true(has_suffix(family->name, suffix));
	} else {
		assert_string_equal(word, "HELP");
		assert_false(family->helped);
		family->helped = true;
		read_escaped(reading, '\n');
	}
	expect(reading, "\n");
}

static bool
is_allowed_suffix(const struct family *family, const char *suffix)
{
	static const char *const allowed[][4] = { { "counter", "_total" }, { "gauge", "" },
		{ "info", "_info" }, { "histogram", "_bucket", "_count", "_sum" } };
	size_t i, j;

	for (i = 0; i < 4; i++)
		for (j = 1; strcmp(allowed[i][0], family->type) == 0 && j < 4 && allowed[i][j]; j++)
			if (strcmp(allowed[i][j], suffix) == 0)
				return true;
	return false;
}

/* labels = "{" [label *("," label)] "}"; the bound of a bucket goes to *le_r, and the text without
 * it is returned. */
static char *
read_labels(struct reading *reading, char le_r[40])
{
	struct buffer others = { 0 };
	const char *before = "{";

	buffer_add_text(&others, "");
	while (*reading->at != ' ') {
		const char *begin = reading->at + 1;
		char name[40];

		expect(reading, before);
		before = ",";
		read_name(reading, name, sizeof(name), false);
		expect(reading, "=\"");
		if (strcmp(name, "le") == 0)
			snprintf(le_r, 40, "%.*s", (int)strcspn(reading->at, "\""), reading->at);
		read_escaped(reading, '"');
		expect(reading, "\"");
		if (strcmp(name, "le") != 0)
			buffer_add(&others, begin, (size_t)(reading->at - begin));
		if (*reading->at == '}')
			break;
	}
	if (before[0] == ',')
		expect(reading, "}");
	return others.data ? others.data : memory_strdup("");
}

/* Buckets of one series stand together, their bounds and values rise, and the last is that of all,
 * which is the count. */
static void
check_bucket(struct reading *reading, const char *others, const char *le, double value)
{
	double bound = strcmp(le, "+Inf") == 0 ? INFINITY : strtod(le, NULL);

	if (!reading->bucket_of) {
		reading->bucket_of = memory_strdup(others);
		reading->bucket = reading->bound = 0;
	}
	assert_string_equal(reading->bucket_of, others);
	assert_true(bound > reading->bound);
	assert_true(value >= reading->bucket);
	reading->bound = bound;
	reading->bucket = value;
}

static void
check_histogram(struct reading *reading, const char *suffix, const char *others, const char *le,
    double value)
{
	if (strcmp(suffix, "_bucket") == 0) {
		assert_int_not_equal(*le, '\0');
		check_bucket(reading, others, le, value);
		return;
	}
	assert_int_equal(*le, '\0');
	if (strcmp(suffix, "_count") != 0)
		return;
	assert_non_null(reading->bucket_of);
	assert_string_equal(reading->bucket_of, others);
	assert_true(isinf(reading->bound));
	assert_true(reading->bucket == value);
	free(reading->bucket_of);
	reading->bucket_of = NULL;
}

static void
keep_series(struct reading *reading, const char *begin, size_t length, double value)
{
	char *text = memory_copy(begin, length);
	size_t i;

	for (i = 0; i < reading->series_count; i++)
		assert_string_not_equal(reading->series[i].text, text);
	assert_true(reading->series_count < SERIES);
	reading->series[reading->series_count++] = (struct series){ text, value };
}

static void
read_sample(struct reading *reading)
{
	const char *begin = reading->at, *end;
	struct family *family;
	char name[120], le[40] = "", *others;
	double value;

	assert_int_not_equal(reading->family_count, 0);
	family = &reading->families[reading->family_count - 1];
	read_name(reading, name, sizeof(name), true);
	assert_int_equal(strncmp(name, family->name, strlen(family->name)), 0);
	assert_true(is_allowed_suffix(family, name + strlen(family->name)));
	others = read_labels(reading, le);
	end = reading->at;
	expect(reading, " ");
	value = read_number(reading);
	expect(reading, "\n");
	if (strcmp(family->type, "histogram") == 0)
		check_histogram(reading, name + strlen(family->name), others, le, value);
	else
		assert_int_equal(*le, '\0');
	free(others);
	family->samples++;
	keep_series(reading, begin, (size_t)(end - begin), value);
}

/* exposition = metricset HASH SP eof [ LF ] */
static struct reading *
read_all(const char *text)
{
	struct reading *reading = memory_alloc(sizeof(*reading));

	reading->at = text;
	while (strcmp(reading->at, "# EOF\n") != 0) {
		if (*reading->at == '#') {
			expect(reading, "# ");
			read_descriptor(reading);
		} else {
			read_sample(reading);
		}
	}
	return reading;
}

static void
forget(struct reading *reading)
{
	size_t i;

	for (i = 0; i < reading->series_count; i++)
		free(reading->series[i].text);
	free(reading);
}

/* ---- a region with something in it ---- */

struct fixture {
	struct metrics *metrics;
	struct metrics_snapshot *snapshot;
	struct buffer text;
	struct reading *reading;
};

static const char *const filters[] = { "spf", "rules" };
static const struct metrics_rule_name rules[] = {
	{ 1, "plain" }, { 1, "a \"b\"\\c\nd" }, { 1, "K\xc3\xa4se" }, { 1, "\xff" },
	{ 0, "x} 1\n# EOF" }
};

static int
setup(void **state)
{
	const struct metrics_layout layout = { "mx", filters, 2, rules, 5, 3 };
	const struct metrics_layout other = { "submission", filters, 1, NULL, 0, 3 };
	static const uint64_t gauges[QUARANTINE_GAUGES] = { 3, 0, 1, 4000, 1700000000, 1 << 30,
		86400 };
	struct fixture *fixture = memory_alloc(sizeof(*fixture));
	struct metrics_listener_sum *mx;

	*state = fixture;
	fixture->metrics = metrics_create();
	if (!shadow_counts_create())
		return -1;
	shadow_counts_use(true);
	if (!quarantine_gauges_create())
		return -1;
	quarantine_gauges_use(true);
	quarantine_gauges_set(gauges);
	if (!fixture->metrics || metrics_slot_open(fixture->metrics, &layout) < 0 ||
	    metrics_slot_open(fixture->metrics, &other) < 0)
		return -1;
	metrics_generation(fixture->metrics, 3);
	metrics_reloaded(fixture->metrics, false);
	fixture->snapshot = metrics_snapshot(fixture->metrics);
	mx = &fixture->snapshot->listeners[0];
	mx->cells[METRICS_MESSAGES + 1] = 42;
	mx->cells[METRICS_SESSIONS_OPEN] = 7;
	mx->cells[METRICS_MESSAGE_BYTES] = UINT64_MAX;
	mx->filters[1].cells[METRICS_SHADOW_EDITS + 2] = 5;
	mx->filters[0].calls.buckets[0] = 3;
	mx->filters[0].calls.buckets[METRICS_BUCKETS - 1] = 2;
	mx->filters[0].calls.count = 5;
	mx->filters[0].calls.nanoseconds = 140000000123;
	openmetrics_write(fixture->snapshot, "1.2", &fixture->text);
	fixture->reading = read_all(fixture->text.data);
	return 0;
}

static int
teardown(void **state)
{
	struct fixture *fixture = *state;

	forget(fixture->reading);
	buffer_free(&fixture->text);
	metrics_snapshot_destroy(&fixture->snapshot);
	metrics_destroy(&fixture->metrics);
	shadow_counts_destroy();
	quarantine_gauges_destroy();
	free(fixture);
	return 0;
}

static void
assert_series(const struct fixture *fixture, const char *text, double value)
{
	const struct reading *reading = fixture->reading;
	size_t i;

	for (i = 0; i < reading->series_count; i++) {
		if (strcmp(reading->series[i].text, text) != 0)
			continue;
		if (reading->series[i].value != value)
			fail_msg("%s is %.17g", text, reading->series[i].value);
		return;
	}
	fail_msg("there is no series %s", text);
}

static void
test_numbers_are_those_of_the_snapshot(void **state)
{
	const struct fixture *f = *state;

	assert_series(f, "filterd_build_info{version=\"1.2\"}", 1);
	assert_series(f, "filterd_generation", 3);
	assert_series(f, "filterd_reloads_total{result=\"success\"}", 0);
	assert_series(f, "filterd_reloads_total{result=\"failure\"}", 1);
	assert_series(f, "filterd_messages_total{listener=\"mx\",verdict=\"reject\"}", 42);
	assert_series(f, "filterd_messages_total{listener=\"submission\",verdict=\"reject\"}", 0);
	assert_series(f, "filterd_sessions_open{listener=\"mx\"}", 7);
	assert_series(f, "filterd_message_bytes_total{listener=\"mx\"}", (double)UINT64_MAX);
	assert_series(f, "filterd_filter_shadow_edits_total{listener=\"mx\",filter=\"rules\","
	    "edit=\"set-header\"}", 5);
	assert_series(f, "filterd_filter_edits_total{listener=\"mx\",filter=\"rules\","
	    "edit=\"set-header\"}", 0);
	assert_series(f, "filterd_filter_call_seconds_bucket{listener=\"mx\",filter=\"spf\","
	    "le=\"1e-06\"}", 3);
	assert_series(f, "filterd_filter_call_seconds_bucket{listener=\"mx\",filter=\"spf\","
	    "le=\"67.108864\"}", 3);
	assert_series(f, "filterd_filter_call_seconds_bucket{listener=\"mx\",filter=\"spf\","
	    "le=\"+Inf\"}", 5);
	assert_series(f, "filterd_filter_call_seconds_count{listener=\"mx\",filter=\"spf\"}", 5);
	assert_series(f, "filterd_filter_call_seconds_sum{listener=\"mx\",filter=\"spf\"}",
	    140.000000123);
}

static void
test_every_family_is_described_and_has_samples(void **state)
{
	const struct fixture *fixture = *state;
	const struct reading *reading = fixture->reading;
	size_t i;

	assert_true(reading->family_count > 20);
	for (i = 0; i < reading->family_count; i++) {
		assert_true(reading->families[i].helped);
		assert_int_not_equal(reading->families[i].samples, 0);
		assert_int_equal(strncmp(reading->families[i].name, "filterd_", 8), 0);
	}
}

static void
test_names_are_escaped(void **state)
{
	const struct fixture *f = *state;

	assert_series(f, "filterd_rule_hits_total{listener=\"mx\",filter=\"rules\","
	    "rule=\"plain\"}", 0);
	assert_series(f, "filterd_rule_hits_total{listener=\"mx\",filter=\"rules\","
	    "rule=\"a \\\"b\\\"\\\\c\\nd\"}", 0);
	assert_series(f, "filterd_rule_hits_total{listener=\"mx\",filter=\"rules\","
	    "rule=\"K\xc3\xa4se\"}", 0);
	assert_series(f, "filterd_rule_hits_total{listener=\"mx\",filter=\"rules\","
	    "rule=\"\xef\xbf\xbd\"}", 0);
	assert_series(f, "filterd_rule_hits_total{listener=\"mx\",filter=\"spf\","
	    "rule=\"x} 1\\n# EOF\"}", 0);
}

static void
test_nothing_to_tell_is_well_formed(void **state)
{
	struct metrics_snapshot *snapshot = metrics_snapshot(NULL);
	struct buffer text = { 0 };

	(void)state;
	openmetrics_write(snapshot, "1", &text);
	forget(read_all(text.data));
	buffer_free(&text);
	metrics_snapshot_destroy(&snapshot);
}

/* ---- the same things have the same names elsewhere ---- */

static const struct metrics_family *
find_family(const struct metrics_family *family, unsigned cell)
{
	while (family->cell != cell || !family->name)
		family++;
	return family;
}

static void
test_labels_are_the_names_of_the_chain(void **state)
{
	const struct metrics_family *edits = find_family(metrics_filter_families, METRICS_EDITS);
	const struct metrics_family *verdicts = find_family(
	    metrics_filter_families, METRICS_VERDICTS);
	unsigned i;

	(void)state;
	assert_int_equal(metrics_family_size(edits), METRICS_EDIT_KINDS);
	for (i = 0; i < METRICS_EDIT_KINDS; i++)
		assert_string_equal(edits->values[i], edit_name((enum edit_kind)i));
	assert_int_equal(metrics_family_size(verdicts), METRICS_FILTER_VERDICTS);
	for (i = 0; i < METRICS_FILTER_VERDICTS; i++)
		assert_string_equal(verdicts->values[i], verdict_name((enum mf_verdict)i));
}

/* Each cell is in one family: the families follow one another without a gap. */
static void
check_cells(const struct metrics_family *families, unsigned count)
{
	unsigned *used = memory_array(count, sizeof(*used)), i;
	const struct metrics_family *family;

	for (family = families; family->name; family++)
		for (i = 0; i < metrics_family_size(family); i++) {
			assert_true(family->cell + i < count);
			used[family->cell + i]++;
		}
	for (i = 0; i < count; i++)
		assert_int_equal(used[i], 1);
	free(used);
}

static void
test_each_cell_has_its_family(void **state)
{
	(void)state;
	check_cells(metrics_listener_families, METRICS_LISTENER_CELLS);
	check_cells(metrics_filter_families, METRICS_FILTER_CELLS);
}

static void
test_json_has_the_same_numbers(void **state)
{
	const struct fixture *fixture = *state;
	struct buffer text = { 0 };
	json_t *json, *mx, *other, *spf, *rules_filter;
	json_int_t generation, failures, rejected, edited, hits, count, sum;
	const char *version, *name;

	fixture->snapshot->listeners[0].cells[METRICS_MESSAGE_BYTES] = 0;
	metrics_json(fixture->snapshot, "1.2", &text);
	json = json_loads(text.data, JSON_REJECT_DUPLICATES, NULL);
	assert_non_null(json);
	assert_int_equal(json_unpack(json, "{s:s, s:I, s:{s:I}, s:[oo!]}", "version", &version,
	    "generation", &generation, "reloads", "failure", &failures, "listeners", &mx,
	    &other), 0);
	assert_int_equal(json_unpack(mx, "{s:s, s:{s:I}, s:[oo!]}", "name", &name, "messages",
	    "reject", &rejected, "filters", &spf, &rules_filter), 0);
	assert_int_equal(json_unpack(spf, "{s:{s:I, s:I}}", "call_time", "count", &count, "sum_us",
	    &sum), 0);
	assert_int_equal(json_unpack(rules_filter, "{s:{s:I}, s:{s:I}}", "shadow_edits",
	    "set-header", &edited, "rules", "plain", &hits), 0);
	assert_string_equal(version, "1.2");
	assert_string_equal(name, "mx");
	assert_int_equal(generation, 3);
	assert_int_equal(failures, 1);
	assert_int_equal(rejected, 42);
	assert_int_equal(count, 5);
	assert_int_equal(sum, 140000000);
	assert_int_equal(edited, 5);
	assert_int_equal(hits, 0);
	json_decref(json);
	buffer_free(&text);
}

/* ---- the page ---- */

static bool
is_listed(const char *page, const struct family *family)
{
	char line[200];

	snprintf(line, sizeof(line), "\n| `%s%s` | %s |", family->name,
	    strcmp(family->type, "counter") == 0 ? "_total" :
	    strcmp(family->type, "info") == 0 ? "_info" : "", family->type);
	return strstr(page, line) != NULL;
}

static char *
read_page(void)
{
	const char *folder = getenv("SRC_DIR");
	struct buffer path = { 0 }, page = { 0 };
	char bytes[4096];
	size_t got;
	FILE *file;

	buffer_printf(&path, "%s/docs/metrics.md", folder ? folder : ".");
	file = fopen(path.data, "r");
	if (!file)
		fail_msg("%s cannot be read", path.data);
	while ((got = fread(bytes, 1, sizeof(bytes), file)) > 0)
		buffer_add(&page, bytes, got);
	fclose(file);
	buffer_free(&path);
	return page.data;
}

static void
test_the_page_lists_the_families(void **state)
{
	const struct fixture *fixture = *state;
	const struct reading *reading = fixture->reading;
	char *page = read_page(), *at = page;
	size_t listed = 0, i;

	for (i = 0; i < reading->family_count; i++)
		if (!is_listed(page, &reading->families[i]))
			fail_msg("docs/metrics.md does not list %s as %s",
			    reading->families[i].name, reading->families[i].type);
	while ((at = strstr(at, "\n| `filterd_"))) {
		listed++;
		at++;
	}
	assert_int_equal(listed, reading->family_count);
	free(page);
}

int
main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_numbers_are_those_of_the_snapshot),
		TEST(test_every_family_is_described_and_has_samples),
		TEST(test_names_are_escaped),
		cmocka_unit_test(test_nothing_to_tell_is_well_formed),
		cmocka_unit_test(test_labels_are_the_names_of_the_chain),
		cmocka_unit_test(test_each_cell_has_its_family),
		TEST(test_json_has_the_same_numbers),
		TEST(test_the_page_lists_the_families),
	};

	return cmocka_run_group_tests_name("openmetrics", tests, NULL, NULL);
}
