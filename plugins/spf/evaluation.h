/* SPDX-License-Identifier: BSD-2-Clause */
/* Inside the evaluator: its state, and what its files ask of each other. */
#ifndef PLUGINS_SPF_EVALUATION_H
#define PLUGINS_SPF_EVALUATION_H

#include "plugins/spf/evaluate.h"
#include "plugins/spf/macro.h"

/* A host name of the client, by its address. */
struct spf_host {
	const char *name;
	enum { SPF_HOST_UNCHECKED, SPF_HOST_VALID, SPF_HOST_INVALID } state;
};

struct spf_evaluation {
	const struct spf_resolver *resolver;
	const struct spf_query *query;
	struct spf_memory memory;
	struct spf_values values;	/* values.domain: whose record is being evaluated */
	enum mf_dns_type address_type;	/* what addresses of the client's family are */
	unsigned lookups;
	unsigned voids;
	unsigned expected;		/* queries started ahead of need */
	unsigned includes;		/* how deep the evaluation is in included records */
	const char *reason;		/* of the last result */
	const char *mechanism;		/* that matched, outside included records */
	struct spf_text explanation;	/* of the record that it stands in */
	/* names of the client, once they have been asked for */
	bool hosts_known;
	bool hosts_void;		/* the DNS says that there are none */
	size_t host_count;
	struct spf_host hosts[SPF_HOSTS_MAXIMUM];
};

/* What has become of a mechanism (section 4.6.2). */
enum spf_match { SPF_MATCH, SPF_NO_MATCH, SPF_MATCH_TEMPERROR, SPF_MATCH_PERMERROR };

/* What a query has brought. */
enum spf_found { SPF_FOUND, SPF_VOID, SPF_FAILED };

/* What a domain-spec has come to. */
enum spf_target {
	SPF_TARGET,		/* a name to ask for */
	SPF_NO_TARGET,		/* nothing that could be asked for: as if it did not exist */
	SPF_TARGET_LIMIT	/* one look-up too many, for its macros */
};

/* Text in the evaluation's memory. */
__attribute__((format(printf, 2, 3))) const char *spf_format(
    struct spf_evaluation *e, const char *format, ...);

/* Counts a term that asks the DNS. False: it is one too many, and the reason says so. */
bool spf_count_lookup(struct spf_evaluation *e);

/* The same of a look-up that has found nothing. */
bool spf_count_void(struct spf_evaluation *e);

/* Asks; the answer has records when it is SPF_FOUND. When it has SPF_FAILED the reason says so. */
enum spf_found spf_lookup(struct spf_evaluation *e, const char *name, enum mf_dns_type type,
    const struct mf_dns_answer **answer_r);

/* Expands a domain-spec; one without data is the current domain. */
enum spf_target spf_find_target(struct spf_evaluation *e, struct spf_text spec,
    char name_r[SPF_NAME_SIZE]);

/* Whether the leading bits of the client's address and another are the same, both being of its
 * family; IPv4 in its 4 bytes when size is 4. */
bool spf_client_in(const struct spf_evaluation *e, const uint8_t *address, size_t size,
    unsigned bits);

/* ip4 and ip6, which need nobody's help. */
bool spf_network_matches(const struct spf_evaluation *e, const struct spf_term *term);

/* Starts the queries that a record is going to need. */
void spf_expect_terms(struct spf_evaluation *e, const struct spf_record *record);

/* Any mechanism but include. */
enum spf_match spf_match_term(struct spf_evaluation *e, const struct spf_term *term);

/* check_host() for another domain, in the same evaluation (section 5.2). */
enum spf_result spf_check_host(struct spf_evaluation *e, const char *domain);

/* Whether a name of the client that is within the domain is valid (section 5.5). */
bool spf_client_is_within(struct spf_evaluation *e, const char *domain);

/* The validated name for macro "p" (section 7.3). */
const char *spf_client_name(struct spf_evaluation *e);

/* The explanation that a domain-spec leads to; NULL: none (section 6.2). */
const char *spf_explain(struct spf_evaluation *e, struct spf_text spec);

#endif
