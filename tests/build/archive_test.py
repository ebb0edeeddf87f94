#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A tool that the distribution lacks: a pinned archive that the test makes."""
import hashlib
import io
import json
import subprocess
import tarfile

import support
from support import TINY

SCRIPT = b'#!/bin/sh\necho "abra version 0.13.0-beta, called as $0" "$@"\n'


class Archive(support.BuildTest):
    def setUp(self):
        super().setUp()
        self.archive = self.dir / "abra.tar.gz"
        with tarfile.open(self.archive, "w:gz") as tar:
            entry = tarfile.TarInfo("bin/abra")
            entry.size, entry.mode = len(SCRIPT), 0o755
            tar.addfile(entry, io.BytesIO(SCRIPT))
        self.sha256 = hashlib.sha256(self.archive.read_bytes()).hexdigest()

    def declare(self, where, sha256=None):
        text = (f'[runtime]\ntools = ["jq", "abra"]\n[packages.abra]\n{where}\n'
                f'sha256 = "{sha256 or self.sha256}"\ncommands = {{ abra = "bin/abra" }}\n')
        here = self.project(text, locked=False)
        # Its Debian part is the tiny declaration's, with the index that was read for it.
        tiny = self.project(TINY, "tiny")
        return here, self.state(tiny, apt=True)

    def runs(self, here, state, *options):
        self.good(self.cc_ci(here, state, "--offline", "lock"))
        self.good(self.cc_ci(here, state, *options, "build", "--locked"))
        built = self.build(here, state)
        self.assertIn("/usr/lib/cc-ci/path/abra", built["environment"]["paths"])
        out = self.good(self.inside(here, state, "abra", "app", "ls"))
        self.assertRegex(out, r"^abra version 0\.13\.0-beta, called as /usr/\S*abra app ls\n$")
        locked = json.loads(self.good(self.cc_ci(here, state, "show", "--json")))["locked"]
        (row,) = [row for row in locked if row["name"] == "abra"]
        self.assertEqual((row["sha256"], row["because"]), (self.sha256, ["tool abra"]))
        self.verified(here, state)

    def test_a_file_beside_the_declaration(self):
        here, state = self.declare('file = "archives/abra.tar.gz"')
        (here / "archives").mkdir()
        self.archive.rename(here / "archives/abra.tar.gz")
        self.runs(here, state, "--offline")

    def test_a_file_url_also_after_it_is_gone(self):
        here, state = self.declare(f'url = "file://{self.archive}"')
        self.runs(here, state, "--offline")
        self.archive.unlink()
        subprocess.run(["rm", "-r", "--one-file-system", state / "store"], check=True)
        self.runs(here, state, "--offline")

    def refuse(self, where):
        wrong = "0" * 63 + "1"
        here, state = self.declare(where, wrong)
        (here / "abra.tar.gz").write_bytes(self.archive.read_bytes())
        # The file is at hand, so nobody has to wait for a build to learn of it.
        self.refused(self.cc_ci(here, state, "--offline", "lock"), 3, "source.pin-mismatch",
                     "'abra'", wrong, self.sha256)
        self.assertFalse((here / "cc-ci.lock").exists())
        self.assertEqual(support.objects(state, "environment"), [])
        self.assertFalse(list((state / "archives").glob(self.sha256 + "*")))
        self.assertFalse(list((state / "archives").glob(wrong + "*")))
        self.assert_nothing_staged(state)
        self.verified(here, state)

    def test_another_content_in_a_file_is_refused_by_name(self):
        self.refuse('file = "abra.tar.gz"')

    def test_another_content_behind_a_url_is_refused_by_name(self):
        self.refuse(f'url = "file://{self.archive}"')

    def test_a_path_that_leads_out_is_refused(self):
        here, state = self.declare('file = "../abra.tar.gz"')
        result = self.cc_ci(here, state, "lock")
        self.assertEqual(result.returncode, 2, result.stdout + result.stderr)
        self.assertIn("../abra.tar.gz", result.stderr)


if __name__ == "__main__":
    support.main()
