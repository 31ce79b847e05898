# SPDX-License-Identifier: BSD-2-Clause
"""Whatever filters do to whatever message, what is delivered is what the model says, to the byte.

FIDELITY_CASES random examples (500), the same ones for the same FIDELITY_SEED, which is a new one
in each run unless it is given. A failure prints the seed, and the example made as small as it gets.
"""

import os
import random
import tempfile

from fidelity.example import CONFIG, FILTERS
from fidelity.generate import examples
from fidelity.shrink import shrink
from fidelity.trial import FidelityTrial
from lab.failure import Failure
from lab.filterd import Chain
from lab.registry import case

COUNT = int(os.environ.get("FIDELITY_CASES", "500"))
SEED = os.environ.get("FIDELITY_SEED") or str(random.randrange(10**9))
BATCH = 100
SHOWN = 3  # failures that are made small and shown

ACTS = tempfile.TemporaryDirectory(prefix="filterd-acts-")
os.chmod(ACTS.name, 0o755)
RULES = Chain(FILTERS, CONFIG.format(folder=ACTS.name))


@case("random messages and edits arrive as the model says")
def arrive(t):
    trial = FidelityTrial(t, ACTS.name)
    print(f"# {COUNT} examples, FIDELITY_SEED={SEED}", flush=True)
    failing, every = [], examples(SEED, COUNT, t.mta.name)
    while every and len(failing) < SHOWN:
        batch, every = every[:BATCH], every[BATCH:]
        failing += trial.failures(batch)
        t.sink.forget()
    if failing:
        raise Failure("\n".join([f"FIDELITY_SEED={SEED}", *map_shown(trial, failing)]))


def map_shown(trial, failing):
    yield f"{len(failing)} examples or more do not arrive as they should"
    for example, finding in failing[:SHOWN]:
        small, smaller_finding = shrink(example, trial.failures)
        yield f"{small.story()}\n  {smaller_finding or finding}"
