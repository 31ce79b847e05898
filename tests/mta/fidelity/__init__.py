# SPDX-License-Identifier: BSD-2-Clause
"""The property test: whatever filters do to whatever message, the MTA delivers what the model says.

example.py   a message with edits, and how it is written down
generate.py  random ones
model.py     what the edits make of the message: written anew, so that filterd is not its own judge
changes.py   what each MTA does to messages by itself, with the reasons: the only allowance made
offline.py   what `filterd test` says becomes of it
trial.py     sends examples through an MTA and compares
shrink.py    makes an example that fails smaller
"""
