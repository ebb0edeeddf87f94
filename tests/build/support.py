# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the end-to-end tests of `cc-ci`: the real program on real packages.

Packages come from the machine's own mirror, once per build directory: `prepared` locks and fetches a
declaration into a cache, tests link its archives into state directories of their own and work
offline. As root everything happens in a private mount namespace with an empty /run/cc-ci, so that
neither the machine's mounts nor its kept namespaces are touched.
"""
import contextlib
import fcntl
import functools
import hashlib
import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.append(str(pathlib.Path(__file__).resolve().parents[1]))
from patience import patiently  # noqa: E402

BUILD = pathlib.Path(os.environ["CCCI_BINARY_DIR"])
SOURCE = pathlib.Path(__file__).resolve().parents[2]
CACHE = BUILD / "tests" / "build-cache"
ROOT = os.geteuid() == 0
USER = 1234  # no account needed

SMALL = '[runtime]\ntools = ["bash", "coreutils", "jq", "git"]\n'
TINY = '[runtime]\ntools = ["jq"]\n'  # and the Essential packages


def main():
    """Runs the calling module's tests, as root in mount and process namespaces of its own."""
    if ROOT and os.environ.get("CCCI_BUILD_ISOLATED") != "1":
        os.environ["CCCI_BUILD_ISOLATED"] = "1"
        # Linux 6.18 numbers namespaces by processor; one made on another processor may be taken for
        # a loop and is then not kept.
        every = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {max(every)})
        os.environ["CCCI_PROCESSORS"] = ",".join(map(str, every))
        # Processes of its own too: gc keeps what any process that it can see stands in, and other
        # tests' processes stand in environments of the same names.
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "--pid", "--fork",
                              "--kill-child", "--mount-proc", sys.executable, *sys.argv])
    if ROOT:
        os.makedirs("/run/cc-ci", exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "run", "/run/cc-ci"], check=True)
        os.sched_setaffinity(0, {int(n) for n in os.environ["CCCI_PROCESSORS"].split(",")})
    unittest.main(verbosity=2)


@functools.cache
def prepared(text):
    """A directory with the declaration `text` and its lock, whose archives are in the cache."""
    name = hashlib.sha256(text.encode()).hexdigest()[:16]
    place = CACHE / name
    CACHE.mkdir(parents=True, exist_ok=True)
    # Another program may resolve otherwise.
    program = (BUILD / "bin" / "cc-ci").stat()
    stamp = f"{program.st_mtime_ns} {program.st_size}"
    with open(CACHE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        complete = place / "complete"
        if not complete.exists() or complete.read_text() != stamp:
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir()
            (place / "cc-ci.toml").write_text(text)
            # From the index that is here, unless it names what the mirror no longer has.
            if not prepare(place, "--offline"):
                # What a mirror refuses for a moment says nothing about the test.
                patiently(lambda: prepare(place), f"{place}: cannot be locked and built")
            complete.write_text(stamp)
    return place


def prepare(place, *options):
    call = [BUILD / "bin" / "cc-ci", "-q", "-C", place, "--state", CACHE / "state"]
    lock = place / "cc-ci.lock"
    lock.unlink(missing_ok=True)
    return all(subprocess.run([*call, *words], stdout=subprocess.DEVNULL, env=environment(),
                              stderr=subprocess.DEVNULL if options else None).returncode == 0
               for words in ([*options, "lock"], ["build", "--locked"]))


def environment(**more):
    """A short environment: nothing of the caller's shell decides a test."""
    return {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", "LC_ALL": "C.UTF-8",
            **more}


def available_memory():
    text = pathlib.Path("/proc/meminfo").read_text()
    return int(re.search(r"^MemAvailable: +(\d+) kB", text, re.MULTILINE)[1]) << 10


class BuildTest(unittest.TestCase):
    maxDiff = None
    # True: everything lies in memory, if root runs the test and there is enough. A build on a disk
    # waits for what everybody else has written there.
    MEMORY = True

    @classmethod
    def setUpClass(cls):
        cls.base = pathlib.Path(tempfile.mkdtemp(prefix="cc-ci-build-"))
        cls.base.chmod(0o755)
        cls.addClassCleanup(remove, cls.base)
        # Where an ordinary user may execute it too.
        (cls.base / "bin").mkdir()
        for name in ("cc-ci", "cc-ci-enter"):
            link_or_copy(BUILD / "bin" / name, cls.base / "bin" / name)
        cls.program = cls.base / "bin" / "cc-ci"
        cls.states = cls.base
        cls.MEMORY = cls.MEMORY and ROOT and available_memory() > 6 << 30
        if cls.MEMORY:
            cls.states = cls.base / "memory"
            cls.states.mkdir()
            subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "states", cls.states],
                           check=True)
            cls.addClassCleanup(unmount, cls.states)

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="t-", dir=self.states))
        self.dir.chmod(0o755)
        if self.MEMORY:
            self.addCleanup(remove, self.dir)

    def project(self, text=SMALL, name="project", locked=True):
        """A directory with the declaration and, unless told not to, its lock."""
        place = self.dir / name
        place.mkdir()
        (place / "cc-ci.toml").write_text(text)
        if locked:
            shutil.copy(prepared(text) / "cc-ci.lock", place)
        return place

    def state(self, project=None, name="state", copy=False, apt=False):
        """A state directory that holds the archives of the project's lock, by hard links."""
        place = self.dir / name
        (place / "archives").mkdir(parents=True)
        if project:
            for digest in sorted(locked_digests(project)):
                for kept in (CACHE / "state" / "archives").glob(digest + "*"):
                    make = shutil.copy if copy else link_or_copy
                    make(kept, place / "archives" / kept.name)
        if apt:
            shutil.copytree(CACHE / "state" / "apt", place / "apt")
        return place

    def call(self, *words, **options):
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("timeout", 300)
        options.setdefault("env", environment())
        options.setdefault("text", True)
        return subprocess.run([str(word) for word in words], capture_output=True, **options)

    def cc_ci(self, project, state, *words, before=(), **options):
        return self.call(*before, self.program, "-q", "-C", project, "--state", state, *words,
                         **options)

    def good(self, result):
        self.assertEqual(result.returncode, 0, f"{result.args}\n{result.stdout}{result.stderr}")
        return result.stdout

    def build(self, project, state, *words, **options):
        """What `build --json` prints, of a build that must succeed without a network."""
        return json.loads(self.good(self.cc_ci(project, state, "--offline", "build", "--locked",
                                               "--json", *words, **options)))

    def inside(self, project, state, *words, **options):
        return self.cc_ci(project, state, "--offline", "run", "--", *words, **options)

    def refused(self, result, status, code, *parts):
        """The call failed with `status` and an error of `code` whose text has all of `parts`."""
        text = f"{result.args}\nstatus {result.returncode}\n{result.stdout}{result.stderr}"
        self.assertEqual(result.returncode, status, text)
        self.assertRegex(result.stderr, r"^cc-ci: error: ", text)
        self.assertIn(f"[{code}]", result.stderr, text)
        for part in parts:
            self.assertIn(str(part), result.stderr, text)
        return result.stderr

    def verified(self, project, state):
        self.good(self.cc_ci(project, state, "store", "verify"))

    def assert_nothing_staged(self, state):
        staging = state / "staging"
        self.assertEqual(os.listdir(staging) if staging.exists() else [], [])


