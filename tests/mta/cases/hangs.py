# SPDX-License-Identifier: BSD-2-Clause
"""A filter that does not come back: the MTA answers 4xx, and what is sent again arrives once. One
that takes longer than the MTA waits: the mail arrives all the same."""

import re

from lab.failure import check, equal_bytes
from lab.filterd import Chain
from lab.letter import letter, without_trace
from lab.mta import PORTS
from lab.process import wait_until
from lab.registry import case
from lab.trial import RECIPIENT, SENDER


def chain(limits, top=""):
    return Chain(("slow",), f"crash-limit 0;\n{top}\nfilter slow {{ plugin slow; {limits} }}\n")


RULES = chain("timeout 2s; hard-timeout 4s;")
SLOWER = b"X-Slow: sleep-%d" % (PORTS["hasty"].patience * 2500)


def logged(t):
    with open(t.filterd.log, encoding="utf-8", errors="replace") as log:
        return log.read()


def cut_off(t):
    """Lines of filterd's log about filters that were cut off."""
    return [line for line in logged(t).splitlines() if 'event="filter cut off"' in line]


def await_cut(t, count, stage, *parts):
    check(wait_until(lambda: len(cut_off(t)) == count, 20), "no line of a filter cut off")
    for part in (" filter=slow ", f" stage={stage} ", " session=", "connection=closed", *parts):
        check(part in cut_off(t)[-1], f"{part!r} is not in {cut_off(t)[-1]!r}")


def none_is_left_behind(t):
    """Workers in which the filter has hung leave, with no session but that one."""
    hung = set(map(int, re.findall(r"drains after a hang.* worker=(\d+)", logged(t))))
    check(hung, "no worker drains")
    check(wait_until(lambda: not hung & set(t.filterd.workers()), 20), "a worker is left behind")


@case("a hang at end of message: the client sees 4xx, and its retry is delivered once")
def at_end(t):
    for count in (1, 2):
        message = letter(b"X-Slow: hang")
        before = len(cut_off(t))
        with t.connect() as other:
            other.envelope(SENDER, [RECIPIENT])
            t.send(message, wanted="4")
            await_cut(t, before + 1, "message", " queue=")
            bystander = letter()
            other.content(bystander, "250")
        t.not_delivered(message)
        equal_bytes("delivered message", without_trace(t.delivery(bystander).data), bystander)
        again = message.replace(b"X-Slow: hang", b"X-Slow: no")
        t.unchanged(again)
        t.unchanged(letter(), listener="inet")
    none_is_left_behind(t)


@case("a hang at RCPT: the same")
def at_rcpt(t):
    message = letter()
    before = len(cut_off(t))
    with t.connect() as client:
        client.say(f"MAIL FROM:<{SENDER}>", "250")
        client.say("RCPT TO:<hang@example.net>", "4")
    await_cut(t, before + 1, "rcpt")
    t.unchanged(message)


@case("a filter slower than the MTA's timeout: progress is sent, and the message is delivered")
def slower_than_the_mta(t):
    message = letter(SLOWER)
    t.filterd.reload(chain("timeout 1m;", "message { progress-interval 500ms; }"))
    t.unchanged(message, listener="hasty")


@case("without progress it is the MTA's timeout that decides")
def without_progress(t):
    message = letter(SLOWER)
    t.filterd.reload(chain("timeout 1m;", "message { progress-interval 1h; }"))
    t.send(message, wanted="4", listener="hasty")
    t.not_delivered(message)
