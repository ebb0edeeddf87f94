#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The lock: moved by nobody but `lock`, and by that as little as can be."""
import json

import support
from support import SMALL


class Lock(support.BuildTest):
    def setUp(self):
        super().setUp()
        self.here = self.project(SMALL)
        self.lock = self.here / "cc-ci.lock"
        self.whole = self.lock.read_bytes()

    def declare(self, text):
        (self.here / "cc-ci.toml").write_text(text)

    def test_one_tool_more_moves_nothing_else(self):
        state = self.state(self.here, apt=True)
        self.declare(SMALL.replace('"git"', '"git", "tree"'))
        changes = json.loads(self.good(self.cc_ci(self.here, state, "--offline", "lock", "--dry-run",
                                                  "--json")))
        self.assertEqual(self.lock.read_bytes(), self.whole)
        self.assertIn("tree", json.dumps(changes))
        self.good(self.cc_ci(self.here, state, "--offline", "lock"))
        shared = [line for line in self.whole.splitlines() if b"tree" not in line]
        now = self.lock.read_bytes().splitlines()
        gone = [line for line in shared if line not in now]
        self.assertLessEqual(len(gone), 6, gone)  # the digest, and what asks for what
        self.good(self.cc_ci(self.here, state, "lock", "--check"))

    def test_a_stale_lock_is_seen_and_never_resolved_behind_ones_back(self):
        state = self.state(self.here, apt=True)
        self.good(self.cc_ci(self.here, state, "lock", "--check"))
        self.declare(SMALL.replace('"git"', '"git", "tree"'))
        self.assertEqual(self.cc_ci(self.here, state, "lock", "--check").returncode, 1)
        for words in (["build", "--locked"], ["--offline", "build", "--locked"]):
            stale = self.cc_ci(self.here, state, *words)
            self.refused(stale, 1, "cli.stale-lock", "tree", "hint: cc-ci lock")
        self.assertEqual(self.lock.read_bytes(), self.whole)

    def test_no_lock_at_all(self):
        state = self.state(self.here)
        self.lock.unlink()
        self.refused(self.cc_ci(self.here, state, "build", "--locked"), 1, "cli.no-lock")
        self.assertFalse(self.lock.exists())

    def test_offline_with_every_archive_then_without_one(self):
        state = self.state(self.here)
        self.build(self.here, state)
        bare = self.state(self.here, "bare")
        shown = json.loads(self.good(self.cc_ci(self.here, bare, "show", "--json")))
        (digest,) = [row["sha256"] for row in shown["locked"] if row["name"] == "jq"]
        (archive,) = (bare / "archives").glob(digest + "*")
        archive.unlink()
        gone = self.cc_ci(self.here, bare, "--offline", "build", "--locked")
        self.refused(gone, 3, "source.offline", "jq", archive, "hint: ")

    def test_a_merge_left_in_the_lock(self):
        state = self.state(self.here)
        lines = self.whole.splitlines(keepends=True)
        lines[20:20] = [b"<<<<<<< HEAD\n"]
        lines[30:30] = [b"=======\n", b">>>>>>> other\n"]
        self.lock.write_bytes(b"".join(lines))
        for words in (["build"], ["build", "--locked"], ["lock", "--check"]):
            self.refused(self.cc_ci(self.here, state, *words), 2, "lock.merge-conflict", "cc-ci.lock")

    def test_locking_again_with_nothing_to_do_writes_nothing(self):
        state = self.state(self.here)
        before = self.lock.stat()
        self.good(self.cc_ci(self.here, state, "--offline", "lock"))
        self.assertEqual(self.lock.read_bytes(), self.whole)
        self.assertEqual(self.lock.stat().st_mtime_ns, before.st_mtime_ns)


if __name__ == "__main__":
    support.main()
