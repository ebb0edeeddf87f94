#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Removing never crosses a mount, also not of the same file system, and removes nothing then."""
import os
import shutil
import subprocess

import support
from support import snapshot


class Mounts(support.Attack):
    def setUp(self):
        super().setUp()
        self.store()
        self.data = self.precious()

    def refuses(self, mount, *words, **more):
        before = snapshot(self.state / "store")
        self.refused(self.cc_ci(*words, **more), "base.mount", mount, "umount")
        self.intact(self.data)
        self.assertEqual(snapshot(self.state / "store"), before)

    def test_gc(self):
        self.garbage(digit="1")
        mount = self.garbage(digit="2") / "root" / "a" / "b"
        self.garbage(digit="3")
        mount.mkdir(parents=True)
        with self.bound(self.data, mount):
            self.refuses(mount, "gc")
        self.good(self.cc_ci("gc"))
        self.assertEqual(os.listdir(self.state / "store/package"), [])

    def test_gc_with_a_mounted_file(self):
        file = self.garbage() / "root" / "file"
        with self.bound(self.data / "data", file):
            self.refuses(file, "gc")

    def test_repair(self):
        mount = self.state / "store" / "package" / "stray" / "below"
        mount.mkdir(parents=True)
        with self.bound(self.data, mount):
            before = snapshot(self.state / "store")
            result = self.cc_ci("store", "repair")
            self.assertNotEqual(result.returncode, 0)
            self.assertIn(str(mount), result.stderr)
            self.intact(self.data)
            self.assertEqual(snapshot(self.state / "store"), before)

    def test_what_dead_processes_left(self):
        mount = self.state / "staging" / "left" / "below"
        mount.mkdir(parents=True)
        (self.state / "staging" / "left" / "file").write_text("x")
        with self.bound(self.data, mount):
            self.cc_ci("gc")
            self.intact(self.data)
            self.assertTrue((self.state / "staging" / "left" / "file").exists())

    def test_uninstall(self):
        prefix = self.dir / "host"
        (prefix / "run/systemd/system").mkdir(parents=True)
        mount = self.garbage() / "root" / "below"
        mount.mkdir()
        for option in ("--purge", "--store"):
            with self.subTest(option=option), self.bound(self.data, mount):
                self.refuses(mount, "uninstall", option, CC_CI_PREFIX=str(prefix))
        with self.bound(self.data, self.state):
            self.refused(self.cc_ci("uninstall", "--purge", CC_CI_PREFIX=str(prefix)), "base.mount",
                         self.state)
            self.intact(self.data)

    def test_deep_trees_go_with_few_descriptors(self):
        at = self.garbage() / "root"
        here = os.getcwd()
        try:
            os.chdir(at)
            for _ in range(3000):
                os.mkdir("d")
                os.chdir("d")
            with open("last", "w") as file:
                file.write("x")
        finally:
            os.chdir(here)
        self.good(self.cc_ci("gc", before=["prlimit", "--nofile=80:80"]))
        self.assertEqual(os.listdir(self.state / "store/package"), [])
        self.assertEqual(os.listdir(self.state / "staging"), [])

    def test_what_stays_is_said(self):
        kept = self.garbage() / "root" / "kept"
        kept.mkdir()
        (kept / "file").write_text("x")
        if subprocess.run(["chattr", "+i", kept / "file"], capture_output=True).returncode != 0:
            self.skipTest("the file system has no immutable files")
        result = self.cc_ci("gc")
        for at, _, files in os.walk(self.state):
            for name in files:
                subprocess.run(["chattr", "-i", os.path.join(at, name)], capture_output=True)
        self.refused(result, "base.remove", "root/kept/file")


if __name__ == "__main__":
    support.main()
