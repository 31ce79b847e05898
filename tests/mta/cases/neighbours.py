# SPDX-License-Identifier: BSD-2-Clause
"""filterd beside other milters: a second filterd, and OpenDKIM before and behind it."""

from lab.failure import check
from lab.letter import letter, without_trace
from lab.opendkim import OpenDkim
from lab.registry import case

RULES = r"""
    rule mark   { when sender == "marked@example.org"; add-header X-Mark "first"; }
    rule top    { when sender == "top@example.org"; insert-header X-Top "first"; }
    rule over   { when sender == "over@example.org"; set-header X-Flag "first"; }
    rule refuse { when subject == "refused"; reject 550 5.7.1 "Refused by the first"; }
    rule look   { when body.raw ~ /never in it/ or headers ~ /never in it/; discard; }
"""
SECOND = r"""
    rule mark { when header.X-Mark == "first"; add-header X-Mark "second"; }
    rule top  { when header.X-Top == "first"; insert-header X-Top "second"; }
    rule over { when header.X-Flag == "first"; set-header X-Flag "second"; }
"""


@case("two filterd in one MTA: the second sees what the first has made")
def chained(t):
    message = letter(b"X-Flag: none", b"X-Last: 1")
    marks = b"X-Last: 1\r\nX-Mark: first\r\nX-Mark: second"
    wanted = {
        "alice": message,
        "marked": message.replace(b"X-Last: 1", marks),
        "top": b"X-Top: second\r\nX-Top: first\r\n" + message,
        "over": message.replace(b"X-Flag: none", b"X-Flag: second"),
    }
    second = t.filterd.another("second")
    second.start(SECOND)
    try:
        for name, content in wanted.items():
            t.sink.forget()
            t.becomes(message, content, sender=name + "@example.org", listener="chained")
        t.send(letter(subject="refused"), wanted="550 5.7.1 Refused", listener="chained")
        second.stop()
    finally:
        second.kill()


def signed_by(t, message, listener, sender):
    """What goes out through filterd and a signing OpenDKIM."""
    with OpenDkim(t.mta.unpacked, t.filterd.folder, "signer", "s"):
        delivery = t.deliver(message, sender=sender, listener=listener)
    content = without_trace(delivery.data)
    check(b"DKIM-Signature:" in content, f"not signed: {content[:300]!r}")
    t.sink.forget()
    return content


def verified(t, content, result=b"dkim=pass"):
    """What OpenDKIM finds behind a filterd that has looked at the whole message."""
    with OpenDkim(t.mta.unpacked, t.filterd.folder, "verifier", "v"):
        delivery = t.deliver(content, listener="verify")
    check(result in delivery.data, f"no {result} in {delivery.data[:1500]!r}")
    t.sink.forget()


@case("a signature made behind filterd covers its edits")
def sign_behind(t):
    message = letter(b"X-Last: 1", body=b"Good morning.\r\n\r\n  two  blanks \r\n.\r\n\r\n")
    content = signed_by(t, message, "sign", "marked@example.org")
    check(b"X-Mark: first" in content, f"not edited: {content[:300]!r}")
    verified(t, content)


@case("a signature made before filterd passes through it unharmed")
def sign_before(t):
    odd = (b"X-Fold: a;\r\n\tb;\r\n  c", b"x-odd:  no  order ")
    content = signed_by(t, letter(*odd, body=b"1\r\n\r\n2 \t\r\n"), "signed", "alice@example.org")
    verified(t, content)


@case("a signature made before filterd holds when filterd adds a field that it does not cover")
def edit_signed(t):
    content = signed_by(t, letter(b"X-Last: 1"), "signed", "marked@example.org")
    check(b"X-Mark: first" in content, f"not edited: {content[:300]!r}")
    verified(t, content)


@case("a body that was changed after it was signed does not verify")
def broken(t):
    content = signed_by(t, letter(b"X-Last: 1"), "signed", "alice@example.org")
    verified(t, content.replace(b"Good", b"Bad"), b"dkim=fail")