def example(into):
    """The reference example without Playwright: most tests of it need no browser, which is large.
    tests/build/browsers_test.py and tests/hosts/pages_test.py have it."""
    subprocess.run([SOURCE / "scripts" / "example-without-pages", into], check=True)
    return into


def link_or_copy(source, into):
    try:
        os.link(source, into)
    except OSError:
        shutil.copy(source, into)


def needing(library):
    """A program that needs a shared library: /bin/ls with another name in its table of texts."""
    old = b"libselinux.so.1\0"
    with open("/bin/ls", "rb") as file:
        program = file.read()
    assert program.count(old) == 1 and len(library) < len(old)
    return program.replace(old, library.encode().ljust(len(old), b"\0"))


def locked_digests(project):
    return set(re.findall(r"\b[0-9a-f]{64}\b", (project / "cc-ci.lock").read_text()))


def objects(state, kind="*"):
    return sorted(path.name for path in (state / "store").glob(f"{kind}/*"))


def tree_digest(root):
    """A digest of what a tree says, made here: names, kinds, modes, times, contents; not owners."""
    total = hashlib.sha256()
    for directory, names, files in os.walk(root):
        names.sort()
        for name in sorted(names + files):
            path = os.path.join(directory, name)
            seen = os.lstat(path)
            total.update(f"{os.path.relpath(path, root)} {seen.st_mode:o} {seen.st_mtime_ns} "
                         .encode())
            if stat.S_ISLNK(seen.st_mode):
                total.update(os.readlink(path).encode())
            elif stat.S_ISREG(seen.st_mode):
                with open(path, "rb") as file:
                    total.update(hashlib.file_digest(file, "sha256").digest()
                                 if hasattr(hashlib, "file_digest")
                                 else hashlib.sha256(file.read()).digest())
            total.update(b"\n")
    return total.hexdigest()


def flip(path, at=None):
    """Flips one bit of a file, in place, whatever its mode."""
    path = pathlib.Path(path)
    mode = path.stat().st_mode
    path.chmod(0o644)
    with open(path, "r+b") as file:
        place = path.stat().st_size // 2 if at is None else at
        file.seek(place)
        byte = file.read(1)
        file.seek(place)
        file.write(bytes([byte[0] ^ 1]))
    path.chmod(stat.S_IMODE(mode))


def as_user(*command):
    return ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups", *command]


def remove(base):
    """Removes the scratch directory, and never what a test may have left mounted below it."""
    lines = pathlib.Path("/proc/self/mountinfo").read_text().splitlines()
    left = [p for p in (line.split()[4] for line in lines) if p.startswith(f"{base}/")]
    for point in reversed(left):
        subprocess.run(["umount", "--lazy", point], check=True)
    subprocess.run(["rm", "-rf", "--one-file-system", base], check=True)
    assert not left, f"tests left mounts behind: {left}"


def unmount(point):
    """Unmounts. A gpg-agent that was told to end still has its directory for a moment."""
    end = time.monotonic() + 10
    while subprocess.run(["umount", point], capture_output=True).returncode != 0:
        if time.monotonic() > end:
            subprocess.run(["umount", point], check=True)
            return
        time.sleep(0.05)


@contextlib.contextmanager
def mounted(*words, at):
    """A file system mounted at `at` for as long as the block runs."""
    at.mkdir()
    subprocess.run(["mount", *map(str, words), at], check=True)
    try:
        yield at
    finally:
        unmount(at)
