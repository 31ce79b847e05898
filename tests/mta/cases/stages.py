# SPDX-License-Identifier: BSD-2-Clause
"""One refusal at each stage of SMTP, permanent or temporary: the steps that both kinds share.

Each function takes the trial and the whole reply that the client must see. What triggers the
refusal is the same for both; the rules that answer it are in refusals.py and tempfails.py.
"""

from lab.failure import equal
from lab.letter import letter
from lab.trial import RECIPIENT, SENDER

CLIENT = "127.0.0.5"
HELO = "refused.example.org"
REFUSED_SENDER = "refused@example.org"
REFUSED_RECIPIENT = "refused@example.net"


def at_connect(t, replies):
    """Takes two replies: the greeting, and that to MAIL; the MTA leaves the connection open."""
    with t.connect(helo=None, source=CLIENT) as client:
        client.say("EHLO client.example.org")
        got = (client.greeting, client.say(f"MAIL FROM:<{SENDER}>"))
    equal("greeting and reply to MAIL", got, replies)


def at_helo(t, reply):
    """Both MTAs answer EHLO well, and refuse whatever comes after it."""
    with t.connect(helo=None) as client:
        client.say(f"EHLO {HELO}")
        equal("reply to MAIL", client.say(f"MAIL FROM:<{SENDER}>"), reply)


def at_mail(t, reply):
    """The same session may send another message."""
    message = letter()
    with t.connect() as client:
        equal("reply to MAIL", client.say(f"MAIL FROM:<{REFUSED_SENDER}>"), reply)
        client.transaction(message, SENDER, [RECIPIENT], "250")
    t.delivery(message)


def closing(t, sender, reply):
    """A reply 421 ends the session."""
    with t.connect() as client:
        equal("reply to MAIL", client.say(f"MAIL FROM:<{sender}>"), reply)
        equal("reply after it", client.say("NOOP"), "")


def at_rcpt(t, reply):
    """The other two recipients get the message."""
    message = letter()
    with t.connect() as client:
        client.envelope(SENDER, ["first@example.net"])
        equal("reply to RCPT", client.say(f"RCPT TO:<{REFUSED_RECIPIENT}>"), reply)
        client.say("RCPT TO:<last@example.net>", "250")
        client.content(message, "250")
    recipients = t.delivery(message).recipients
    equal("recipients", sorted(recipients), ["first@example.net", "last@example.net"])


def at_data(t, reply):
    with t.connect() as client:
        client.envelope(SENDER, [f"user{n}@example.net" for n in range(4)])
        equal("reply to DATA", client.say("DATA"), reply)


def at_header(t, reply):
    _at_end(t, letter(subject="refused"), reply)


def at_body(t, reply):
    _at_end(t, letter(body=b"This is refused content.\r\n"), reply)


def at_end(t, reply):
    """By the size of the whole."""
    _at_end(t, letter(body=b"0123456789" * 7 + b"\r\n" + b"x\r\n" * 40000), reply)


def _at_end(t, message, reply):
    """The client hears of it after the last byte; the session goes on."""
    other = letter()
    with t.connect() as client:
        equal("reply to the message", client.transaction(message, SENDER, [RECIPIENT]), reply)
        client.transaction(other, SENDER, [RECIPIENT], "250")
    t.not_delivered(message)
    t.delivery(other)
