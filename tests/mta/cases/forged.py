# SPDX-License-Identifier: BSD-2-Clause
"""Authentication-Results: forged fields that a client sends are gone, however they are spelled, ours
stands on top of all but the MTA's own Received, and every other byte is as it was."""

import re

from lab.failure import check, equal, equal_bytes
from lab.filterd import Chain
from lab.letter import letter, without_trace
from lab.registry import case

RULES = Chain(
    ("stated", "auth-results"),
    "filter stated { plugin stated; }\n"
    "filter auth-results { plugin auth-results; authserv-id mx.example.org; iprev off; }\n",
)
OURS = (
    b"Authentication-Results: mx.example.org;\r\n"
    b"\tspf=pass smtp.mailfrom=alice@example.org\r\n"
)
STATED = b"X-Result: spf=pass smtp.mailfrom=alice@example.org"
FORGED = (
    b"Authentication-Results: mx.example.org; spf=pass",
    b"authentication-RESULTS: MX.Example.Org 1;\r\n\tdkim=pass header.d=bank.example",
    b"Authentication-Results:\r\n (a (b\\) c) d) mx.example.org. (e) 1; dmarc=pass",
    b'Authentication-Results: "mx.ex\\ample.org"; dmarc=pass',
    b"Authentication-Results:mx . example . org;dmarc=pass",
    b"Authentication-Results: ; dmarc=pass",
    b"Authentication-Results: (mx.example.org; dmarc=pass",
)
THEIRS = (
    b"Authentication-Results: other.example;\r\n  spf=pass  (mx.example.org)",
    b"Authentication-Results: notmx.example.org; spf=pass",
    b"ARC-Authentication-Results: i=1; mx.example.org; spf=pass",
)


@case("forged results go, whatever their spelling, and ours stand on top")
def forged(t):
    for field in FORGED:
        message = letter(STATED, b"X-Before: 1", field, b"X-After: 2")
        delivery = t.deliver(message)
        wanted = OURS + message.replace(field + b"\r\n", b"")
        equal_bytes("delivered message", without_trace(delivery.data), wanted)
        on_top = re.match(rb"(?:Received: from [^\n]*\n(?:[ \t][^\n]*\n)*)?", delivery.data).end()
        check(delivery.data[on_top:].startswith(OURS), f"not on top: {delivery.data[:400]!r}")


@case("forged results go when there are many, between fields that stay")
def many(t):
    message = letter(STATED, *FORGED, *THEIRS, *FORGED, b"X-After: 2")
    wanted = OURS + message
    for field in FORGED:
        wanted = wanted.replace(b"\r\n" + field + b"\r\n", b"\r\n")
        wanted = wanted.replace(b"\r\n" + field + b"\r\n", b"\r\n")
    equal_bytes("delivered message", without_trace(t.deliver(message).data), wanted)


@case("results of others stay as they are")
def theirs(t):
    message = letter(STATED, *THEIRS)
    t.becomes(message, OURS + message)


@case("a forged field with a blank before its colon goes too")
def obsolete(t):
    message = letter(STATED, b"Authentication-Results \t: mx.example.org; dmarc=pass", b"X-After: 2")
    delivery = t.deliver(message)
    equal("fields that name us", delivery.data.count(b"mx.example.org"), 1)
