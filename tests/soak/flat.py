# SPDX-License-Identifier: BSD-2-Clause
"""Whether something grows: samples at even intervals, judged by medians of quarters.

The first quarter is the warm-up, in which caches and the allocator's arenas fill. Flat means that
the median of the last quarter is not above that of the second by more than a share and a slack: the
share allows for noise, the slack for what is small. What grows steadily passes that soon; a single
outlier, or what goes up and down, does not.
"""

from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Tolerance:
    share: float
    slack: float


TOLERANCES = {
    "rss": Tolerance(0.10, 8192),  # kB; three large messages at a time, in whichever worker
    "pss": Tolerance(0.10, 8192),
    "descriptors": Tolerance(0.10, 4),  # sessions have one each, and come and go
    "threads": Tolerance(0.25, 4),  # libmilter has more of them when there is more to do
}
FEWEST = 16


def quarters(values):
    """The medians of the second and of the last quarter."""
    if len(values) < FEWEST:
        raise ValueError(f"{len(values)} samples are too few")
    quarter = len(values) // 4
    return median(values[quarter : 2 * quarter]), median(values[-quarter:])


def is_flat(measure, values):
    before, after = quarters(values)
    tolerance = TOLERANCES[measure]
    return after <= before * (1 + tolerance.share) + tolerance.slack
