/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Orders to the quarantine (quarantine/order.h) that come through the control socket. An MTA may
 * let a release wait, so each is carried out in a child, as the workers' user, and outlives who
 * asked. A few at a time; more are asked to come again.
 */
#ifndef FILTERD_SUPERVISE_ORDERS_H
#define FILTERD_SUPERVISE_ORDERS_H

#include "filterd/config/settings.h"
#include "filterd/supervise/control.h"

#define ORDERS_MOST 8	/* at the same time */

struct orders;

/* in_child is called in the child with the argument: it closes what is not the order's, and becomes
 * the workers' user. done is told how an order ended: the number that its asker awaits, a status of
 * sysexits(3), and for each message a line with a status of its own before it. */
struct orders *orders_create(void (*in_child)(void *argument),
    void (*done)(void *argument, unsigned awaited, int status, const char *text), void *argument);
void orders_destroy(struct orders **orders);

/* Begins one, or answers why not. It awaits one of ORDERS_MOST numbers from `first` on. */
void orders_begin(struct orders *orders, const struct settings *settings,
    const struct control_request *request, unsigned first, struct control_answer *answer_r);

bool orders_busy(const struct orders *orders);

/* For the loop. */
void orders_watch(const struct orders *orders, struct watch *watch);
void orders_tend(struct orders *orders);
bool orders_bury(struct orders *orders, pid_t pid, int status);

#endif
