# SPDX-License-Identifier: BSD-2-Clause
"""Edits of the envelope: sender and recipients."""

from lab.failure import check, equal
from lab.letter import letter
from lab.registry import case

RULES = r"""
    rule add       { when sender == "add@example.org"; add-recipient "archive@example.net"; }
    rule delete    { when sender == "delete@example.org"; delete-recipient "gone@example.net"; }
    rule redirect  { when sender == "redirect@example.org"; redirect "postmaster@example.net"; }
    rule sender    { when sender == "sender@example.org"; set-sender "${sender.local}@a.example"; }
    rule null      { when sender == "null@example.org"; set-sender ""; }
    rule bounce    { when sender == ""; add-header X-Bounce "yes"; }
    rule moved     { when recipient == "moved@example.net"; redirect "new@example.net"; }
    rule left      { when recipient == "left@example.net"; delete-recipient; }
    rule broken    { when sender == "broken@example.org"; add-recipient "no ${sender.local}"; }
"""


def recipients(t, sender, wanted, sent=("bob@example.net", "gone@example.net")):
    """Who gets a message from this sender; the message itself stays as it is."""
    delivery = t.unchanged(letter(), sender=sender, recipients=sent)
    equal("recipients", sorted(delivery.recipients), sorted(wanted))
    equal("sender", delivery.sender, sender)


@case("add-recipient")
def add(t):
    recipients(t, "add@example.org", ["archive@example.net", "bob@example.net", "gone@example.net"])


@case("add-recipient of one who is there already")
def add_same(t):
    recipients(
        t,
        "add@example.org",
        ["archive@example.net", "bob@example.net"],
        sent=("archive@example.net", "bob@example.net"),
    )
    recipients(
        t, "add@example.org", ["archive@example.net", "bob@example.net"], sent=("bob@example.net",)
    )


@case("delete-recipient")
def delete(t):
    recipients(t, "delete@example.org", ["bob@example.net"])


@case("delete-recipient of the only one leaves nothing to deliver")
def delete_all(t):
    message = letter()
    t.send(message, sender="delete@example.org", recipients=["gone@example.net"], wanted="250")
    t.not_delivered(message)


@case("redirect at RCPT concerns that recipient alone, also when the new one is there already")
def redirect_one(t):
    wanted = ["bob@example.net", "new@example.net"]
    recipients(t, "alice@example.org", wanted, sent=("bob@example.net", "moved@example.net"))
    both = ("new@example.net", "moved@example.net", "bob@example.net")
    recipients(t, "alice@example.org", wanted, sent=both)


@case("delete-recipient at RCPT, of one and of all")
def delete_at_rcpt(t):
    both = ("left@example.net", "bob@example.net")
    recipients(t, "alice@example.org", ["bob@example.net"], sent=both)
    message = letter()
    t.send(message, recipients=["left@example.net"], wanted="250")
    t.not_delivered(message)


@case("an address with a blank is not given to the MTA")
def broken(t):
    message = letter()
    with t.connect() as client:
        client.transaction(
            message, "broken@example.org", ["bob@example.net"], "451 4.7.1 A mail filter failed"
        )
    t.not_delivered(message)


@case("redirect")
def redirect(t):
    recipients(t, "redirect@example.org", ["postmaster@example.net"])


@case("set-sender")
def sender(t):
    delivery = t.unchanged(letter(), sender="sender@example.org")
    equal("sender", delivery.sender, "sender@a.example")


@case("set-sender to the null reverse-path")
def null(t):
    delivery = t.unchanged(letter(), sender="null@example.org")
    equal("sender", delivery.sender, "")


@case("a message from the null reverse-path")
def bounce(t):
    message = letter(b"X-Last: 1")
    delivery = t.becomes(
        message, message.replace(b"X-Last: 1", b"X-Last: 1\r\nX-Bounce: yes"), sender=""
    )
    equal("sender", delivery.sender, "")


@case("ESMTP arguments are kept when the sender is not changed")
def arguments(t):
    message = letter(b"X-Last: 1", body=b"8-bit: \xc3\xa9\r\n")
    with t.connect() as client:
        client.say("MAIL FROM:<add@example.org> BODY=8BITMIME RET=HDRS ENVID=QQ314159", "250")
        client.say("RCPT TO:<bob@example.net> NOTIFY=FAILURE", "250")
        client.content(message, "250")
    delivery = t.delivery(message)
    given = delivery.sender_arguments.split()
    for argument in ("BODY=8BITMIME", "RET=HDRS", "ENVID=QQ314159"):
        check(argument in given, f"{argument} is not among {given}")
    equal("recipients", sorted(delivery.recipients), ["archive@example.net", "bob@example.net"])
