# SPDX-License-Identifier: BSD-2-Clause
"""Cases: functions with a name, grouped by module; a module's RULES are the config of its cases."""

import itertools

_order = itertools.count()


def case(name):
    """Mark a function as the case of this name."""

    def mark(function):
        function.case_name = name
        function.case_order = next(_order)
        return function

    return mark


def cases_of(module):
    """(name, function) of each case of a module, in written order."""
    group = module.__name__.rpartition(".")[2]
    found = [value for value in vars(module).values() if hasattr(value, "case_name")]
    found.sort(key=lambda function: function.case_order)
    return [(f"{group}: {function.case_name}", function) for function in found]
