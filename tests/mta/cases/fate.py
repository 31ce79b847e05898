# SPDX-License-Identifier: BSD-2-Clause
"""accept, discard and quarantine: what becomes of a message that is not refused."""

from lab.failure import check, equal, equal_bytes
from lab.letter import letter, without_trace
from lab.registry import case

RULES = r"""
    rule accept     { when sender == "trusted@example.org"; accept; }
    rule keep       { when header.X-Keep == "yes"; add-header X-Kept "yes"; accept; }
    rule discard    { when sender == "discarded@example.org"; discard; }
    rule drop       { when header.X-Drop == "yes"; discard; }
    rule hold       { when header.X-Hold == "yes"; quarantine "held for ${sender}"; }
    rule unwelcome  { when header.Subject == "unwelcome"; reject 550 5.7.1 "Unwelcome"; }
"""


@case("accept ends the chain, and the message is delivered as it was sent")
def accept(t):
    t.send(letter(subject="unwelcome"), wanted="550 5.7.1 Unwelcome")
    t.unchanged(letter(subject="unwelcome"), sender="trusted@example.org")


@case("accept keeps the edits made so far")
def accept_with_edits(t):
    message = letter(b"X-Keep: yes", subject="unwelcome")
    t.becomes(message, message.replace(b"X-Keep: yes", b"X-Keep: yes\r\nX-Kept: yes"))


@case("discard at MAIL")
def discard_sender(t):
    message = letter()
    t.send(message, sender="discarded@example.org", wanted="250")
    t.not_delivered(message)


@case("discard by a header field, and the next message of the session passes")
def discard_header(t):
    dropped, kept = letter(b"X-Drop: yes"), letter()
    with t.connect() as client:
        client.transaction(dropped, "alice@example.org", ["bob@example.net"], "250")
        client.transaction(kept, "alice@example.org", ["bob@example.net"], "250")
    equal_bytes("the next message", without_trace(t.delivery(kept).data), kept)
    t.not_delivered(dropped)


@case("quarantine holds the message in the queue, with its reason where the MTA keeps one")
def quarantine(t):
    message = letter(b"X-Hold: yes")
    equal("held before", t.mta.held(), "")
    t.send(message, sender="held@example.org", wanted="250")
    t.not_delivered(message)
    listing = t.mta.held()
    check("held@example.org" in listing, f"not listed as held: {listing!r}")
    note = t.by_mta(postfix="milter triggers HOLD action", sendmail="held for held@example.org")
    check(note in t.mta.hold_notes(), f"no note of {note!r}")
    t.mta.drop_held()
