# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the attacks: a directory, root's cc-ci, and another user of the same machine.

Everything happens in mount and process namespaces of its own, with an empty /run/cc-ci. The other
user is uid 1234 and needs no account.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

BUILD = pathlib.Path(os.environ["CCCI_BINARY_DIR"])
PROGRAM = BUILD / "bin" / "cc-ci"
STRANGER = 1234
HASH = "0123456789abcdef0123456789abcdef"

DECLARATION = '[runtime]\ntools = ["jq"]\n'
HOLDER = """
import fcntl, os, sys
held = []
for top in sys.argv[1:]:
    for at, directories, files in os.walk(top):
        for path in [at] + [os.path.join(at, name) for name in files]:
            try:
                fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
                fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                held.append(fd)
            except OSError:
                pass
print(len(held), flush=True)
sys.stdin.read()
"""


def main():
    if os.geteuid() != 0:
        print("needs root")
        sys.exit(77)
    if os.environ.get("CCCI_ATTACK_ISOLATED") != "1":
        os.environ["CCCI_ATTACK_ISOLATED"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "--pid", "--fork",
                              "--kill-child", "--mount-proc", sys.executable, *sys.argv])
    os.umask(0o022)
    os.makedirs("/run/cc-ci", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "run", "/run/cc-ci"], check=True)
    unittest.main(verbosity=2)


def environment(**more):
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
            **more}


def snapshot(top):
    """Every path below `top` with what a change of it would change."""
    found = {}
    for at, directories, files in os.walk(top):
        for name in ["."] + directories + files:
            path = os.path.join(at, name)
            status = os.lstat(path)
            found[path] = (status.st_ino, status.st_mode, status.st_uid, status.st_size,
                           status.st_mtime_ns)
    return found


class Attack(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="cc-ci-attack-"))
        self.dir.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)
        self.state = self.dir / "state"
        self.project = self.dir / "project"
        self.project.mkdir()
        (self.project / "cc-ci.toml").write_text(DECLARATION)

    def cc_ci(self, *words, state=None, timeout=60, user=None, before=(), **more):
        call = [*before, PROGRAM, "-C", self.project, "--state", state or self.state, "--offline",
                *words]
        options = {"user": user, "group": user, "extra_groups": []} if user else {}
        return subprocess.run([str(word) for word in call], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=timeout,
                              env=environment(**more), **options)

    def good(self, result):
        self.assertEqual(result.returncode, 0, result.stderr + result.stdout)
        return result.stdout

    def refused(self, result, code, *texts):
        self.assertNotEqual(result.returncode, 0, result.stdout)
        self.assertIn(f"[{code}]", result.stderr)
        for text in texts:
            self.assertIn(str(text), result.stderr)

    def store(self):
        """A state directory as cc-ci makes it."""
        self.good(self.cc_ci("gc"))
        return self.state

    def garbage(self, kind="package", name="garbage", digit="0"):
        """An object that no root needs."""
        place = self.state / "store" / kind / (HASH[:-1] + digit + "-" + name)
        (place / "root").mkdir(parents=True)
        (place / "root" / "file").write_text("garbage")
        return place

    def precious(self):
        """A directory with other data."""
        place = self.dir / "precious"
        place.mkdir()
        (place / "data").write_text("precious")
        return place

    def intact(self, place):
        self.assertEqual((place / "data").read_text(), "precious")

    @contextlib.contextmanager
    def bound(self, source, target):
        subprocess.run(["mount", "--bind", source, target], check=True)
        try:
            yield
        finally:
            subprocess.run(["umount", "--lazy", target], check=False)

    @contextlib.contextmanager
    def held_by_stranger(self, *tops):
        """The other user holds the lock of everything that they can open below `tops`."""
        process = subprocess.Popen([sys.executable, "-c", HOLDER, *map(str, tops)], text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, user=STRANGER,
                                   group=STRANGER, extra_groups=[])
        process.stdout.readline()
        try:
            yield process
        finally:
            process.stdin.close()
            process.wait()
            process.stdout.close()
