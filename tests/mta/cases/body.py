# SPDX-License-Identifier: BSD-2-Clause
"""Edits of the body."""

from lab.letter import letter
from lab.registry import case

RULES = r"""
    rule shorten {
        when         sender == "shorten@example.org";
        replace-body /confidential / "";
    }
    rule swap {
        when         sender == "swap@example.org";
        replace-body /colou?r (\w+)/ "$1 paint";
    }
    rule both {
        when         sender == "both@example.org";
        replace-body /one/ "three";
        add-header   X-Body "changed";
    }
"""

CHUNK = 65535  # bytes of body that the milter protocol carries at once


@case("a shorter body")
def shorter(t):
    message = letter(body=b"This is confidential text.\r\n")
    t.becomes(message, message.replace(b"confidential ", b""), sender="shorten@example.org")


@case("every match is replaced, with captures")
def captures(t):
    message = letter(body=b"color red\r\ncolour blue\r\nnothing here\r\n")
    wanted = message.replace(b"color red", b"red paint").replace(b"colour blue", b"blue paint")
    t.becomes(message, wanted, sender="swap@example.org")


@case("header and body together, lines with dots kept")
def with_header(t):
    message = letter(b"X-Last: 1", body=b".one\r\n..\r\n.\r\none.\r\n\r\n")
    wanted = message.replace(b"one", b"three").replace(
        b"X-Last: 1", b"X-Last: 1\r\nX-Body: changed"
    )
    t.becomes(message, wanted, sender="both@example.org")


@case("a body of many chunks")
def chunks(t):
    line = b"a line that holds the word one somewhere\r\n"
    message = letter(b"X-Last: 1", body=line * (5 * CHUNK // len(line)))
    wanted = message.replace(b"one", b"three").replace(
        b"X-Last: 1", b"X-Last: 1\r\nX-Body: changed"
    )
    t.becomes(message, wanted, sender="both@example.org")


@case("a body that does not match stays as it is")
def no_match(t):
    body = b"tabs\tand trailing blanks \r\n8-bit: \xc3\xa9\xff\r\n\r\n\r\n" + b"x" * 900 + b"\r\n"
    t.unchanged(letter(body=body), sender="shorten@example.org")
    message = letter(body=b"This is confidential text.\r\n")
    t.becomes(message, message.replace(b"confidential ", b""), sender="shorten@example.org")
