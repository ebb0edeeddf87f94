# SPDX-License-Identifier: GPL-3.0-or-later
"""Patience with mirrors. Tests of a kind share what they prepare once from the network."""
import sys
import time

PAUSES = (15, 60)  # seconds


def patiently(attempt, problem):
    """Returns what `attempt()` returns, which is false if a mirror refuses. It tries again after pauses."""
    for pause in (*PAUSES, None):
        result = attempt()
        if result:
            return result
        if pause is None:
            break
        print(f"{problem}; next attempt in {pause} s", file=sys.stderr, flush=True)
        time.sleep(pause)
    raise RuntimeError(f"{problem}, see above")
