#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Nobody can stop root's cc-ci by holding a lock, and a wait says for whom."""
import fcntl
import os
import pathlib
import subprocess
import sys
import time
import unittest

import support
from support import PROGRAM, environment


class Locks(support.Attack):
    def test_another_user_can_hold_no_lock_of_the_store(self):
        self.store()
        self.garbage()
        with self.held_by_stranger(self.state, "/run/cc-ci"):
            for words in (["gc"], ["store", "roots"], ["store", "verify"], ["gc", "--dry-run"],
                          ["store", "repair"], ["show"], ["doctor"]):
                with self.subTest(words=words):
                    started = time.monotonic()
                    self.cc_ci(*words, timeout=20)
                    self.assertLess(time.monotonic() - started, 5)
        self.assertEqual(list((self.state / "store/package").iterdir()), [])

    def test_locks_of_an_older_version_are_closed(self):
        self.store()
        (self.state / "locks").chmod(0o755)
        (self.state / "staging").chmod(0o755)
        lock = self.state / "locks" / "collection"
        lock.write_text("")
        lock.chmod(0o644)
        self.good(self.cc_ci("gc"))
        for path in (lock, self.state / "locks", self.state / "staging"):
            self.assertEqual(path.stat().st_mode & 0o077, 0, path)

    def test_a_user_can_still_look_at_roots_store(self):
        self.store()
        self.good(self.cc_ci("store", "roots", user=support.STRANGER))
        self.good(self.cc_ci("show", user=support.STRANGER))

    def test_gc_says_for_whom_it_waits(self):
        self.store()
        with open(self.state / "locks" / "collection", "w") as lock:
            fcntl.flock(lock, fcntl.LOCK_SH)
            waiting = subprocess.Popen(
                [PROGRAM, "--state", self.state, "gc"], stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE, text=True, env=environment())
            line = waiting.stderr.readline()
            fcntl.flock(lock, fcntl.LOCK_UN)
        self.assertEqual(waiting.wait(timeout=30), 0)
        waiting.stderr.close()
        self.assertIn(f"waiting for process {os.getpid()} (python3), which holds the lock "
                      "'collection' of the store", line)


class Ledger(support.Attack):
    def git(self, *words):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
                       cwd=self.project, check=True, capture_output=True,
                       env=environment(HOME=str(self.dir)))

    def setUp(self):
        super().setUp()
        self.home = self.dir / "home"
        self.home.mkdir()
        keygen = self.gate("keygen", "me")
        self.good(keygen)
        public = [word for word in (keygen.stdout + keygen.stderr).replace('"', " ").split()
                  if word.startswith("ed25519:")][0]
        gates = self.project / "gates"
        gates.mkdir()
        (gates / "keys.toml").write_text(f'[me]\npublic = "{public}"\nmay = ["claim", "verify"]\n')
        (gates / "demo.toml").write_text(
            "[[gate]]\nname = 'M1'\nwhat = 'it holds'\nwhere = ['cc-ci.toml']\n"
            "[[gate.check]]\nname = 'one'\nhow = 'cat cc-ci.toml'\nexpect = { lines = 2 }\n")
        subprocess.run(["git", "init", "-q", "--bare", self.dir / "remote.git"], check=True)
        self.git("init", "-q", "-b", "main")
        self.git("remote", "add", "origin", str(self.dir / "remote.git"))
        self.git("add", "-A")
        self.git("commit", "-qm", "demo")
        self.git("push", "-q", "-u", "origin", "main")

    def gate(self, *words):
        return self.cc_ci("gate", *words, HOME=str(self.home))

    def test_another_user_can_hold_no_lock_of_the_ledger(self):
        self.good(self.gate("claim", "M1"))
        with self.held_by_stranger(self.project, self.home):
            started = time.monotonic()
            self.gate("status")
            self.gate("log")
            veto = self.gate("veto", "M1", "--reason", "not yet")
            self.assertEqual(veto.returncode, 0, veto.stderr)
            self.assertLess(time.monotonic() - started, 10)
        self.assertIn("veto", self.gate("log").stdout)

    def test_a_claim_that_cannot_be_remembered_is_not_made(self):
        checkpoints = self.home / ".local/state/cc-ci"
        checkpoints.mkdir(parents=True)
        (checkpoints / "checkpoints").write_text("a file")
        self.assertNotEqual(self.gate("claim", "M1").returncode, 0)
        self.assertFalse((self.project / "gates/ledger.jsonl").exists())


if __name__ == "__main__":
    support.main()
