#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One bit flipped anywhere: found, and named, by the command that has to find it."""
import json
import pathlib
import shutil

import support
from support import SMALL, TINY, flip


class Damage(support.BuildTest):
    def setUp(self):
        super().setUp()
        self.here = self.project(SMALL)

    def findings(self, state):
        result = self.cc_ci(self.here, state, "store", "verify", "--json")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        return json.loads(result.stdout)["findings"]

    def test_a_stored_file_is_found_and_healed_for_every_referrer(self):
        state = self.state(self.here)
        built = self.build(self.here, state)
        shared = pathlib.Path(built["environment"]["root"]) / "usr/bin/jq"
        (package,) = (state / "store/package").glob("*/**/usr/bin/jq")
        whole = package.read_bytes()
        self.assertEqual(shared.stat().st_ino, package.stat().st_ino)
        flip(package)
        self.assertNotEqual(shared.read_bytes(), whole)
        named = json.dumps(self.findings(state))
        self.assertIn("usr/bin/jq", named)
        self.assertIn(built["environment"]["hash"], named)
        self.assertIn(package.relative_to(state / "store/package").parts[0], named)
        plain = self.cc_ci(self.here, state, "store", "verify")
        self.assertEqual(plain.returncode, 1)
        self.assertIn("usr/bin/jq", plain.stdout + plain.stderr)

        damaged = shared.stat().st_ino
        self.good(self.cc_ci(self.here, state, "store", "repair"))
        self.assertEqual((package.read_bytes(), shared.read_bytes()), (whole, whole))
        self.assertEqual(shared.stat().st_ino, package.stat().st_ino)
        self.assertNotEqual(shared.stat().st_ino, damaged)  # a process may still run the bad one
        self.verified(self.here, state)
        self.assertEqual(self.build(self.here, state), built)
        self.assertEqual(self.good(self.inside(self.here, state, "jq", "-n", "6*7")), "42\n")

    def test_a_file_that_environments_share_is_made_again_for_each(self):
        state = self.state(self.here)
        tiny = self.project(TINY, "tiny")
        built = [self.build(here, state) for here in (self.here, tiny)]
        lists = [pathlib.Path(one["environment"]["root"], "var/lib/dpkg/info/dpkg.list")
                 for one in built]
        whole = lists[0].read_bytes()
        self.assertTrue(lists[0].samefile(lists[1]))
        flip(lists[0])
        named = json.dumps(self.findings(state))
        for one in built:
            self.assertIn(one["environment"]["hash"], named)
        self.assertEqual(self.cc_ci(self.here, state, "store", "repair").returncode, 3)
        self.assertEqual([self.build(here, state) for here in (self.here, tiny)], built)
        self.assertEqual([one.read_bytes() for one in lists], [whole, whole])
        self.verified(self.here, state)

    def test_a_record_of_the_last_build_is_not_believed_once_it_is_damaged(self):
        state = self.state(self.here)
        built = self.build(self.here, state)
        (record,) = (state / "builds").iterdir()
        whole = record.read_text()
        for damaged in (whole.replace(built["environment"]["hash"], "0" * 32),
                        whole.replace('"environment"', '"Environment"'),
                        whole.replace('"seal":"', '"seal":["').replace('"}', '"]}'),
                        "[]", "1", '{"roots":1,"result":2,"seal":3}', whole[:-9], ""):
            self.assertNotEqual(damaged, whole)
            record.write_text(damaged)
            self.assertEqual(self.build(self.here, state), built)
            self.assertEqual(record.read_text(), whole)

    def test_missing_alien_and_changed_are_all_reported_at_once(self):
        state = self.state(self.here)
        root = pathlib.Path(self.build(self.here, state)["environment"]["root"])
        (package,) = (state / "store/package").glob("*/**/usr/bin/git")
        package.unlink()
        (package.parent / "planted").write_text("#!/bin/sh\n")
        (root / "usr/bin/also-planted").write_text("#!/bin/sh\n")
        (root / "usr/bin/sed").unlink()
        (root / "usr/bin/sed").symlink_to("/bin/true")
        (root / "usr/bin/grep").chmod(0o644)
        named = json.dumps(self.findings(state))
        for name in ("usr/bin/git", "usr/bin/planted", "usr/bin/also-planted", "usr/bin/sed",
                     "usr/bin/grep"):
            self.assertIn(name, named)
        self.good(self.cc_ci(self.here, state, "store", "repair"))
        self.verified(self.here, state)
        self.assertIn("git version", self.good(self.inside(self.here, state, "git", "--version")))

    def test_a_kept_archive(self):
        state = self.state(self.here, copy=True)
        (digest,) = [package["sha256"] for package in self.locked() if package["name"] == "jq"]
        (archive,) = (state / "archives").glob(digest + "*")
        flip(archive)
        result = self.cc_ci(self.here, state, "--offline", "build", "--locked")
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("jq", result.stderr)
        self.assertRegex(result.stderr, r"\[(store\.archive-corrupt|source\.[a-z-]+)\]")
        self.assert_nothing_staged(state)
        shutil.copy(support.CACHE / "state/archives" / archive.name, archive)
        self.build(self.here, state)

    def locked(self):
        shown = self.cc_ci(self.here, self.dir / "none", "show", "--json")
        return json.loads(self.good(shown))["locked"]

    def test_the_lock(self):
        state = self.state(self.here)
        lock = self.here / "cc-ci.lock"
        whole = lock.read_bytes()
        for at in (len(whole) // 3, len(whole) // 2, len(whole) - 10):
            with self.subTest(at=at):
                flip(lock, at)
                for words in (["build", "--locked"], ["build"], ["run", "--", "true"],
                              ["lock", "--check"]):
                    result = self.cc_ci(self.here, state, "--offline", *words)
                    self.assertEqual(result.returncode, 2, f"{words} {result.stderr}")
                    self.assertRegex(result.stderr, r"cc-ci\.lock.*\[lock\.(damaged|syntax)\]")
                lock.write_bytes(whole)
        self.assertFalse((state / "store/environment").exists() and
                         list((state / "store/environment").iterdir()))

    def test_the_release_file_and_the_index_it_vouches_for(self):
        for name in ("*_InRelease", "*_Packages"):
            with self.subTest(file=name):
                state = self.state(self.here, "state-" + name.strip("*_"), apt=True)
                for file in (state / "apt/state/lists").glob(name):
                    flip(file)
                (self.here / "cc-ci.toml").write_text(SMALL.replace('"git"', '"git", "curl"'))
                (state / "apt/cache/pkgcache.bin").unlink(missing_ok=True)
                (state / "apt/cache/srcpkgcache.bin").unlink(missing_ok=True)
                before = (self.here / "cc-ci.lock").read_bytes()
                result = self.cc_ci(self.here, state, "--offline", "lock")
                self.assertEqual(result.returncode, 3, result.stdout + result.stderr)
                self.assertRegex(result.stderr, r"\[source\.(tampered|no-index|apt)\]")
                self.assertEqual((self.here / "cc-ci.lock").read_bytes(), before)


if __name__ == "__main__":
    support.main()
