/* SPDX-License-Identifier: BSD-2-Clause */
/* Orders to the quarantine, a child each. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/quarantine/order.h"
#include "filterd/service/log.h"
#include "filterd/supervise/aside.h"
#include "filterd/supervise/orders.h"
#include "filterd/util/memory.h"
#include "filterd/util/process.h"

struct orders {
	void (*in_child)(void *argument);
	void (*done)(void *argument, unsigned awaited, int status, const char *text);
	void *argument;
	struct { struct aside *child; unsigned awaited; } running[ORDERS_MOST];
};

/* What a child works on. */
struct task {
	const struct orders *orders;
	const struct settings *settings;
	const struct order *order;
	uid_t asker;
};

struct orders *
orders_create(void (*in_child)(void *argument),
    void (*done)(void *argument, unsigned awaited, int status, const char *text), void *argument)
{
	struct orders *orders = memory_alloc(sizeof(*orders));

	orders->in_child = in_child;
	orders->done = done;
	orders->argument = argument;
	return orders;
}

void
orders_destroy(struct orders **orders)
{
	size_t i;

	for (i = 0; *orders && i < ORDERS_MOST; i++)
		if ((*orders)->running[i].child)
			aside_destroy(&(*orders)->running[i].child);
	free(*orders);
	*orders = NULL;
}

/* ---- in the child ---- */

struct teller {
	const struct task *task;
	FILE *to;
};

/* A line a message, to who asked and to the log. */
static void
tell(void *argument, int status, const char *line)
{
	const struct teller *teller = argument;
	char asker[24];

	snprintf(asker, sizeof(asker), "%lu", (unsigned long)teller->task->asker);
	log_event(status == EX_OK ? MF_LOG_NOTICE : MF_LOG_WARNING, "quarantine order",
	    (struct log_field[]){ { "did", str_of(line), false },
		{ "user", str_of(asker), true } }, 2);
	fprintf(teller->to, "%d ", status);
	for (; *line; line++)
		fputc(*line == '\n' ? ' ' : *line, teller->to);
	fputc('\n', teller->to);
}

static int
carry_out(const struct task *task, const struct order_told *told)
{
	const struct quarantine_settings *settings = &task->settings->quarantine;
	struct buffer problem = { 0 };
	struct store *store = store_open(settings->store, STORE_WRITE, &problem);
	int status = EX_NOPERM;

	if (store)
		status = order_run(store, task->order, &settings->release, told);
	else
		told->tell(told->argument, status, buffer_text(&problem));
	store_close(&store);
	buffer_free(&problem);
	return status;
}

/* When filterd stops, signals that are sent to all of its processes leave this one alone. */
static void
work(void *argument, int output)
{
	const struct task *task = argument;
	struct teller teller = { task, fdopen(output, "w") };
	const struct order_told told = { tell, &teller };
	int status;

	task->orders->in_child(task->orders->argument);
	process_leave_signals();
	if (!teller.to)
		_exit(EX_OSERR);
	status = carry_out(task, &told);
	fclose(teller.to);
	_exit(status);
}

/* ---- in the master ---- */

/* Why an order cannot be carried out here. EX_OK: it can. */
static int
refuse(const struct settings *settings, const struct order *order, struct buffer *text)
{
	const char *store = settings ? settings->quarantine.store : NULL;

	if (!store || (order->store && strcmp(order->store, store) != 0)) {
		buffer_printf(text, "this filterd has %s%s\n", store ? "another store: " :
		    "no quarantine store", store ? store : "");
		return EX_CONFIG;
	}
	if (!order->deletes && strcmp(settings->quarantine.release.items[0], "sendmail") == 0) {
		buffer_add_text(text, "\"release\" names a command, which filterd quarantine runs"
		    " itself when it is not given --control\n");
		return EX_CONFIG;
	}
	return EX_OK;
}

static void
begin(struct orders *orders, const struct task *task, unsigned first,
    struct control_answer *answer_r)
{
	size_t i = 0;

	while (i < ORDERS_MOST && orders->running[i].child)
		i++;
	if (i < ORDERS_MOST)
		orders->running[i].child = aside_begin(work, (void *)task);
	if (i == ORDERS_MOST || !orders->running[i].child) {
		answer_r->status = EX_TEMPFAIL;
		buffer_add_text(&answer_r->text, i == ORDERS_MOST ?
		    "too many orders at the same time\n" : "there is no process for it\n");
		return;
	}
	answer_r->awaits = orders->running[i].awaited = first + (unsigned)i;
}

void
orders_begin(struct orders *orders, const struct settings *settings,
    const struct control_request *request, unsigned first, struct control_answer *answer_r)
{
	struct arena *arena = arena_create(0, 0);
	struct order order;

	if (order_read(request->words, arena, &order)) {
		const struct task task = { orders, settings, &order, request->user };

		answer_r->status = refuse(settings, &order, &answer_r->text);
		if (answer_r->status == EX_OK)
			begin(orders, &task, first, answer_r);
	} else {
		answer_r->status = EX_PROTOCOL;
		buffer_add_text(&answer_r->text, "this is no order\n");
	}
	arena_destroy(&arena);
}

bool
orders_busy(const struct orders *orders)
{
	size_t i;

	for (i = 0; i < ORDERS_MOST; i++)
		if (orders->running[i].child)
			return true;
	return false;
}

void
orders_watch(const struct orders *orders, struct watch *watch)
{
	size_t i;

	for (i = 0; i < ORDERS_MOST; i++)
		if (orders->running[i].child)
			aside_watch(orders->running[i].child, watch);
}

void
orders_tend(struct orders *orders)
{
	size_t i;

	for (i = 0; i < ORDERS_MOST; i++) {
		struct aside **child = &orders->running[i].child;

		if (!*child)
			continue;
		aside_hear(*child);
		if (!aside_is_over(*child))
			continue;
		orders->done(orders->argument, orders->running[i].awaited, aside_status(*child),
		    buffer_text(aside_text(*child)));
		aside_destroy(child);
	}
}

bool
orders_bury(struct orders *orders, pid_t pid, int status)
{
	size_t i;

	for (i = 0; i < ORDERS_MOST; i++)
		if (orders->running[i].child && aside_bury(orders->running[i].child, pid, status))
			return true;
	return false;
}
