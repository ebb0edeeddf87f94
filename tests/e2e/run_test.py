#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The harness itself: it must fail where it should, and accept only when told to."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

E2E = pathlib.Path(__file__).resolve().parent


class Harness(unittest.TestCase):
    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name).resolve()
        (self.root / "tests/e2e/cases").mkdir(parents=True)
        (self.root / "bin").mkdir()
        shutil.copy(E2E / "run", self.root / "tests/e2e/run")
        program = self.root / "bin/cc-ci"
        program.write_text("#!/bin/sh\necho \"out $*\"\necho err >&2\nexit 3\n")
        program.chmod(0o755)

    def case(self, text, name="one"):
        (self.root / f"tests/e2e/cases/{name}.case").write_text(text)

    def run_it(self, *arguments):
        return subprocess.run(
            ["/usr/bin/python3", self.root / "tests/e2e/run", "--programs", self.root / "bin",
             *arguments], capture_output=True, text=True, check=False, env={"PATH": "/usr/bin:/bin"})

    def golden(self, name="one"):
        return self.root / f"tests/golden/e2e/{name}.txt"

    def test_accepts_then_agrees_then_tells_the_difference(self):
        self.case("cc-ci a\n")
        self.assertEqual(self.run_it("one").returncode, 1)
        self.assertFalse(self.golden().exists())
        self.assertEqual(self.run_it("--accept", "one").returncode, 0)
        self.assertEqual(self.golden().read_text(), "status 3\n--- stdout\nout a\n--- stderr\nerr\n")
        self.assertEqual(self.run_it("one").returncode, 0)
        self.case("cc-ci b\n")
        changed = self.run_it("one")
        self.assertEqual(changed.returncode, 1)
        self.assertIn("-out a\n+out b\n", changed.stdout)

    def test_sees_each_stream_and_the_status(self):
        self.case("cc-ci a\n")
        self.run_it("--accept", "one")
        for other in ("cc-ci a 2>&1", "cc-ci a || true", "cc-ci a 2>/dev/null", "printf 'out a'"):
            self.case(other + "\n")
            self.assertEqual(self.run_it("one").returncode, 1, other)

    def test_stops_at_the_first_failure_and_at_unset_variables(self):
        self.case("false\necho on\n")
        self.run_it("--accept", "one")
        self.assertEqual(self.golden().read_text(), "status 1\n--- stdout\n--- stderr\n")
        self.case("echo $NOT_SET_ANYWHERE\n")
        self.run_it("--accept", "one")
        self.assertIn("status 1", self.golden().read_text())

    def test_replaces_what_differs_from_run_to_run(self):
        self.case("# scrub: times sizes\n# replace: pid \\d+ => pid N\n"
                  "echo took 2.1 s, 35 ms, 506 MB at 12.3 MB/s, pid $$; pwd; echo 12 Bars\n")
        self.run_it("--accept", "one")
        self.assertIn("took TIME, TIME, SIZE at SIZE, pid N\nWORK/here\n12 Bars\n",
                      self.golden().read_text())
        self.assertEqual(self.run_it("one").returncode, 0)

    def test_skips_with_a_reason(self):
        self.case("# needs: no-such-program\ncc-ci\n")
        skipped = self.run_it("one")
        self.assertEqual(skipped.returncode, 77)
        self.assertIn("no-such-program is missing", skipped.stdout)

    def test_ends_what_takes_too_long_with_all_its_children(self):
        self.case("# timeout: 1\nsleep 1000 & sleep 1000\n")
        self.run_it("--accept", "one")
        self.assertIn("status none: took longer than 1 seconds", self.golden().read_text())

    def test_marks_a_missing_newline(self):
        self.case("printf x\n")
        self.run_it("--accept", "one")
        self.assertIn("x\n\\ no newline at the end\n", self.golden().read_text())

    def test_counts_when_there_are_several(self):
        self.case("cc-ci\n", "a")
        self.case("cc-ci\n", "b")
        self.run_it("--accept", "a")
        several = self.run_it()
        self.assertEqual(several.returncode, 1)
        self.assertIn("1 good, 1 different, 0 skipped", several.stdout)


if __name__ == "__main__":
    unittest.main()
