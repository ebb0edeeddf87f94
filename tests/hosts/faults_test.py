#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One system call of a switch or rollback fails, once: the host has one whole generation, and the same
command then works.

strace injects the fault into one process or thread of the command, also into the programs that it starts.

  CCCI_FAULTS    how many faults per command
  CCCI_SEED      repeats a run
  CCCI_FAULT     one fault only, as a failure prints it: COMMAND:CALL:ERROR:WHEN
"""
import os
import random
import re
import sys

import project
import switching
from support import HERE, main

sys.path.append(str(HERE.parent / "build"))
import fault_table  # noqa: E402 # pylint: disable=wrong-import-position

FAULTS = int(os.environ.get("CCCI_FAULTS", "3"))
SEED = int(os.environ.get("CCCI_SEED", random.randrange(1 << 32)))
ONLY = os.environ.get("CCCI_FAULT", "")
DEADLINE = 60  # seconds; a switch of these hosts takes two
CC_CI = ("cc-ci", "-q", "-C", "/srv/ci", "--offline")


class Faults(switching.SwitchTest):
    def test_faults(self):
        print(f"CCCI_SEED={SEED}", flush=True)
        host = self.set_up(SEED)
        self.under_faults(host, ("switch", "a"), start=1)
        project.switch(host)
        self.under_faults(host, ("rollback", "1"), start=2)

    def calls_of(self, host, *words):
        """How often the process or thread makes each call that makes most of them."""
        host.good("strace", "-f", "-qq", "-o", "/root/calls", *words)
        each = {}
        for process, call in re.findall(r"(?m)^(\d+) +([a-z0-9_]+)\(", host.read("/root/calls")):
            if call in fault_table.ERRORS:
                calls = each.setdefault(call, {})
                calls[process] = calls.get(process, 0) + 1
        return {call: max(by_process.values()) for call, by_process in each.items()}

    def faults(self, host, words, start):
        if ONLY:
            return [tuple(ONLY.split(":")[1:])] if ONLY.startswith(words[0] + ":") else []
        chance = random.Random(f"{SEED} {words[0]}")
        # What fails in the loader is not cc-ci's.
        loader = self.calls_of(host, "cc-ci", "--version")
        counts = {call: (loader.get(call, 0), most)
                  for call, most in self.calls_of(host, *CC_CI, *words).items()
                  if most > loader.get(call, 0)}
        self.back(host, start)
        chosen = []
        for _ in range(FAULTS):
            call = chance.choice(sorted(counts))
            before, most = counts[call]
            chosen.append((call, chance.choice(fault_table.ERRORS[call]),
                           str(chance.randint(before + 1, most))))
        return chosen

    def under_faults(self, host, words, start):
        for call, error, when in self.faults(host, words, start):
            with self.subTest(replay=f"CCCI_SEED={SEED} CCCI_FAULT={words[0]}:{call}:{error}:{when}"):
                done = host.run("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                                "-e", f"inject={call}:error={error}:when={when}", *CC_CI, *words,
                                timeout=DEADLINE)
                told = f"status {done.returncode}\n{done.stdout}{done.stderr}"
                self.assertIn(done.returncode, range(0, 126), told)
                self.assertNotIn("mistake in cc-ci", done.stderr)
                self.whole(host)
                if done.returncode == 0:
                    self.converged(host, 3 - start)
                else:
                    self.assertRegex(done.stderr, r"(?m)^cc-ci: error: ", told)
                    project.good(host, *words)
                    self.converged(host, 3 - start)
                self.back(host, start)


if __name__ == "__main__":
    main()
