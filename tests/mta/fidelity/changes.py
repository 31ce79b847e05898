# SPDX-License-Identifier: BSD-2-Clause
"""What each MTA does to a message by itself: all that the property test allows for.

A change on arrival is made before the filters see the message, one on delivery after they have
changed it. Each stands here once, with its reason; docs/mta-differences.md tells the same in words.
"""

import re

CHANGES = []

# What an MTA does not let in: (pattern, what is sent instead, why).
REFUSED = {
    "postfix": [],
    "sendmail": [
        (rb"\r(?!\n)", b"", "421 Bare carriage return (CR) not allowed: RFC 5321 section 2.3.8"),
    ],
}


def acceptable(mta, text):
    for pattern, instead, _why in REFUSED[mta]:
        text = re.sub(pattern, instead, text)
    return text


def change(mta, when, why):
    """Mark a function that changes a Mail in place."""

    def mark(function):
        CHANGES.append((mta, when, function))
        function.why = why
        return function

    return mark


def make(mta, when, mail):
    for one, at, function in CHANGES:
        if one in (mta, "both") and at == when:
            function(mail)


@change("both", "delivery", "SMTP ends every line in CRLF: RFC 5321 section 2.3.8")
def end_last_line(mail):
    if mail.body and not mail.body.endswith(b"\r\n"):
        mail.body += b"\r\n"


@change("postfix", "arrival", "cleanup_replace_stray_cr_lf: RFC 5321 section 2.3.8 forbids both")
def replace_stray_cr(mail):
    mail.body = re.sub(rb"\r(?!\n)", b" ", mail.body)


@change("sendmail", "delivery", "the empty line behind the header section is always sent")
def separate(mail):
    mail.separated = True


# Fields that sendmail.cf makes (its H lines), in a message that lacks them.
DEFAULTS = (b"Date", b"From", b"Message-Id")
RESENT = (b"Resent-Date", b"Resent-From", b"Resent-Message-Id")


@change("sendmail", "arrival", "an empty field with a default is as good as none: dochompheader")
def drop_empty_defaults(mail):
    names = {name.lower() for name in (*DEFAULTS, *RESENT, b"Return-Path")}
    mail.fields = [
        (name, value) for name, value in mail.fields if value.strip() or name.lower() not in names
    ]


@change("sendmail", "delivery", "Resent- fields without one of the client's are no resending")
def drop_resent(mail):
    if not resent(mail):
        mail.fields = [
            field for field in mail.fields if not field[0].lower().startswith(b"resent-")
        ]


def resent(mail):
    return any(name.lower().startswith(b"resent-") for name, _value in mail.sent)


# What is taken off a delivery before it is compared, as no one can know it beforehand.


def one_domain(address):
    """Case does not matter in a domain (RFC 5321 section 2.4): it is no reason for an edit."""
    local, at, domain = address.rpartition("@")
    return local + at + domain.lower()


def settled(mta, content, wanted):
    """The delivered bytes, less what the MTA has made up itself."""
    if mta == "sendmail":
        content = without_breaks(without_added(content, wanted), wanted.content())
    return content


def without_added(content, wanted):
    """RFC 5322 section 3.6 wants these fields, and Sendmail adds those that are not there."""
    present = {name.lower() for name, _value in wanted.fields}
    head, empty, body = (b"\r\n" + content).partition(b"\r\n\r\n")
    head += b"\r\n"
    for name in (*DEFAULTS, *RESENT) if resent(wanted) else DEFAULTS:
        if name.lower() not in present:
            head = re.sub(rb"\n" + name + rb":[^\n]*\n", b"\n", head, count=1)
    return (head[:-2] + empty + body)[2:]


def without_breaks(content, wanted):
    """Its smtp mailers break lines of more than 990 bytes (L=990) with "!", line end and blank."""
    if any(len(line) > 990 for line in wanted.split(b"\r\n")):
        content = content.replace(b"!\r\n ", b"")
    return content
