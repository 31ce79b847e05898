/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's table as plugins see it (struct mf_host): host.c has it, its functions are in
 * host_*.c. Private to chain/. */
#ifndef FILTERD_CHAIN_HOST_H
#define FILTERD_CHAIN_HOST_H

#include <filterd/plugin.h>

extern const struct mf_host host_table;

/* ---- host_time.c ---- */

int64_t host_now(struct mf_context *c);
int64_t host_time_left(struct mf_context *c);
enum mf_waited host_wait(struct mf_context *c, int fd, unsigned events, int64_t milliseconds);

/* ---- host_dns.c ---- */

struct mf_dns_query *host_dns_start(
    struct mf_context *c, const char *name, enum mf_dns_type type);
const struct mf_dns_answer *host_dns_await(struct mf_context *c, struct mf_dns_query *query);

/* ---- host_message.c: what is known of client and message ---- */

const struct mf_client *host_client(struct mf_context *c);
const char *host_helo(struct mf_context *c);
const struct mf_address *host_sender(struct mf_context *c);
size_t host_recipient_count(struct mf_context *c);
const struct mf_address *host_recipient(struct mf_context *c, size_t index);
const char *host_macro(struct mf_context *c, const char *name);
size_t host_header_count(struct mf_context *c, const char *name);
bool host_header_at(struct mf_context *c, size_t index, struct mf_header *field_r);
bool host_header_find(struct mf_context *c, const char *name, size_t n, struct mf_header *field_r);
const char *host_decoded(struct mf_context *c, const struct mf_header *field);
const void *host_body(struct mf_context *c, size_t *size_r);
const char *host_encoded(struct mf_context *c, const char *text);

/* ---- host_edit.c ---- */

bool host_header_add(struct mf_context *c, const char *name, const char *value);
bool host_header_insert(struct mf_context *c, size_t index, const char *name, const char *value);
bool host_header_set(struct mf_context *c, const char *name, size_t n, const char *value);
bool host_header_delete(struct mf_context *c, const char *name, size_t n);
bool host_body_replace(struct mf_context *c, const void *bytes, size_t size);
bool host_body_append(struct mf_context *c, const void *bytes, size_t size);
bool host_sender_set(struct mf_context *c, const char *address, const char *arguments);
bool host_recipient_add(struct mf_context *c, const char *address, const char *arguments);
bool host_recipient_delete(struct mf_context *c, const char *address);
bool host_quarantine(struct mf_context *c, const char *reason);

/* ---- host_mime.c, host_mime_edit.c ---- */

size_t host_part_count(struct mf_context *c);
const struct mf_part *host_part(struct mf_context *c, size_t index);
const char *host_part_detected(struct mf_context *c, size_t index);
size_t host_part_size(struct mf_context *c, size_t index);
bool host_part_header(struct mf_context *c, size_t index, size_t n, struct mf_header *field_r);
struct mf_part_stream *host_part_open(struct mf_context *c, size_t index);
size_t host_part_read(struct mf_context *c, struct mf_part_stream *stream, const void **bytes_r);
const char *host_part_text(struct mf_context *c, size_t index, size_t *length_r);
const char *const *host_part_defects(struct mf_context *c, size_t index);
bool host_part_replace(struct mf_context *c, size_t index, const struct mf_part_content *content);
bool host_part_set_text(struct mf_context *c, size_t index, const char *text, size_t length);
bool host_part_remove(struct mf_context *c, size_t index);
bool host_part_append(struct mf_context *c, size_t index, const struct mf_part_content *content);
bool host_part_wrap(struct mf_context *c, size_t index, const char *type);
bool host_part_header_set(struct mf_context *c, size_t index, const char *name, const char *value);

/* ---- host_inspect.c ---- */

const struct mf_archive *host_part_archive(struct mf_context *c, size_t index);
const struct mf_link *host_links(struct mf_context *c, size_t *count_r);

/* ---- host_rules.c: results, conditions, templates, regexes, lists ---- */

struct mf_result *host_result_add(struct mf_context *c, const char *method, const char *value,
    const char *reason);
void host_result_property(struct mf_context *c, struct mf_result *result, const char *property,
    const char *value);
size_t host_result_count(struct mf_context *c, const char *method);
const char *host_result_value(struct mf_context *c, const char *method, size_t n);
const char *host_result_get(
    struct mf_context *c, const char *method, size_t n, const char *property);
bool host_result_at(struct mf_context *c, size_t index, struct mf_result_view *view_r);
bool host_changed(struct mf_context *c, const char *name);
double host_score(struct mf_context *c);
void host_symbol_add(struct mf_context *c, const char *name, double points);
bool host_symbol(struct mf_context *c, const char *name, double *points_r);
bool host_test(struct mf_context *c, const struct mf_condition *condition);
enum mf_stage host_condition_stage(struct mf_context *c, const struct mf_condition *condition);
const char *host_expand(struct mf_context *c, const struct mf_template *text);
const char *host_expand_shown(struct mf_context *c, const struct mf_template *text,
    enum mf_form form);
enum mf_stage host_template_stage(struct mf_context *c, const struct mf_template *text);
bool host_match(
    struct mf_context *c, const struct mf_regex *regex, const char *subject, size_t length);
char *host_replace(struct mf_context *c, const struct mf_regex *regex,
    const struct mf_template *with, const char *subject, size_t length, size_t *length_r);
bool host_list_has(struct mf_context *c, const struct mf_list *list, const char *text);

#endif
