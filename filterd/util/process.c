/* SPDX-License-Identifier: BSD-2-Clause */
/* Settling a process that was forked. */
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sysexits.h>
#include <unistd.h>

#include "filterd/util/process.h"

void
process_follow(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(EX_UNAVAILABLE);
}

void
process_leave_signals(void)
{
	static const int ignored[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
