#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One system call fails, once: the command ends with an error or with the right result, and never hangs.

strace injects the fault into one process or thread of the command. Afterwards the same command, without a
fault, must give the result of an undisturbed run.

  CCCI_FAULTS    how many faults per command
  CCCI_SEED      repeats a run
  CCCI_FAULT     one fault only, as a failure prints it: COMMAND:CALL:ERROR:WHEN
"""
import json
import operator
import os
import random
import re
import shutil
import signal
import subprocess
import unittest

import fault_table
import signed_archive
import support
from support import environment

FAULTS = int(os.environ.get("CCCI_FAULTS", "3"))
SEED = int(os.environ.get("CCCI_SEED", random.randrange(1 << 32)))
ONLY = os.environ.get("CCCI_FAULT", "")
DEADLINE = 200  # seconds; twice the patience with a silent download, and more



class Faults(signed_archive.ArchiveTest):
    def setUp(self):
        super().setUp()
        if not support.ROOT:
            self.skipTest("needs root")
        print(f"CCCI_SEED={SEED}", flush=True)
        # A seed of its own for each command, so that a change of one leaves the others alone.
        self.chance = random.Random(f"{SEED} {self.id()}")

    # The commands. Each has `fresh`, which makes the state before it, and `outcome`, which says what it made.

    def test_build(self):
        here, _ = self.small()

        def fresh():
            return here, self.dir / "state", ["build", "--locked", "--json"]

        self.under_faults("build", fresh, self.environment_of)

    def test_lock(self):
        here, _ = self.small()

        def fresh():
            (here / "cc-ci.lock").unlink(missing_ok=True)
            return here, self.dir / "state", ["lock"]

        self.under_faults("lock", fresh, lambda *_: (here / "cc-ci.lock").read_text())

    def test_gc(self):
        here, kept = self.small()
        garbage = kept / "store" / "package" / ("0" * 32 + "-garbage")
        (garbage / "root" / "usr" / "bin").mkdir(parents=True)
        for number in range(40):
            (garbage / "root" / "usr" / "bin" / f"file-{number}").write_text("garbage")

        def fresh():
            return here, self.copied(kept), ["gc", "--json"]

        self.under_faults("gc", fresh, lambda _, state, __: support.objects(state))

    def test_prove(self):
        here, kept = self.small()
        self.git(here, "init", "--quiet", "--initial-branch", "main")
        self.git(here, "add", "--all")
        self.git(here, "commit", "--quiet", "-m", "begin")

        def fresh():
            return here, self.copied(kept), ["prove", "--no-build", "--json"]

        def outcome(_, __, stdout):
            return {proof["name"]: proof["verdict"] for proof in json.loads(stdout)["proofs"]}

        def same(found, expected):
            """A proof that could not run says so; it does not pass or fail."""
            return all(found[name] in (verdict, "unproven") for name, verdict in expected.items())

        self.under_faults("prove", fresh, outcome, good=1, same=same)

    def test_gate(self):
        here = self.dir / "project"
        (here / "gates").mkdir(parents=True)
        (here / "gates" / "demo.toml").write_text(
            'title = "one gate"\n[[gate]]\nname = "M1"\nwhat = "it says hello"\nwhere = ["a.txt"]\n'
            '[[gate.check]]\nname = "hello"\nhow = "cat a.txt"\nexpect = { output = "hello" }\n')
        (here / "a.txt").write_text("hello\n")
        (self.dir / "keys").mkdir(mode=0o700)
        key = self.dir / "keys" / "builder"
        made = json.loads(self.good(self.gate(here, "keygen", key, "--json")))
        (here / "gates" / "keys.toml").write_text(
            f'[builder]\npublic = "{made["public"]}"\nmay = ["claim"]\n')
        self.git(here, "init", "--quiet", "--initial-branch", "main")
        self.git(here, "add", "--all")
        self.git(here, "commit", "--quiet", "-m", "begin")
        remote = self.dir / "remote"
        self.good(self.call("git", "init", "--quiet", "--bare", remote))
        self.git(here, "remote", "add", "origin", remote)
        self.git(here, "push", "--quiet", "--set-upstream", "origin", "main")
        original = self.dir / "original"
        here.rename(original)

        def fresh():
            shutil.rmtree(here, ignore_errors=True)
            shutil.copytree(original, here, symlinks=True)
            return here, self.dir / "state", ["gate", "claim", "M1", "--key", key]

        def outcome(*_):
            found = json.loads(self.good(self.gate(here, "log", "--json")))
            return [record.get("gate") for record in found["records"]][:1]

        # A claim that was recorded although the command failed is claimed once more: both are in the ledger.
        self.under_faults("gate", fresh, outcome)

    def test_sweep(self):
        recipe = self.dir / "recipe"
        recipe.mkdir()
        (recipe / "compose.yml").write_text("services:\n  app:\n    image: nothing:1\n")
        self.git(recipe, "init", "--quiet", "--initial-branch", "main")
        self.git(recipe, "add", "--all")
        self.git(recipe, "commit", "--quiet", "-m", "begin")
        here, kept = self.small(f'[recipes.one]\nsource = "{recipe}"\n',
                                ["docker.io", "haproxy", "restic"])

        def fresh():
            return here, self.copied(kept), ["sweep", "--json"]

        def outcome(_, __, stdout):
            return [(row["name"], row["decision"], row["reason"])
                    for row in json.loads(stdout)["recipes"]]

        self.under_faults("sweep", fresh, outcome)

    # What they share.

    def copied(self, kept):
        self.good(self.call("cp", "-a", kept, self.dir / "state"))
        return self.dir / "state"

    def git(self, here, *words):
        return self.good(self.call("git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words,
                                   cwd=here))

    def gate(self, here, *words):
        return self.call(self.program, "-q", "-C", here, "--state", self.dir / "unused", "gate", *words,
                         env=self.surroundings())

    def surroundings(self):
        return environment(TMPDIR=str(self.dir), XDG_STATE_HOME=str(self.dir / "xdg"))

    def environment_of(self, here, state, stdout):
        made = json.loads(stdout)["environment"]
        self.verified(here, state)
        self.assert_nothing_staged(state)
        return made["hash"], made["digest"]

    def run_it(self, here, state, words, before=()):
        """Status (None: it hung), standard output, standard error."""
        process = subprocess.Popen(
            [str(word) for word in (*before, self.program, "-q", "-C", here, "--state", state, *words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.surroundings(), start_new_session=True)
        try:
            stdout, stderr = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            stdout, stderr = process.communicate()
            return None, stdout, stderr
        return process.returncode, stdout, stderr

    def clean(self):
        for path in (self.dir / "state", self.dir / "xdg"):
            support.remove(path) if path.exists() else None

    def counts(self, fresh):
        """Of each call: how often the loader makes it before the program begins, and how often the process or
        thread makes it that makes most of them. What fails in the loader is not cc-ci's."""
        here, state, words = fresh()
        loader = self.calls_of(here, state, ["--version"])
        counted = self.calls_of(here, state, words)
        self.clean()
        return {call: (loader.get(call, 0), most) for call, most in counted.items()
                if most > loader.get(call, 0)}

    def calls_of(self, here, state, words):
        log = self.dir / "calls"
        self.run_it(here, state, words, ("strace", "-f", "-qq", "-o", log))
        each = {}
        with open(log, encoding="utf-8", errors="replace") as lines:
            for line in lines:
                found = re.match(r"(\d+) +([a-z0-9_]+)\(", line)
                if found and found[2] in fault_table.ERRORS:
                    calls = each.setdefault(found[2], {})
                    calls[found[1]] = calls.get(found[1], 0) + 1
        return {call: max(by_thread.values()) for call, by_thread in each.items()}

    def faults(self, command, fresh):
        if ONLY:
            return [tuple(ONLY.split(":")[1:])] if ONLY.startswith(command + ":") else []
        counts = self.counts(fresh)
        chosen = []
        for _ in range(FAULTS):
            call = self.chance.choice(sorted(counts))
            loader, most = counts[call]
            # The first and last calls are rarer than those between, and say more.
            when = self.chance.choice([loader + 1, most,
                                       *(self.chance.randint(loader + 1, most) for _ in range(4))])
            chosen.append((call, self.chance.choice(fault_table.ERRORS[call]), str(when)))
        return chosen

    def under_faults(self, command, fresh, outcome, good=0, same=operator.eq):
        here, state, words = fresh()
        status, stdout, errors = self.run_it(here, state, words)
        self.assertEqual(status, good, stdout + errors)
        expected = outcome(here, state, stdout)
        self.clean()
        for call, error, when in self.faults(command, fresh):
            self.clean()
            fault = f"{command}:{call}:{error}:{when}"
            with self.subTest(replay=f"CCCI_FAULT={fault}"):
                here, state, words = fresh()
                status, stdout, errors = self.run_it(
                    here, state, words, ("strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}",
                                         "-e", f"inject={call}:error={error}:when={when}"))
                self.sound(status, errors, f"status {status}\n{stdout}{errors}", error == "EPIPE")
                if status == good:
                    told = outcome(here, state, stdout)
                    self.assertTrue(same(told, expected), f"{told} instead of {expected}\n{errors}")
                    continue
                status, stdout, errors = self.run_it(here, state, words)
                self.assertEqual(status, good, f"afterwards, without a fault: {stdout}{errors}")
                self.assertEqual(outcome(here, state, stdout), expected, "afterwards, without a fault")

    def sound(self, status, errors, told, closed_pipe):
        self.assertIsNotNone(status, f"it hangs\n{told}")
        if "in libgcrypt" in errors:  # it aborts if it cannot read whether it is in FIPS mode
            return
        if status == -signal.SIGPIPE and closed_pipe:  # so ends what nobody reads (cli/signals.hpp)
            return
        self.assertIn(status, range(0, 126), f"it was ended by a signal\n{told}")
        self.assertNotIn("mistake in cc-ci", errors)
        if status not in (0, 1):
            self.assertRegex(errors, r"(?m)^cc-ci: error: ", told)


if __name__ == "__main__":
    support.main()
