# SPDX-License-Identifier: BSD-2-Clause
"""tempfail at every stage: the exact code, enhanced code and text that the client sees."""

from lab.registry import case

from . import stages

RULES = r"""
    rule connect { when client.ip == "127.0.0.5"; tempfail 451 4.7.1 "Not now, ${client.ip}"; }
    rule helo    { when helo == "refused.example.org"; tempfail 450 4.7.2 "Not now, ${helo}"; }
    rule mail    { when sender == "refused@example.org"; tempfail 451 4.1.8 "Later, ${sender}"; }
    rule closing { when sender == "closing@example.org"; tempfail 421 4.3.2 "Closing"; }
    rule rcpt    { when recipient == "refused@example.net"; tempfail 450 4.2.1 "${recipient}"; }
    rule data    { when recipients.count > 3; tempfail 452 4.5.3 "${recipients.count} in the way"; }
    rule header  { when header.Subject == "refused"; tempfail 451 4.6.0 "Subject: ${subject}"; }
    rule body    { when body.raw ~ /refused (\w+)/; tempfail 451 4.6.1 "No $1 yet"; }
    rule size    { when size > 100000; tempfail 452 4.3.1 "No room"; }
"""


@case("at connect")
def connect(t):
    stages.at_connect(
        t,
        t.by_mta(
            postfix=(
                "220 mta.test ESMTP Postfix",
                "451 4.7.1 Not now, 127.0.0.5",
            ),
            sendmail=("220 mta.test ESMTP Sendmail", "451 4.3.2 Please try again later"),
        ),
    )


@case("at HELO")
def helo(t):
    stages.at_helo(t, "450 4.7.2 Not now, refused.example.org")


@case("at MAIL")
def mail(t):
    stages.at_mail(t, "451 4.1.8 Later, refused@example.org")


@case("421 closes the session")
def closing(t):
    stages.closing(t, "closing@example.org", "421 4.3.2 Closing")


@case("at RCPT, that recipient alone")
def rcpt(t):
    stages.at_rcpt(
        t,
        t.by_mta(
            postfix="450 4.2.1 refused@example.net",
            sendmail="450 4.2.1 <refused@example.net>... refused@example.net",
        ),
    )


@case("at DATA")
def data(t):
    stages.at_data(t, "452 4.5.3 4 in the way")


@case("by a header field")
def header(t):
    stages.at_header(t, "451 4.6.0 Subject: refused")


@case("by the body")
def body(t):
    stages.at_body(t, "451 4.6.1 No content yet")


@case("at end of message")
def end(t):
    stages.at_end(t, "452 4.3.1 No room")
