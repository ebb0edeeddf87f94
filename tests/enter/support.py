# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures for the launcher's end-to-end tests: the real binary, a real root of Debian packages.

Everything happens in a mount namespace of its own with an empty /run/cc-ci, so that neither the
machine's mount table nor its kept namespaces are touched. Needs root; `as_user` drops it.
"""
import ctypes
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

HASH = "0123456789abcdef0123456789abcdef"
BUILD = pathlib.Path(os.environ["CCCI_BINARY_DIR"])
HERE = pathlib.Path(__file__).resolve().parent
USER = 4321  # no account needed
PATH = "/usr/lib/cc-ci/path/python3:/usr/lib/cc-ci/path/essential"


def main():
    """Runs the calling module's tests in a mount namespace of its own."""
    if os.environ.get("CCCI_ENTER_ISOLATED") != "1":
        cache = BUILD / "tests" / "enter-root"
        lock = ["flock", f"{BUILD}/tests/enter-root.lock"]
        subprocess.run(lock + [HERE / "make-root", cache], check=True)
        os.environ["CCCI_ENTER_ISOLATED"] = "1"
        # Linux 6.18 numbers namespaces by processor; one made here from one made there may be taken
        # for a loop and is then not kept. The first namespace of a machine has no such trouble.
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
        os.execvp(
            "unshare",
            ["unshare", "--mount", "--propagation", "private", "/usr/bin/python3"] + sys.argv,
        )
    os.makedirs("/run/cc-ci", exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "run", "/run/cc-ci"], check=True)
    # As on a host under systemd; tests of the other kind make it private again.
    subprocess.run(["mount", "--make-rshared", "/"], check=True)
    unittest.main(verbosity=2)


class EnterTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.base = pathlib.Path(tempfile.mkdtemp(prefix="cc-ci-enter-"))
        cls.base.chmod(0o755)
        cls.addClassCleanup(remove, cls.base)
        cls.launcher = cls.base / "cc-ci-enter"
        shutil.copy(BUILD / "bin" / "cc-ci-enter", cls.launcher)
        cls.root = cls.base / "env" / "root"
        subprocess.run(["cp", "-a", BUILD / "tests" / "enter-root", cls.base / "env"], check=True)

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="t-", dir=self.base))
        self.dir.chmod(0o755)
        self.entrypoint = self.write("run")
        self.addCleanup(self.enter, "--release-all")

    def write(self, name, root=None, extra="", lines=None, hash_=HASH):
        """An entrypoint file called `name`; `lines` replaces what follows the `#!` line."""
        path = self.dir / name
        if lines is None:
            lines = (
                f"entrypoint 2\nname {name}\nenvironment {hash_}\nroot {root or self.root}\n"
                "path /usr/lib/cc-ci/path/python3\npath /usr/lib/cc-ci/path/essential\n"
                f"place var/lib/cc-ci-place\nvariable DECLARED=a b\n{extra}end\n"
            )
        path.write_text(f"#!{self.launcher}\n{lines}")
        path.chmod(0o755)
        return path

    def other_root(self, hash_="fedcba9876543210fedcba9876543210"):
        root = self.dir / "other" / "root"
        subprocess.run(["cp", "-al", self.root.parent, self.dir / "other"], check=True)
        marker = root / "usr/lib/cc-ci/environment"
        marker.unlink()
        marker.write_text(hash_ + "\n")
        return root

    @staticmethod
    def as_user(*command):
        return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]

    def run_command(self, *command, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        words = [str(word) for word in command]
        return subprocess.run(words, capture_output=True, text=True, timeout=60, **options)

    def enter(self, *arguments, **options):
        return self.run_command(self.launcher, *arguments, **options)

    def expect(self, result, status=0, stdout=None, stderr=None):
        self.assertEqual(
            (result.returncode, result.stderr if status == 0 else None),
            (status, "" if status == 0 else None),
            result.stderr,
        )
        if stdout is not None:
            self.assertEqual(result.stdout, stdout)
        if stderr is not None:
            self.assertEqual(result.stderr, stderr)
        return result.stdout

    def refuse(self, result, *parts, status=125):
        self.assertEqual((result.returncode, result.stdout), (status, ""), result.stderr)
        self.assertRegex(
            result.stderr,
            r"^cc-ci-enter: error: [^\n]* \[enter\.[a-z]+\]\n(note: [^\n]+\n)?(hint: [^\n]+\n)?$",
        )
        for part in parts:
            self.assertIn(part, result.stderr)

    def namespace(self, *command, **options):
        """The mount namespace that a command stands in."""
        return self.expect(self.run_command(*command, "readlink", "/proc/self/ns/mnt", **options))


def remove(base):
    """Removes the scratch directory, and never what a test may have left mounted below it."""
    points = [
        line.split()[4] for line in pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    ]
    left = [point for point in points if point.startswith(f"{base}/")]
    for point in reversed(left):
        subprocess.run(["umount", "--lazy", point], check=True)
    subprocess.run(["rm", "-rf", "--one-file-system", base], check=True)
    assert not left, f"tests left mounts behind: {left}"


def shared_apart(script):
    """A shell with shared mounts of its own: none of what it mounts comes back to the tests."""
    return [
        "unshare",
        "--mount",
        "--propagation",
        "slave",
        "sh",
        "-ec",
        f"mount --make-rshared /; {script}",
    ]


def require(program):
    return unittest.skipUnless(shutil.which(program), f"{program} is not installed")


def deny(*numbers, error=1):
    """A system call filter as a unit's or a container's: `error` (EPERM) for these calls."""
    load, jump_equal, give = 0x20, 0x15, 0x06
    program = [(load, 0, 0, 0)]
    for number in numbers:
        program += [(jump_equal, 0, 1, number), (give, 0, 0, 0x00050000 | error)]
    program.append((give, 0, 0, 0x7FFF0000))
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *row) for row in program))
    head = ctypes.create_string_buffer(
        struct.pack("HxxxxxxQ", len(program), ctypes.addressof(code))
    )
    libc = ctypes.CDLL(None, use_errno=True)

    def install():
        if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, head, 0, 0):
            os._exit(99)

    install.code = code
    return install
