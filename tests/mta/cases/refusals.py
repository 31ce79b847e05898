# SPDX-License-Identifier: BSD-2-Clause
"""reject at every stage: the exact code, enhanced code and text that the client sees."""

from lab.registry import case

from . import stages

RULES = r"""
    rule connect { when client.ip == "127.0.0.5"; reject 550 5.7.1 "No mail from ${client.ip}"; }
    rule helo    { when helo == "refused.example.org"; reject 550 5.7.2 "Not from host ${helo}"; }
    rule mail    { when sender == "refused@example.org"; reject 553 5.1.8 "No, ${sender}"; }
    rule rcpt    { when recipient == "refused@example.net"; reject 550 5.1.1 "No ${recipient}"; }
    rule data    { when recipients.count > 3; reject 554 5.5.3 "${recipients.count} are too many"; }
    rule header  { when header.Subject == "refused"; reject 550 5.6.0 "Subject: ${subject}"; }
    rule body    { when body.raw ~ /refused (\w+)/; reject 554 5.6.1 "No $1"; }
    rule size    { when size > 100000; reject 552 5.3.4 "Too large"; }
"""


@case("at connect")
def connect(t):
    stages.at_connect(
        t,
        t.by_mta(
            postfix=("554 mta.test ESMTP not accepting connections", "550 5.7.1 No mail from 127.0.0.5"),
            sendmail=("554 mta.test ESMTP not accepting messages", "550 5.0.0 Command rejected"),
        ),
    )


@case("at HELO")
def helo(t):
    stages.at_helo(t, "550 5.7.2 Not from host refused.example.org")


@case("at MAIL")
def mail(t):
    stages.at_mail(
        t,
        t.by_mta(
            postfix="553 5.1.8 No, refused@example.org",
            sendmail="553 5.1.8 <refused@example.org>... No, refused@example.org",
        ),
    )


@case("at RCPT, that recipient alone")
def rcpt(t):
    stages.at_rcpt(
        t,
        t.by_mta(
            postfix="550 5.1.1 No refused@example.net",
            sendmail="550 5.1.1 <refused@example.net>... No refused@example.net",
        ),
    )


@case("at DATA")
def data(t):
    stages.at_data(t, "554 5.5.3 4 are too many")


@case("by a header field")
def header(t):
    stages.at_header(t, "550 5.6.0 Subject: refused")


@case("by the body")
def body(t):
    stages.at_body(t, "554 5.6.1 No content")


@case("at end of message")
def end(t):
    stages.at_end(t, "552 5.3.4 Too large")
