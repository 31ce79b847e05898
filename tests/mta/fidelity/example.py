# SPDX-License-Identifier: BSD-2-Clause
"""An example: a message, its envelope, and what each filter does to it.

The filters are instances of the plugin edit-files, which reads the acts from files named for the
message and the filter. In a header value lines end as the milter protocol has it, in LF.
"""

import os
from dataclasses import dataclass

STAGES = ("mail", "rcpt", "eoh", "message")
FILTERS = ("one", "two", "shade", "three")  # in the order of the chain
SHADOW = "shade"

CONFIG = "".join(
    f"filter {name} {{\n"
    "    plugin   edit-files;\n"
    "    folder   {folder};\n"
    "    on-error skip;\n" + ("    mode     shadow;\n" if name == SHADOW else "") + "}\n"
    for name in FILTERS
).replace("{\n", "{{\n").replace("}\n", "}}\n")


@dataclass(frozen=True)
class Act:
    """What a filter does at a stage; words are bytes."""

    filter: str
    stage: str
    verb: str
    words: tuple = ()

    def line(self):
        return " ".join([self.stage, self.verb, *("=" + quoted(word) for word in self.words)])


@dataclass(frozen=True)
class Example:
    name: str  # [a-z0-9]+
    fields: tuple  # (name, value behind the colon), bytes
    body: bytes
    recipients: tuple
    acts: tuple
    arguments: str = ""  # of MAIL
    separated: bool = True  # False: not even the empty line stands behind the fields

    @property
    def sender(self):
        return f"case-{self.name}@sender.example"

    def content(self):
        """The bytes that are sent after DATA."""
        return joined(self.fields, self.body if self.separated else None)

    def write(self, folder):
        """The files that edit-files reads."""
        own = os.path.join(folder, self.name)
        os.makedirs(own, exist_ok=True)
        for name in FILTERS:
            lines = [act.line() + "\n" for act in self.acts if act.filter == name]
            with open(os.path.join(own, name), "w", encoding="ascii") as file:
                file.writelines(lines)

    def story(self):
        """All of it, for whoever has to find out what went wrong."""
        return "\n".join(
            [
                f"MAIL FROM:<{self.sender}> {self.arguments}",
                *(f"RCPT TO:<{address}>" for address in self.recipients),
                *map(repr, self.content().splitlines(keepends=True)),
                *(f"{act.filter}: {act.line()}" for act in self.acts),
            ]
        )


def joined(fields, body):
    """A message as it goes over SMTP; without a body there is no empty line either."""
    head = b"".join(
        name + b":" + value.replace(b"\n", b"\r\n") + b"\r\n" for name, value in fields
    )
    return head if body is None else head + b"\r\n" + body


def quoted(word):
    """Bytes as the plugin reads them."""
    return "".join(
        chr(byte) if 33 <= byte <= 126 and byte != 37 else f"%{byte:02X}" for byte in word
    )
