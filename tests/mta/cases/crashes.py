# SPDX-License-Identifier: BSD-2-Clause
"""A plugin misbehaves on one message: the client sees 4xx, and its retry is delivered once."""

from lab.failure import check, equal, equal_bytes
from lab.filterd import Chain
from lab.letter import letter, without_trace
from lab.process import wait_until
from lab.registry import case

FILTERS = """
crash-limit {crash_limit};
filter marks {{
    plugin rules;
    rule mark {{ when exists header.X-Last; add-header X-Mark "yes"; }}
}}
filter unruly {{ plugin unruly; }}
"""
SENDER = "alice@example.org"
RECIPIENT = "bob@example.net"
CRASHES = ("segv", "bus", "abort", "divide", "fall", "exit", "_exit", "allocate", "allocate-of-host")
FIELD = b"X-Last: 1\r\n"


def rules(crash_limit=0, listener="workers 2; memory-maximum 256m; maximum-sessions 20;"):
    return Chain(("marks", "unruly"), FILTERS.format(crash_limit=crash_limit), listener)


RULES = rules()


def spoilt(message, how):
    return message.replace(FIELD, FIELD + b"X-Unruly: " + how.encode() + b"\r\n")


def marked(message):
    head, _, body = message.partition(b"\r\n\r\n")
    return head + b"\r\nX-Mark: yes\r\n\r\n" + body


def log_of(t):
    with open(t.filterd.log, encoding="utf-8", errors="replace") as file:
        return file.read()


def put_off_then_taken(t, how):
    """The message with the field that spoils it, and then without, as if the plugin were mended."""
    message, other = letter(FIELD[:-2]), letter(FIELD[:-2])
    with t.connect("unix") as undisturbed, t.connect("inet") as client:
        undisturbed.envelope(SENDER, [RECIPIENT])
        client.envelope(SENDER, [RECIPIENT])
        reply = client.content(spoilt(message, how))
        check(reply[:1] == "4", f"{how}: {reply!r}")
        undisturbed.content(other, "250")
    t.not_delivered(message)
    t.becomes(message, marked(message), listener="inet")
    equal_bytes("the other session's", without_trace(t.delivery(other).data), marked(other))


@case("crashes of all kinds: sessions of other workers go on, and the retry is delivered once")
def crashes(t):
    wanted = len(t.filterd.workers())
    for how in CRASHES:
        died = log_of(t).count("worker died")
        put_off_then_taken(t, how)
        check(wait_until(lambda: log_of(t).count("worker died") > died, 10), f"{how}: not logged")
        check(wait_until(lambda: len(t.filterd.workers()) == wanted, 10), f"{how}: no new worker")


@case("verdicts that are none, and more memory than allowed: tempfailed, and no worker dies")
def rubbish(t):
    died = log_of(t).count("worker died")
    for how in ("verdict-99", "verdict-minus-1", "take-of-host"):
        put_off_then_taken(t, how)
    equal("deaths", log_of(t).count("worker died"), died)


@case("edits after the verdict: delivered once, without them")
def late(t):
    for how in ("edit-late", "leak"):
        message = spoilt(letter(FIELD[:-2]), how)
        delivery = t.becomes(message, marked(message))
        equal("recipients", delivery.recipients, [RECIPIENT])


@case("a filter that crashes too often is removed: its policy stands in, until a reload")
def removed(t):
    t.filterd.reload(rules(crash_limit=2))
    message = letter(FIELD[:-2])
    for _ in range(2):
        died = log_of(t).count("worker died")
        check(t.send(spoilt(message, "abort"))[:1] == "4", "no crash")
        check(wait_until(lambda: log_of(t).count("worker died") > died, 10), "no death")
    check(wait_until(lambda: "filter removed" in log_of(t), 10), "not removed")
    # Until then a worker that still has the filter may take one, so each try is a message of its own.
    policy = "451 4.7.1 A mail filter failed"
    check(wait_until(lambda: t.send(letter(FIELD[:-2])).startswith(policy), 10), "no policy")
    t.filterd.reload(t.rules)
    t.becomes(message, marked(message))


@case("beyond the limit of sessions: 4xx, and taken when there is room; or unfiltered")
def overload(t):
    for count, policy in enumerate(("tempfail", "accept"), 1):
        t.filterd.reload(rules(listener=f"workers 1; maximum-sessions 1; overload {policy};"))
        first, message = letter(FIELD[:-2]), letter(FIELD[:-2])
        with t.connect() as client:
            client.envelope(SENDER, [RECIPIENT])
            one_too_many(t, policy, message)
            client.content(first, "250")
        equal_bytes("the first", without_trace(t.delivery(first).data), marked(first))
        if policy == "accept":
            equal_bytes("the other", without_trace(t.delivery(message).data), message)
        over = 'event="overload is over"'
        check(wait_until(lambda: log_of(t).count(over) == count, 10), "it is not over")
        if policy == "tempfail":
            t.becomes(message, marked(message))
    t.filterd.reload(t.rules)


def one_too_many(t, policy, message):
    if policy == "accept":
        t.send(message, wanted="250")
        return
    with t.connect(helo=None) as client:
        reply = client.greeting
        for line in ("EHLO client.example.org", f"MAIL FROM:<{SENDER}>"):
            if reply[:1] == "2":
                reply = client.say(line)
        check(reply[:1] == "4", f"one too many: {reply!r}")
