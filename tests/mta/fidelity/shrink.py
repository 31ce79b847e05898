# SPDX-License-Identifier: BSD-2-Clause
"""Makes an example that fails smaller: fewer acts, fields, recipients and lines, shorter words.

Candidates are tried many at a time, as one batch through the MTA costs little more than one
message. The first of a batch that still fails is the next to be made smaller.
"""

import dataclasses
import itertools
import re
import time

SECONDS = 60  # spent on one example
CANDIDATES = 100  # of a batch
TEXTS = ("add-header", "insert-header", "set-header", "replace-body", "append-body")


def shrink(example, failures):
    """The smallest example found, and what is wrong with it; failures() tries a list of them."""
    end = time.monotonic() + SECONDS
    finding, round_ = None, 0
    while time.monotonic() < end:
        round_ += 1
        candidates = [
            dataclasses.replace(candidate, name=f"{example.name}r{round_}c{number}")
            for number, candidate in enumerate(itertools.islice(smaller(example), CANDIDATES))
        ]
        failing = failures(candidates)
        if not failing:
            break
        name = example.name.partition("r")[0]
        example, finding = failing[0]
        example = dataclasses.replace(example, name=name)
    return example, finding


def smaller(example):
    """Smaller ones, those that lose most first."""
    for key in ("acts", "fields", "recipients"):
        for shorter in fewer(getattr(example, key)):
            if key != "recipients" or shorter:
                yield dataclasses.replace(example, **{key: shorter})
    for lines in fewer(tuple(re.findall(rb".*?\r\n", example.body, re.DOTALL))):
        yield dataclasses.replace(example, body=b"".join(lines))
    if example.arguments:
        yield dataclasses.replace(example, arguments="")
    for number, (name, value) in enumerate(example.fields):
        for simple in simpler(value):
            yield dataclasses.replace(
                example, fields=put(example.fields, number, (name, simple))
            )
    for number, act in enumerate(example.acts):
        if act.verb in TEXTS:
            for simple in simpler(act.words[-1]):
                words = (*act.words[:-1], simple)
                yield dataclasses.replace(
                    example,
                    acts=put(example.acts, number, dataclasses.replace(act, words=words)),
                )


def fewer(items):
    """The items without halves, quarters and so on, down to without one."""
    size = len(items) // 2 or 1
    while items and size:
        for start in range(0, len(items), size):
            yield items[:start] + items[start + size :]
        size //= 2


def simpler(value):
    """Shorter texts in the place of one that is no address."""
    if len(value) > 2 and b"@" not in value:
        yield b" 1"
        if len(value) > 40 and b"\n" not in value:
            yield value[: len(value) // 2]


def put(items, number, item):
    return items[:number] + (item,) + items[number + 1 :]
