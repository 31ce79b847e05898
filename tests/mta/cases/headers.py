# SPDX-License-Identifier: BSD-2-Clause
"""Edits of header fields: what is delivered is compared with what was sent, to the byte."""

from lab.letter import letter
from lab.registry import case

RULES = r"""
    rule add      { when sender == "add@example.org"; add-header X-Added "for ${recipient}"; }
    rule two      { when sender == "two@example.org"; add-header X-One 1; add-header X-Two 2; }
    rule same     { when sender == "same@example.org"; add-header X-Same 1; add-header X-Same 2; }
    rule insert   { when sender == "insert@example.org"; insert-header X-First "in front"; }
    rule set      { when sender == "set@example.org"; set-header X-Flag "new"; }
    rule delete   { when sender == "delete@example.org"; delete-header X-Secret; }
    rule prefix   { when sender == "prefix@example.org"; prefix-subject "[EXTERNAL] "; }
    rule replace {
        when           sender == "replace@example.org";
        replace-header X-Path /secret-(\w+)/ "public-$1";
    }
    rule many {
        when           sender == "many@example.org";
        delete-header  X-Secret;
        set-header     X-Flag "new";
        add-header     X-Added "last";
        insert-header  X-First "first";
        prefix-subject "[MANY] ";
    }
"""


def after(message, field, more):
    """The message with more fields behind one of its own."""
    return message.replace(field + b"\r\n", field + b"\r\n" + more)


@case("add-header puts a field at the end")
def add(t):
    message = letter(b"X-Last: 1")
    t.becomes(
        message,
        after(message, b"X-Last: 1", b"X-Added: for bob@example.net\r\n"),
        sender="add@example.org",
    )


@case("add-header twice keeps the order")
def add_two(t):
    message = letter(b"X-Last: 1")
    t.becomes(
        message, after(message, b"X-Last: 1", b"X-One: 1\r\nX-Two: 2\r\n"), sender="two@example.org"
    )


@case("add-header twice with one name keeps the order")
def add_same(t):
    message = letter(b"X-Same: 0", b"X-Last: 1")
    t.becomes(
        message,
        after(message, b"X-Last: 1", b"X-Same: 1\r\nX-Same: 2\r\n"),
        sender="same@example.org",
    )


@case("insert-header puts a field at the top")
def insert(t):
    message = letter()
    t.becomes(message, b"X-First: in front\r\n" + message, sender="insert@example.org")


@case("set-header replaces a field in its place")
def set_present(t):
    message = letter(b"X-Flag: old", b"X-Last: 1")
    t.becomes(message, message.replace(b"X-Flag: old", b"X-Flag: new"), sender="set@example.org")


@case("set-header adds a field that is missing")
def set_absent(t):
    message = letter(b"X-Last: 1")
    t.becomes(message, after(message, b"X-Last: 1", b"X-Flag: new\r\n"), sender="set@example.org")


@case("delete-header removes every field of the name")
def delete(t):
    secret = b"X-Secret: a\r\n b\r\n", b"x-secret: c\r\n"
    message = letter(secret[0][:-2], b"X-Between: 1", secret[1][:-2])
    wanted = message.replace(secret[0], b"").replace(secret[1], b"")
    t.becomes(message, wanted, sender="delete@example.org")


@case("replace-header changes what matches and leaves the rest")
def replace(t):
    message = letter(b"X-Path:  a;\r\n\tsecret-door; b", b"X-Last:   3 blanks")
    t.becomes(
        message, message.replace(b"secret-door", b"public-door"), sender="replace@example.org"
    )


@case("prefix-subject")
def prefix(t):
    message = letter(subject="Your order")
    t.becomes(
        message, message.replace(b"Subject: ", b"Subject: [EXTERNAL] "), sender="prefix@example.org"
    )


@case("all edits together")
def many(t):
    message = letter(b"X-Secret: 1", b"X-Flag: old", b"X-Secret: 2", b"X-Last: 1")
    wanted = message.replace(b"X-Secret: 1\r\n", b"").replace(b"X-Secret: 2\r\n", b"")
    wanted = wanted.replace(b"X-Flag: old", b"X-Flag: new").replace(
        b"Subject: ", b"Subject: [MANY] "
    )
    wanted = b"X-First: first\r\n" + after(wanted, b"X-Last: 1", b"X-Added: last\r\n")
    t.becomes(message, wanted, sender="many@example.org")


@case("folds, blanks and case of other fields stay as they are")
def untouched(t):
    message = letter(
        b"x-lower: a",
        b"X-None:no blank",
        b"X-Three:   three blanks",
        b"X-Fold: first\r\n  second\r\n\tthird",
        b"X-Empty:",
        b"X-Tail: blank ",
        b"X-Last: 1",
    )
    t.becomes(
        message,
        after(message, b"X-Last: 1", b"X-Added: for bob@example.net\r\n"),
        sender="add@example.org",
    )
