# SPDX-License-Identifier: BSD-2-Clause
"""filterd comes and goes: absent, stopped with sessions open, back again."""

from lab.failure import check
from lab.letter import letter
from lab.registry import case

RULES = r"""
    rule mark { when sender == "marked@example.org"; add-header X-Mark "yes"; }
"""


def marked(message):
    return message.replace(b"X-Last: 1\r\n", b"X-Last: 1\r\nX-Mark: yes\r\n")


def transaction_without_filterd(client, message):
    """The first reply that is no consent: filterd need not be waited for before the end of the message."""
    for command in ("MAIL FROM:<marked@example.org>", "RCPT TO:<bob@example.net>", "DATA"):
        reply = client.say(command)
        if reply[:1] not in ("2", "3"):
            return reply
    return client.after_data(message)


@case("absent: the MTA's default action, tempfail or accept; filtered again when it is back")
def absent(t):
    t.filterd.stop()
    for listener in ("unix", "inet"):
        with t.connect(listener, helo=None) as client:
            client.say("EHLO client.example.org")
            reply = client.say("MAIL FROM:<marked@example.org>")
            check(reply[:1] == "4", f"MAIL without filterd: {reply!r}")
    t.unchanged(letter(b"X-Last: 1"), sender="marked@example.org", listener="open")
    t.filterd.start(t.rules)
    for listener in ("unix", "inet", "open"):
        message = letter(b"X-Last: 1")
        t.becomes(message, marked(message), sender="marked@example.org", listener=listener)


@case("stopped with sessions open: no message is lost, and a retry is delivered once")
def stop_with_sessions(t):
    message, waiting = letter(b"X-Last: 1"), t.connect()
    with t.connect() as client, waiting:
        client.envelope("marked@example.org", ["bob@example.net"])
        t.filterd.stop()
        reply = client.say("DATA")
        if reply.startswith("354"):
            reply = client.after_data(message)
        check(reply[:1] in ("4", ""), f"a message that filterd has not seen whole: {reply!r}")
        reply = transaction_without_filterd(waiting, message)
        check(reply[:1] in ("4", ""), f"a message without filterd: {reply!r}")
    t.not_delivered(message)
    t.filterd.start(t.rules)
    t.becomes(message, marked(message), sender="marked@example.org")
