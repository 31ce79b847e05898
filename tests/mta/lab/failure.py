# SPDX-License-Identifier: BSD-2-Clause
"""What a case says when it fails, and the comparisons that say it.

A Failure is a finding about filterd or the MTA: the run reports it and goes on with the next
case.
"""

import difflib


class Failure(Exception):
    """Something differs from what it should be."""


class Skip(Exception):
    """This machine has not what the case needs."""


def check(truth, complaint):
    """Fail with the complaint unless the truth holds."""
    if not truth:
        raise Failure(complaint)


def equal(what, got, wanted):
    """Fail, and show both, unless got is what was wanted."""
    if got != wanted:
        raise Failure(f"{what}:\n    wanted {wanted!r}\n    got    {got!r}")


def equal_bytes(what, got, wanted):
    """Fail, and show the lines that differ, unless two messages are the same to the byte."""
    if got == wanted:
        return
    lines = [
        "    " + line[:120].rstrip("\n")
        for line in difflib.unified_diff(_lines(wanted), _lines(got), "wanted", "got", n=1)
    ]
    raise Failure("\n".join([what + " differs:"] + lines[:24]))


def _lines(data):
    return [repr(line) for line in data.splitlines(keepends=True)[:2000]]
