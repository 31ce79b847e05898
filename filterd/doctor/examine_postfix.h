/* SPDX-License-Identifier: BSD-2-Clause */
/* Examining Postfix, what its files share: the walk over the services finds uses of filterd, and
 * each use is checked. Private to the doctor. */
#ifndef FILTERD_DOCTOR_EXAMINE_POSTFIX_H
#define FILTERD_DOCTOR_EXAMINE_POSTFIX_H

#include "filterd/doctor/examine.h"

struct postfix_look {
	const struct examination *examination;
	const struct postfix *postfix;
};

/* A listener of filterd, named by a service. */
struct milter_use {
	const struct postfix_service *service;
	const char *list;			/* "smtpd_milters" or "non_smtpd_milters" */
	const struct milter_entry *entries;	/* of that list */
	size_t count, index;			/* this one is entries[index] */
	struct site_listener *listener;
};

static inline const struct milter_entry *
milter_use_entry(const struct milter_use *use)
{
	return &use->entries[use->index];
}

/* Where a setting of a service stands, main.cf or master.cf, and how it is written there. */
struct place {
	const char *file, *put;
};
struct place postfix_place(const struct postfix_look *look, const struct postfix_service *service,
    const char *name, const char *value);

/* The setting in words: with the service when it is its own. */
const char *postfix_name_place(const struct postfix_look *look,
    const struct postfix_service *service, const char *name);

/* A finding about a setting. */
void postfix_find(const struct postfix_look *look, const struct finding *finding,
    const struct place *place);

/* Default action, protocol, times, macros, and who answers. */
void postfix_check_use(const struct postfix_look *look, const struct milter_use *use);

#endif
