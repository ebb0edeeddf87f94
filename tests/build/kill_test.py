#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A build that is killed leaves a sound store, and the next one makes what the first would have.

CCCI_KILLS says how often, CCCI_SEED repeats a run.
"""
import os
import random
import re
import shutil
import signal
import subprocess
import time
import unittest

import support
from support import TINY, environment, tree_digest

KILLS = int(os.environ.get("CCCI_KILLS", "4"))
SEED = int(os.environ.get("CCCI_SEED", random.randrange(1 << 32)))


class Kill(support.BuildTest):
    MEMORY = True  # a killed process loses nothing that it wrote

    def setUp(self):
        super().setUp()
        self.here = self.project(TINY)
        state = self.state(self.here)
        began = time.monotonic()
        built = self.build(self.here, state)
        # Of the build alone: reading the tree afterwards takes as long, and a kill in that time hits
        # nothing.
        self.duration = time.monotonic() - began
        self.expected = self.outcome(built)

    def outcome(self, built):
        shared = built["environment"]
        return shared["hash"], shared["digest"], tree_digest(shared["root"])

    def words(self, state, *before):
        return [*before, self.program, "-q", "-C", self.here, "--state", state, "--offline",
                "build", "--locked"]

    def converges(self, state):
        self.verified(self.here, state)
        self.assertEqual(self.outcome(self.build(self.here, state)), self.expected)
        self.assert_nothing_staged(state)
        left = [name for name in os.listdir(state / "roots") if name.startswith(".")]
        self.assertEqual(left, [], "links that a killed build was about to put in place")
        self.verified(self.here, state)

    def test_at_random_moments_of_a_cold_build(self):
        print(f"{KILLS} kills, CCCI_SEED={SEED}", flush=True)
        chance = random.Random(SEED)
        for number in range(KILLS):
            state = self.state(self.here, f"state-{number}")
            moment = chance.uniform(0, self.duration)
            # The measured build was the first to read its files: later ones are faster, and one that
            # ends before its kill is tried again with less time.
            while not self.killed_after(moment, state, chance):
                shutil.rmtree(state)
                state = self.state(self.here, f"state-{number}")
                moment *= 0.7
            with self.subTest(number=number, moment=moment):
                if chance.random() < 0.3:  # a second death, in taking up what the first one left
                    subprocess.run(["timeout", "--signal=KILL",
                                    f"{chance.uniform(0.01, self.duration):.3f}",
                                    *self.words(state)], capture_output=True, env=environment())
                self.converges(state)
            shutil.rmtree(state)

    def killed_after(self, moment, state, chance):
        process = subprocess.Popen(self.words(state), stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, env=environment(),
                                   start_new_session=True)
        try:
            process.wait(timeout=moment)
        except subprocess.TimeoutExpired:
            # The process alone, or with all that it started, as a machine dies.
            chance.choice([os.kill, os.killpg])(process.pid, signal.SIGKILL)
        _, errors = process.communicate()
        self.assertIn(process.returncode, (0, -signal.SIGKILL), errors)
        return process.returncode != 0

    @unittest.skipUnless(shutil.which("strace"), "strace is not installed")
    def test_at_system_calls_that_make_things_last(self):
        """Each kind of call, killed at moments spread over all calls of that kind."""
        chance = random.Random(SEED)
        kinds = ["rename,renameat,renameat2", "fsync,fdatasync,syncfs", "link,linkat",
                 "mkdir,mkdirat", "symlink,symlinkat", "unlink,unlinkat", "flock"]
        for kind in kinds:
            state = self.state(self.here, "counted")
            counted = subprocess.run(
                self.words(state, "strace", "-f", "-qq", "-c", "-e", f"trace={kind}"),
                capture_output=True, text=True, env=environment())
            self.good(counted)
            calls = sum(int(row[3]) for row in map(str.split, counted.stderr.splitlines())
                        if row and re.fullmatch(r"[a-z0-9]+", row[-1]) and row[-1] in kind.split(","))
            shutil.rmtree(state)
            self.assertGreater(calls, 0, kind)
            for _ in range(max(1, KILLS // 15)):
                # The first and the last calls are rarer than those between, and say more.
                at = chance.choice([1, calls, chance.randint(1, calls), chance.randint(1, calls)])
                state = self.state(self.here, "killed")
                with self.subTest(kind=kind, at=at, of=calls):
                    killed = subprocess.run(
                        self.words(state, "strace", "-f", "-qq", "-o", "/dev/null", "-e",
                                   f"trace={kind}", "-e", f"inject={kind}:signal=KILL:when={at}"),
                        capture_output=True, text=True, env=environment())
                    self.assertIn(killed.returncode, (0, -signal.SIGKILL, 137), killed.stderr)
                    self.converges(state)
                shutil.rmtree(state)


if __name__ == "__main__":
    support.main()
