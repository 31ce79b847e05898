# SPDX-License-Identifier: BSD-2-Clause
"""Real messages through chains that leave them alone: what arrives is what comes without a milter.

Each of CORPUS_SAMPLE (60) messages of the corpus that tests/corpus/run uses is sent to a port with
filterd and to one without a milter. Both deliveries must be the same but for the Received field.
"""

import glob
import os
import re

from lab.failure import Failure, Skip, equal, equal_bytes
from lab.filterd import Chain
from lab.registry import case
from lab.trial import RECIPIENT, SENDER

SAMPLE = int(os.environ.get("CORPUS_SAMPLE", "60"))
FOLDER = os.path.join(os.environ.get("BUILD_ROOT", "build"), "corpus/package/data")
HERE = os.path.dirname(os.path.realpath(__file__))

with open(os.path.join(HERE, "../../corpus/filterd.conf"), encoding="ascii") as config:
    FILTERS = config.read().replace("${rules}", "rules").partition("filter look")
RULES = Chain(("look", "change", "change-more", "undo"), FILTERS[1] + FILTERS[2])


def messages():
    """Bytes with CRLF, which SMTP has, and without the line that divides it from others."""
    found = sorted(glob.glob(FOLDER + "/*/*.txt"))
    for path in found[:: max(1, len(found) // SAMPLE)][:SAMPLE]:
        with open(path, "rb") as file:
            text = file.read()
        if text.startswith(b"From "):
            text = text.partition(b"\n")[2]
        yield re.sub(rb"\r*\n", b"\r\n", text.rstrip() + b"\n").replace(b"\r\r", b"\r")


@case("real messages arrive as they do without a milter")
def same(t):
    sample = list(messages())
    if not sample:
        raise Skip(f"no messages in {FOLDER}")
    for number, message in enumerate(sample):
        t.sink.forget()
        with_filterd, bare = (arrival(t, message, port) for port in ("unix", "bare"))
        equal_bytes(f"message {number} of {len(sample)}", with_filterd, bare)


def arrival(t, message, port):
    """The message as delivered, less the MTA's Received field and what it names it by."""
    t.send(message, SENDER, [RECIPIENT], "250", port)
    t.mta.wait_idle()
    found = t.sink.holding(b"")
    equal("number of deliveries", len(found), 1)
    equal("envelope", (found[0].sender, found[0].recipients), (SENDER, [RECIPIENT]))
    t.sink.forget()
    trace = re.match(rb"Received: from [^\n]*\n(?:[ \t][^\n]*\n)*", found[0].data)
    if not trace:
        raise Failure(f"the MTA's own Received is not the first field: {found[0].data[:200]!r}")
    return re.sub(rb"<[^<>]*@mta\.test>", b"<MADE>", found[0].data[trace.end() :])
