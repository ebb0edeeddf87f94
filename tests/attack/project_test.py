#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A committed link, FIFO or path makes cc-ci neither read other files of the host nor wait."""
import hashlib
import os
import shutil
import subprocess

import support
from support import DECLARATION

SECRET = "root:$6$secret:19000:0:99999:7:::\n"


def locked(*packages, asks="0" * 64):
    text = f"cc-ci-lock 1\narchitecture amd64\nasks {asks}\n" + "".join(packages)
    return text + f"digest {hashlib.sha256(text.encode()).hexdigest()}\n"


def package(uri, name="jq"):
    return (f"\npackage {name} 1 amd64\n  from debian stable main\n  uri {uri}\n"
            f"  sha256 {'0' * 64}\n  size 5\n  because tool jq\n  in shared\n\n")


class Project(support.Attack):
    COMMANDS = (["show"], ["why", "jq"], ["lock", "--check"], ["build", "--locked"], ["build"],
                ["diff"], ["run", "--", "true"], ["doctor"], ["prove"],
                ["complete", "--", "show", "--host", ""])

    def setUp(self):
        super().setUp()
        self.secret = self.dir / "shadow"
        self.secret.write_text(SECRET)
        self.secret.chmod(0o600)

    def tells_nothing(self, *commands):
        for words in commands or self.COMMANDS:
            with self.subTest(words=words):
                result = self.cc_ci(*words, timeout=10)
                for text in ("secret", hashlib.sha256(SECRET.encode()).hexdigest()[:12]):
                    self.assertNotIn(text, result.stdout + result.stderr)

    def test_links_out_of_the_project(self):
        for name in ("cc-ci.lock", "cc-ci.toml"):
            for target in (self.secret, "../shadow", "/proc/self/root" + str(self.secret)):
                with self.subTest(name=name, target=target):
                    path = self.project / name
                    path.unlink(missing_ok=True)
                    path.symlink_to(target)
                    self.tells_nothing()
                    self.refused(self.cc_ci("show"), "base.outside", name)
            path.unlink()
            (self.project / "cc-ci.toml").write_text(DECLARATION)

    def test_a_link_within_the_checkout_is_followed(self):
        (self.project / ".git").mkdir()
        below = self.project / "below"
        below.mkdir()
        (below / "cc-ci.toml").symlink_to("../cc-ci.toml")
        self.good(self.cc_ci("-C", below, "show"))

    def test_fifos(self):
        for name in ("cc-ci.lock", "cc-ci.toml"):
            path = self.project / name
            path.unlink(missing_ok=True)
            os.mkfifo(path)
            self.tells_nothing()
            self.refused(self.cc_ci("show"), "base.not-a-file", name)
            path.unlink()
            (self.project / "cc-ci.toml").write_text(DECLARATION)

    def test_pinned_files(self):
        (self.project / "cc-ci.toml").write_text(
            DECLARATION + f'[packages.own]\nfile = "vendor/own.tar"\nsha256 = "{"1" * 64}"\n')
        vendor = self.project / "vendor"
        for make in ("file", "directory", "fifo"):
            with self.subTest(make=make):
                if vendor.is_symlink() or vendor.is_file():
                    vendor.unlink()
                shutil.rmtree(vendor, ignore_errors=True)
                if make == "directory":
                    vendor.symlink_to(self.dir)
                    shutil.copy(self.secret, self.dir / "own.tar")
                else:
                    vendor.mkdir()
                if make == "file":
                    (vendor / "own.tar").symlink_to(self.secret)
                if make == "fifo":
                    os.mkfifo(vendor / "own.tar")
                self.tells_nothing(["lock"], ["build"], ["lock", "--check"])

    def test_an_address_of_a_file_of_the_host(self):
        (self.project / "cc-ci.toml").write_text(
            DECLARATION + f'[packages.own]\nurl = "file://{self.secret}"\nsha256 = "{"1" * 64}"\n')
        self.tells_nothing(["lock"], ["build"])

    def test_a_path_out_of_the_mirror_in_the_lock(self):
        for uri in ("../../etc/shadow", "/etc/shadow", "pool/../../x", "%2e%2e/x"):
            with self.subTest(uri=uri):
                (self.project / "cc-ci.lock").write_text(locked(package(uri)))
                self.refused(self.cc_ci("lock", "--check"), "lock.syntax", "below the mirror")

    def test_what_a_lock_says_cannot_move_the_cursor(self):
        (self.project / "cc-ci.lock").write_text(
            locked(package("pool/x").replace(" 1 amd64", " 1\\x1b]0;evil\\x07\\xc2\\x9b2J amd64")))
        subprocess.run("git init -q && git add -A && git -c user.name=t -c user.email=t@e commit -qm x",
                       shell=True, cwd=self.project, check=True)
        (self.project / "cc-ci.lock").write_text(
            locked(package("pool/x").replace("package jq 1 ", "package jq 2\\x1b[31m ")))
        for words in (["diff"], ["diff", "--json"], ["build", "--dry-run"], ["show"], ["why", "jq"]):
            with self.subTest(words=words):
                result = self.cc_ci(*words)
                shown = (result.stdout + result.stderr).replace("\n", "")
                self.assertTrue(shown.isprintable(), repr(shown))
        self.assertIn("\\x1b", self.cc_ci("diff").stdout)


class Threads(support.Attack):
    def test_fewer_threads_than_wanted(self):
        """Another user with a limit of one process, and a store of their own."""
        home = self.dir / "home"
        home.mkdir()
        os.chown(home, support.STRANGER, support.STRANGER)
        state = home / "state"
        self.good(self.cc_ci("gc", state=state, user=support.STRANGER))
        for number in range(4):
            place = state / "store" / "package" / f"{number:032x}-x"
            (place / "root").mkdir(parents=True)
            (place / "root" / "file").write_text("x")
        for words in (["store", "verify"], ["gc", "--dry-run"]):
            with self.subTest(words=words):
                result = self.cc_ci(*words, state=state, user=support.STRANGER,
                                    before=["prlimit", "--nproc=1:1"])
                self.assertIn(result.returncode, (0, 1), result.stderr)
                self.assertNotIn("bug", result.stderr)


if __name__ == "__main__":
    support.main()
