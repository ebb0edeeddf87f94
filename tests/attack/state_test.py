#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Commands that read change nothing, and root uses only a state that nobody else can change."""
import os
import shutil

import support
from support import STRANGER, snapshot

READERS = (["show"], ["why", "jq"], ["diff"], ["store", "roots"], ["store", "verify"],
           ["gc", "--dry-run"], ["store", "repair", "--dry-run"], ["doctor"],
           ["build", "--dry-run"], ["lock", "--check"], ["generations"])


class State(support.Attack):
    def everywhere(self, path, uid):
        for at, directories, files in os.walk(path):
            for name in ["."] + directories + files:
                os.lchown(os.path.join(at, name), uid, uid)

    def test_readers_make_no_state_directory(self):
        for words in READERS:
            with self.subTest(words=words):
                self.cc_ci(*words)
                self.assertFalse(self.state.exists())

    def test_readers_clear_nothing(self):
        self.store()
        left = self.state / "staging" / "left"
        left.mkdir()
        (left / "file").write_text("of a process that was killed")
        before = snapshot(self.state)
        for words in READERS:
            with self.subTest(words=words):
                self.cc_ci(*words)
                self.assertEqual(snapshot(self.state), before)
        self.good(self.cc_ci("gc"))
        self.assertFalse(left.exists())

    def test_no_part_of_the_state_is_followed_as_a_link(self):
        precious = self.precious()
        for part in ("staging", "locks", "archives", "roots", "store", "store/package", "apt",
                     "builds", "witness", "projects", "evidence", "runs", "sweeps", "results"):
            for words in (["store", "roots"], ["gc"], ["store", "repair"]):
                with self.subTest(part=part, words=words):
                    shutil.rmtree(self.state, ignore_errors=True)
                    self.store()
                    shutil.rmtree(self.state / part, ignore_errors=True)
                    (self.state / part).symlink_to(precious)
                    self.refused(self.cc_ci(*words), "store.state-link", f"'{part}'", "rm '")
                    self.intact(precious)
                    self.assertEqual(os.listdir(precious), ["data"])

    def test_root_refuses_the_state_of_another_user(self):
        self.store()
        precious = self.precious()
        (self.state / "staging").rmdir()
        (self.state / "staging").symlink_to(precious)
        self.everywhere(self.state, STRANGER)
        for words in (["store", "roots"], ["gc"], ["run", "--", "true"], ["build"], ["store", "verify"]):
            with self.subTest(words=words):
                result = self.cc_ci(*words)
                self.assertNotEqual(result.returncode, 0)
                self.intact(precious)
        self.refused(self.cc_ci("store", "roots"), "store.state-owner", self.state, STRANGER,
                     "hint:", "--state DIR")

    def test_root_refuses_a_part_that_another_user_owns(self):
        for part in ("staging", "store", "store/package", "roots", "archives", "apt", "runs", "sweeps",
                     "results", "engines", "programs", "image-archives", "catalogues"):
            with self.subTest(part=part):
                shutil.rmtree(self.state, ignore_errors=True)
                self.store()
                (self.state / part).mkdir(exist_ok=True)
                os.chown(self.state / part, STRANGER, STRANGER)
                self.refused(self.cc_ci("gc"), "store.state-owner", f"'{part}'")

    def test_root_refuses_a_state_that_others_can_write(self):
        self.store()
        self.state.chmod(0o777)
        self.refused(self.cc_ci("store", "roots"), "store.state-mode", "chmod go-w")
        self.state.chmod(0o755)
        self.good(self.cc_ci("store", "roots"))
        (self.state / "store").chmod(0o775)
        self.refused(self.cc_ci("gc"), "store.state-mode", "'store'")

    def test_root_refuses_a_state_below_the_directory_of_another_user(self):
        home = self.dir / "home"
        home.mkdir()
        os.chown(home, STRANGER, STRANGER)
        self.refused(self.cc_ci("gc", state=home / "state"), "store.state-above", home)
        link = self.dir / "link"
        self.store()
        link.symlink_to(self.state)
        os.lchown(link, STRANGER, STRANGER)
        self.refused(self.cc_ci("gc", state=link / "below"), "store.state-above", link)

    def test_doctor_names_owner_and_mode(self):
        self.store()
        self.everywhere(self.state, STRANGER)
        self.assertIn(f"belongs to user {STRANGER}", self.cc_ci("doctor").stdout)
        self.everywhere(self.state, 0)
        self.state.chmod(0o777)
        self.assertIn("users other than root can write", self.cc_ci("doctor").stdout)

    def test_doctor_names_mounts_below_the_state(self):
        self.store()
        inside = self.garbage() / "root"
        with self.bound(self.precious(), inside):
            self.assertIn(str(inside), self.cc_ci("doctor").stdout)


if __name__ == "__main__":
    support.main()
