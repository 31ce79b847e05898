/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What postconf(1) prints, read: `postconf -x` (main.cf and all defaults), `postconf -M`
 * (master.cf, a line a service) and `postconf -Px` (the services' own settings, -o in master.cf).
 * Pure.
 */
#ifndef FILTERD_DOCTOR_POSTCONF_H
#define FILTERD_DOCTOR_POSTCONF_H

#include "filterd/util/arena.h"
#include "filterd/util/str.h"

struct postfix_parameter {
	const char *name, *value;
};

struct postfix_service {
	const char *label;	/* "smtp/inet" */
	const char *name, *type, *command;
	bool chroot;
};

/* Lives in the arena. */
struct postfix {
	const struct postfix_parameter *parameters, *overrides;
	size_t parameter_count, override_count;
	struct postfix_service *services;
	size_t service_count;
};

void postfix_read(struct postfix *postfix_r, struct str parameters, struct str services,
    struct str overrides, struct arena *arena);

/* The value for a service, its own one or that of main.cf; NULL service: that of main.cf. "" when
 * there is none. */
const char *postfix_value(const struct postfix *postfix, const struct postfix_service *service,
    const char *name);

/* Whether the service has its own. */
bool postfix_overrides(const struct postfix *postfix, const struct postfix_service *service,
    const char *name);

#endif
