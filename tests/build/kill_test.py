#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A build that is killed leaves a sound store, and the next one makes what the first would have.

CCCI_KILLS says how often, CCCI_SEED repeats a run.
"""
import collections
import os
import random
import re
import shutil
import signal
import subprocess
import time
import unittest

import signed_archive
import support
from support import TINY, environment, tree_digest

KILLS = int(os.environ.get("CCCI_KILLS", "4"))
SEED = int(os.environ.get("CCCI_SEED", random.randrange(1 << 32)))


class Converging:
    """What holds after a kill, in tests that have `here` and `expected`."""

    def outcome(self, state):
        shared = self.build(self.here, state)["environment"]
        return shared["hash"], shared["digest"], tree_digest(shared["root"])

    def converges(self, state):
        self.verified(self.here, state)
        self.assertEqual(self.outcome(state), self.expected)
        self.assert_nothing_staged(state)
        left = [name for name in os.listdir(state / "roots") if name.startswith(".")]
        self.assertEqual(left, [], "links that a killed build was about to put in place")
        self.verified(self.here, state)


class Kill(Converging, support.BuildTest):
    def setUp(self):
        super().setUp()
        self.here = self.project(TINY)
        state = self.state(self.here)
        began = time.monotonic()
        self.build(self.here, state)
        # Of the build alone: reading the tree afterwards takes as long, and a kill in that time hits
        # nothing.
        self.duration = time.monotonic() - began
        self.expected = self.outcome(state)

    def words(self, state, *before):
        return [*before, self.program, "-q", "-C", self.here, "--state", state, "--offline",
                "build", "--locked"]

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
class KillAtCalls(Converging, signed_archive.ArchiveTest):
    """Each kind of call that makes things last, killed at moments spread over all calls of that kind."""

    # Small packages of an archive of its own: more kills than with Debian's, in less time.
    def setUp(self):
        super().setUp()
        self.here, kept = self.small()
        self.archives = kept / "archives"
        self.expected = self.outcome(kept)

    def fresh(self):
        state = self.dir / "state"
        shutil.rmtree(state, ignore_errors=True)
        shutil.copytree(self.archives, state / "archives")
        return state

    def strace(self, state, *options):
        return subprocess.run(
            ["strace", "-f", "-qq", *options, self.program, "-q", "-C", self.here, "--state", state,
             "--offline", "build", "--locked"], capture_output=True, text=True, env=environment())

    def most_calls(self, kind):
        """Of the process or thread that makes most: strace counts for each alone when it injects."""
        log = self.dir / "calls"
        self.good(self.strace(self.fresh(), "-o", log, "-e", f"trace={kind}"))
        by_thread = collections.Counter(re.findall(r"(?m)^(\d+) +\w+\(", log.read_text()))
        return max(by_thread.values())

    def test_at_system_calls_that_make_things_last(self):
        print(f"CCCI_SEED={SEED}", flush=True)
        chance = random.Random(SEED)
        ended = 0
        for kind in ("rename,renameat,renameat2", "fsync,fdatasync,syncfs", "link,linkat",
                     "mkdir,mkdirat", "symlink,symlinkat", "unlink,unlinkat", "flock"):
            calls = self.most_calls(kind)
            # The first and the last calls are rarer than those between, and say more.
            for at in [1, calls, *(chance.randint(1, calls) for _ in range(KILLS))]:
                with self.subTest(kind=kind, at=at, of=calls):
                    state = self.fresh()
                    killed = self.strace(state, "-o", "/dev/null", "-e", f"trace={kind}",
                                         "-e", f"inject={kind}:signal=KILL:when={at}")
                    self.assertIn(killed.returncode, (0, -signal.SIGKILL, 137), killed.stderr)
                    ended += killed.returncode != 0
                    self.converges(state)
        self.assertGreater(ended, 4 * KILLS, "too few of the kills hit")


if __name__ == "__main__":
    support.main()
