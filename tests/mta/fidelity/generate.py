# SPDX-License-Identifier: BSD-2-Clause
"""Random examples: odd messages and odd edits, the same ones for the same seed."""

import dataclasses
import random

from . import changes
from .example import FILTERS, STAGES, Act, Example

NAMES = (
    *(b"X-A", b"x-a", b"X-B", b"X-C", b"Subject", b"subject", b"Received", b"Date", b"From"),
    *(b"To", b"Message-ID", b"Message-Id", b"MIME-Version", b"DKIM-Signature", b"X!#$%&'*+/=?^"),
    *(b"Reply-To", b"Resent-From", b"Resent-Date", b"List-Id", b"X-" + b"Long-" * 15 + b"Name"),
)
VALUES = (
    *(b" 1", b" 2", b" a few words", b"", b" ", b"  two blanks", b"\tby a tab", b"no blank"),
    *(b" folded\n with a blank", b" folded\n\twith a tab\n   and more", b"\n begins with a fold"),
    *(b" blanks behind \t ", b" 8-bit \xff\xfc\x80", b" UTF-8 \xc3\xbc\xe2\x82\xac"),
    *(b" =?utf-8?q?encoded?=", b" " + b"long " * 150, b" control \x01\x1b\x7f", b" \"quo\\\"ted\""),
    *(b" (comment (nested))", b" a;\n b;\n c;\n d", b" : , ; < > @", b" percent %s %n ${x}"),
)
# As Sendmail would write them, for it writes them anew: docs/mta-differences.md has how.
ADDRESS_NAMES = (b"From", b"To", b"Reply-To", b"Resent-From")
ADDRESSES = (b" ann@x.example", b" <ann@x.example>", b" ann@x.example, bob@y.example")
RECIPIENTS = tuple(f"{name}@rcpt.example" for name in ("ann", "bob", "Cid", "d.e+f", "gus"))
ADDED = (*RECIPIENTS, "ann@RCPT.example", "new@other.example", "x_y=z@other.example")
SENDERS = (b"new@sender.example", b"", b"a.b+c@d.example", b"UPPER@Sender.Example")
ARGUMENTS = ("", "", "BODY=8BITMIME", "RET=HDRS ENVID=QQ1", "BODY=8BITMIME RET=FULL")
LINES = (
    *(b"plain text", b"", b".", b"..", b".dot", b"end.", b"From here", b">From there", b"\t"),
    *(b"trailing \t ", b"8-bit \xff\x80\xfe", b"\xc3\xbc\xe2\x82\xac", b"x" * 900, b"bell \x07"),
    *(b"X-Not: a field", b"--boundary", b"percent %s%n", b"=3D=\xa0", b" begins with a blank"),
)
RARE_LINES = (b"a bare \r CR", b"NUL \x00 in it", b"y" * 3000)


def examples(seed, count, mta):
    """So many examples that the MTA takes."""
    return [taken_by(mta, example(f"{seed}-{number}", number)) for number in range(count)]


def taken_by(mta, one):
    """Without the bytes that the MTA would refuse the message for."""
    return dataclasses.replace(one, body=changes.acceptable(mta, one.body))


def example(seed, number):
    dice = random.Random(seed)
    separated = dice.random() > 0.03
    fields = tuple(field(dice) for _ in range(dice.choice((0, 1, 2, 3, 5, 8, 12, 20))))
    return Example(
        name=f"n{number}",
        fields=fields,
        body=body(dice) if separated or not fields else b"",
        recipients=tuple(dice.sample(RECIPIENTS, dice.randint(1, 4))),
        acts=tuple(acts(dice)),
        arguments=dice.choice(ARGUMENTS),
        separated=separated or not fields,
    )


def name(dice):
    return dice.choice(NAMES[: dice.choice((4, len(NAMES)))])


def value(dice, of):
    return dice.choice(ADDRESSES if of in ADDRESS_NAMES else VALUES)


def field(dice):
    of = name(dice)
    return of, value(dice, of)


def body(dice):
    lines = [
        dice.choice(RARE_LINES if dice.random() < 0.02 else LINES)
        for _ in range(dice.choice((0, 1, 2, 4, 9, 30)))
    ]
    if dice.random() < 0.03:
        lines *= 200
    return b"".join(line + b"\r\n" for line in lines)


def acts(dice):
    """What the filters do, in the order of the chain, so that it reads as it happens."""
    if dice.random() < 0.05:
        return
    for name in FILTERS:
        for stage in STAGES:
            for _ in range(dice.choice((0, 1, 2, 4) if stage == "message" else (0, 0, 0, 1))):
                yield act(dice, name, stage)
        if dice.random() < 0.1:
            yield Act(name, "message", dice.choice(("fail", "accept")))


def act(dice, name, stage):
    verb = dice.choice(tuple(WORDS) if dice.random() < 0.5 else tuple(WORDS)[:4])
    return Act(name, stage, verb, tuple(WORDS[verb](dice)))


def nth(dice):
    return b"%d" % dice.choice((0, 0, 0, 1, 2))


def new_field(dice):
    """As a filter may write it: a line may end in CRLF too."""
    of, text = field(dice)
    return [of, text.replace(b"\n", b"\r\n") if dice.random() < 0.2 else text]


def new_body(dice):
    text = body(dice)
    return [text[:-2] if dice.random() < 0.3 else text]


def new_recipient(dice):
    arguments = [b"NOTIFY=NEVER"] if dice.random() < 0.2 else []
    return [dice.choice(ADDED).encode(), *arguments]


def new_sender(dice):
    arguments = [b"RET=HDRS ENVID=QQ2"] if dice.random() < 0.3 else []
    return [dice.choice(SENDERS), *arguments]


WORDS = {
    "add-header": new_field,
    "insert-header": lambda dice: [b"%d" % dice.randint(0, 14), *new_field(dice)],
    "set-header": lambda dice: [nth(dice), *new_field(dice)],
    "delete-header": lambda dice: [nth(dice), dice.choice(NAMES)],
    "replace-body": new_body,
    "append-body": new_body,
    "set-sender": new_sender,
    "add-recipient": new_recipient,
    "delete-recipient": lambda dice: [dice.choice(ADDED).encode()],
}
