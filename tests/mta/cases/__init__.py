# SPDX-License-Identifier: BSD-2-Clause
"""All cases, in the order in which they are run."""

from . import refusals, tempfails, fate, headers, body, envelope, sessions, lifecycle, kills, reloads

GROUPS = (refusals, tempfails, fate, headers, body, envelope, sessions, lifecycle, kills, reloads)
