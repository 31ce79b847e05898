# SPDX-License-Identifier: BSD-2-Clause
"""All cases: a module a line, in the order in which they are run."""

import importlib

NAMES = """
    refusals
    tempfails
    fate
    headers
    forged
    body
    attachments
    footer
    envelope
    sessions
    lifecycle
    kills
    crashes
    hangs
    reloads
    clients
    neighbours
    fidelity
    corpus
    shadow
    recordings
    signing
    quarantine
""".split()

GROUPS = [importlib.import_module(f"{__name__}.{name}") for name in NAMES]
