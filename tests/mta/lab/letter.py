# SPDX-License-Identifier: BSD-2-Clause
"""Messages to send, and what of a delivered message is the MTA's own mark.

A letter has every field that an MTA adds where it lacks, and a Message-ID that occurs once in a
run, by which its delivery is found. So what is delivered, less the MTA's Received field, can be
compared to the byte.
"""

import itertools
import re

_number = itertools.count(1)


def letter(*fields, subject="Hello", body=b"Good morning.\r\n"):
    """The bytes of a new message; more fields ('Name: value', bytes) stand after its own."""
    head = [
        b"From: Alice <alice@example.org>",
        b"To: bob@example.net",
        b"Subject: " + subject.encode(),
        b"Date: Mon, 01 Jan 2024 12:00:00 +0000",
        b"Message-ID: <letter-%d@client.example.org>" % next(_number),
        *fields,
    ]
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def token(message):
    """What tells this letter from all others."""
    return re.search(rb"<letter-\d+@client\.example\.org>", message).group()


def without_trace(data):
    """A delivered message less the Received field that the MTA added, wherever it stands."""
    return re.sub(rb"^Received: from [^\n]*\n(?:[ \t][^\n]*\n)*", b"", data, 1, re.MULTILINE)
