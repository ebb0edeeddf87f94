# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts for tests: real systemd, one of another Debian release, cc-ci from its own package.

README.md beside this file tells how to use it. The calling module's tests run as root in mount,
network and process namespaces of their own: the machine's network, mounts and /var/lib/cc-ci are
never touched, and whatever is left running ends with the tests.
"""
import atexit
import contextlib
import functools
import itertools
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(os.environ["CCCI_BINARY_DIR"]).resolve()
os.environ["CCCI_BINARY_DIR"] = str(BUILD)  # for what runs elsewhere
CGROUPS = pathlib.Path("/sys/fs/cgroup")
OUTSIDE = 9  # descriptor of the machine's own network namespace
STATE = pathlib.Path("/var/lib/cc-ci")
ENVIRONMENT = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
               "HOME": "/root", "LC_ALL": "C.UTF-8", "USER": "root", "LOGNAME": "root"}
BOOT = 60  # seconds; two are usual


def main(**options):
    """Runs the calling module's tests in namespaces of their own."""
    if os.geteuid() != 0:
        sys.exit("the tests on hosts need root")
    if os.environ.get("CCCI_HOSTS_ISOLATED") != "1":
        os.environ["CCCI_HOSTS_ISOLATED"] = "1"
        os.dup2(os.open("/proc/self/ns/net", os.O_RDONLY | os.O_CLOEXEC), OUTSIDE)
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", "--net", "--ipc",
                              "--pid", "--fork", "--kill-child", "--mount-proc", sys.executable,
                              *sys.argv])
    isolate()
    unittest.main(verbosity=2, **options)


def isolate():
    """What lies in the places that hosts and cc-ci use belongs to these namespaces alone."""
    for place in ("/run/systemd", "/run/netns", "/run/cc-ci"):
        os.makedirs(place, exist_ok=True)
        call("mount", "-t", "tmpfs", "-o", "mode=755", "hosts", place)
    if not (CGROUPS / "cgroup.procs").exists():  # not the unified hierarchy alone
        call("mount", "-t", "cgroup2", "cgroup2", CGROUPS)
    call("ip", "link", "set", "lo", "up")
    call("ip", "link", "add", "name", "hosts", "type", "bridge")
    call("ip", "address", "add", "10.85.0.1/24", "dev", "hosts")
    call("ip", "link", "set", "hosts", "up")


def call(*words, **options):
    """Runs a program on the build machine; its failure is the test's."""
    if "input" not in options:
        options.setdefault("stdin", subprocess.DEVNULL)
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{shlex.join(map(str, words))}: status {done.returncode}\n"
                           f"{done.stdout}{done.stderr}")
    return done.stdout


def on_the_network(*words, **options):
    """As call(), in the machine's own network: for packages from its mirror."""
    return call("nsenter", f"--net=/proc/self/fd/{OUTSIDE}", *words, pass_fds=[OUTSIDE], **options)


@functools.cache
def scratch():
    """The directory of this run, removed with it; on a disk, not in memory."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="cc-ci-hosts-", dir="/var/tmp"))
    place.chmod(0o755)
    atexit.register(call, "rm", "-rf", "--one-file-system", place)
    return place


@functools.cache
def roots():
    """Makes the hosts' root file systems, where that has not been done yet."""
    version = call(BUILD / "bin" / "cc-ci", "--version").split()[-1]
    on_the_network(HERE / "prepare", BUILD, version)
    return BUILD / "tests" / "hosts"


def wait_for(condition, seconds, what, every=0.02):
    """Polls, since what is waited for tells nobody; fails after `seconds`."""
    end = time.monotonic() + seconds
    while True:
        seen = condition()
        if seen:
            return seen
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds} s")
        time.sleep(every)


class Store:
    """A built project as a host gets it: `layer` holds /var/lib/cc-ci and /srv/ci (the project).

    `text` is the declaration; what the declarations `also` need is there as archives, so that a host
    can lock and build them offline. If `alike`, a declaration that asks for the same, is given, the
    lock is its. Built at /var/lib/cc-ci, since entrypoints contain the path of the state; here that
    is a directory of the run.
    """

    def __init__(self, text, also=(), files=(), alike=None):
        self.text = text
        self.layer = pathlib.Path(tempfile.mkdtemp(prefix="store-", dir=scratch()))
        self.state = self.layer / STATE.relative_to("/")
        self.project = self.layer / "srv" / "ci"
        self.layer.chmod(0o755)
        for place in (self.state / "archives", self.project):
            place.mkdir(parents=True)
        self.locks = {}
        for declaration in (text, *also):
            place = prepared(alike if alike and declaration == text else declaration)
            self.take(place)
            self.locks[declaration] = (place / "cc-ci.lock").read_text()
        (self.project / "cc-ci.lock").write_text(self.locks[text])
        for name, content in (("cc-ci.toml", text), *files):
            (self.project / name).parent.mkdir(parents=True, exist_ok=True)
            (self.project / name).write_text(content)
        self.cc_ci("--offline", "build", "--locked")

    def take(self, place):
        """The archives of a prepared lock, and the index that it was made from."""
        kept = place.parent / "state"
        lock = (place / "cc-ci.lock").read_text()
        for digest in sorted(set(re.findall(r"\b[0-9a-f]{64}\b", lock))):
            for archive in (kept / "archives").glob(digest + "*"):
                target = self.state / "archives" / archive.name
                if not target.exists():
                    shutil.copy(archive, target)
        if not (self.state / "apt").exists():
            shutil.copytree(kept / "apt", self.state / "apt")

    def cc_ci(self, *words):
        """cc-ci of the build directory over this store, which must not be in a running host yet."""
        with at_state(self.state):
            return call(BUILD / "bin" / "cc-ci", "-q", "-C", self.project, "--state", STATE, *words,
                        env=ENVIRONMENT)


def prepared(text):
    """The directory of tests/build/support.py with the declaration's lock and archives."""
    ask = "import sys, support; print(support.prepared(sys.stdin.read()))"
    out = on_the_network(sys.executable, "-c", ask, input=text, cwd=HERE.parent / "build")
    return pathlib.Path(out.splitlines()[-1])


@contextlib.contextmanager
def at_state(place):
    """`place` as /var/lib/cc-ci, in these namespaces alone."""
    if not STATE.is_dir():  # nor is the mount point made on the machine
        for name in ("lib", "lib-work"):
            (scratch() / name).mkdir()
        call("mount", "-t", "overlay", "overlay", STATE.parent, "-o",
             f"lowerdir={STATE.parent},upperdir={scratch()}/lib,workdir={scratch()}/lib-work")
        STATE.mkdir()
    call("mount", "--bind", place, STATE)
    try:
        yield
    finally:
        call("umount", STATE)


class Host:
    """One machine: `Host("a", "trixie").boot()`. `release` is bookworm, trixie or master.

    A `bare` host has nothing of cc-ci. `layers` are directories laid over the root before the first
    boot, e.g. a Store's. With `disk` all that the host writes goes to an ext4 of that many MiB.
    `engines` is a Store whose state becomes a directory of the disk: an engine mounts overlays, whose
    upper directory cannot lie on an overlay.
    """

    numbers = itertools.count(2)

    def __init__(self, name, release="bookworm", layers=(), disk=0, bare=False, engines=None):
        number = next(Host.numbers)
        self.name = name
        self.release = release
        self.address = f"10.85.0.{number}"
        self.link = f"host{number}"
        self.base = pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=scratch()))
        self.root = self.base / "root"
        self.cgroup = own_cgroup() / f"cc-ci-hosts-{os.getpid()}-{self.base.name}"
        self.console = self.base / "console"
        self.machine = None  # systemd-nspawn
        self.leader = None  # the host's process 1, as seen from here
        atexit.register(self.destroy)
        self.root.mkdir()
        self.disk = self.base / "disk"
        self.disk.mkdir()
        if disk:
            image = self.base / "image"
            call("mkfs.ext4", "-q", "-m", "0", image, f"{disk}M")
            call("mount", "-o", "loop", image, self.disk)
        for directory in ("upper", "work"):
            (self.disk / directory).mkdir()
        self.state = None
        if engines:
            layers = (*layers, engines.layer)
            self.state = self.base / "state"
            call("cp", "--archive", "--link", engines.state, self.state)
        installed = [] if bare else [roots() / release / "layer"]
        self.lower = [*layers, *installed, (roots() / release / "root").resolve()]
        self.mount()
        self.write("/etc/hostname", f"{name}\n")
        self.write("/etc/machine-id", f"{number:032x}\n")
        self.write("/etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {name}\n")
        call("ip", "netns", "add", self.link)
        call("ip", "link", "add", "name", self.link, "type", "veth", "peer", "name", "host0",
             "netns", self.link)
        call("ip", "link", "set", self.link, "master", "hosts", "up")
        for words in (("link", "set", "lo", "up"), ("link", "set", "host0", "up"),
                      ("address", "add", f"{self.address}/24", "dev", "host0")):
            call("ip", "-n", self.link, *words)

    def mount(self):
        lower = ":".join(map(str, self.lower))
        call("mount", "-t", "overlay", "overlay", self.root, "-o",
             f"lowerdir={lower},upperdir={self.disk}/upper,workdir={self.disk}/work")

    # Life

    def boot(self, wait=True):
        """Starts the host over what its disk holds."""
        assert self.machine is None, f"{self.name} runs already"
        self.cgroup.mkdir(exist_ok=True)
        # sh, as in_group() has it, becomes systemd-nspawn.
        words = ["systemd-nspawn", "--quiet", f"--directory={self.root}", "--boot",
                 "--register=no", "--keep-unit", f"--machine={self.name}", "--link-journal=no",
                 "--resolv-conf=off", "--timezone=off", "--console=pipe",
                 f"--network-namespace-path=/run/netns/{self.link}"]
        if self.state:
            # runc asks for bpf and for a keyring, which systemd-nspawn forbids unasked.
            words += [f"--bind={self.state}:{STATE}", "--capability=CAP_NET_ADMIN",
                      "--system-call-filter=bpf add_key keyctl"]
        with open(self.console, "ab") as console:
            self.machine = subprocess.Popen(
                in_group(self.cgroup, words), stdin=subprocess.DEVNULL, stdout=console,
                stderr=console, env={**ENVIRONMENT, "SYSTEMD_NSPAWN_UNIFIED_HIERARCHY": "1"})
        try:
            self.leader = wait_for(self.find_leader, BOOT, f"{self.name}: process 1")
            if wait:
                self.settle()
        except (AssertionError, RuntimeError) as error:
            raise RuntimeError(f"{error}\n{self.console.read_text(errors='replace')}") from error
        return self

    def find_leader(self):
        if self.machine.poll() is not None:
            raise RuntimeError(f"{self.name}: systemd-nspawn ended: {self.machine.returncode}")
        children = pathlib.Path(f"/proc/{self.machine.pid}/task/{self.machine.pid}/children")
        for child in children.read_text().split():
            with contextlib.suppress(OSError):
                status = pathlib.Path(f"/proc/{child}/status").read_text()
                numbers = [row.split() for row in status.splitlines() if row.startswith("NSpid:")]
                # systemd, once it answers: not the half-made container.
                if numbers[0][-1] == "1" and pathlib.Path(
                        f"/proc/{child}/root/run/systemd/private").exists():
                    return int(child)
        return None

    def settle(self, states=("running",)):
        """Waits until systemd has nothing more to start."""
        end = time.monotonic() + BOOT
        while True:
            seen = self.run("systemctl", "is-system-running", "--wait", timeout=BOOT).stdout.strip()
            if seen in states:
                return self
            if seen not in ("", "starting", "initializing") or time.monotonic() > end:
                failed = self.run("systemctl", "--failed", "--no-legend").stdout
                raise AssertionError(f"{self.name} is '{seen}', expected {states}:\n{failed}")
            time.sleep(0.02)

    def kill(self):
        """The power fails: every process of the host at once, nothing is told."""
        if self.machine is None:
            return self
        # systemd-nspawn sees that its host has ended, and ends.
        for group in (self.cgroup / "payload", self.cgroup):
            with contextlib.suppress(FileNotFoundError):
                (group / "cgroup.kill").write_text("1")
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.machine.wait(timeout=BOOT / 4)
                break
        self.machine = self.leader = None
        # The next boot gets new ones: in a group that was killed once, systemd's children die.
        wait_for(self.remove_groups, BOOT, f"the end of {self.name}'s processes")
        # With its mount namespace the file system has gone; a fresh mount has no dentry of before.
        call("umount", self.root)
        self.mount()
        return self

    def reboot(self):
        """Killed whole, started again over the same disk."""
        return self.kill().boot()

    def destroy(self):
        """Everything of the host goes; called at the end of the run too."""
        if not self.base.exists():
            return
        self.kill()
        for place in (self.root, self.disk):
            if os.path.ismount(place):
                call("umount", place)
        if pathlib.Path(f"/run/netns/{self.link}").exists():
            call("ip", "netns", "delete", self.link)
        call("rm", "-rf", "--one-file-system", self.base)

    def trusts(self, other):
        """Root of `other` may log in here over ssh, and knows this host by name and key."""
        key = other.path("/root/.ssh/id_ed25519")
        if not key.exists():
            key.parent.mkdir(mode=0o700, exist_ok=True)
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        self.append("/root/.ssh/authorized_keys", key.with_suffix(".pub").read_text(), 0o600)
        self.path("/root/.ssh").chmod(0o700)
        public = self.read("/etc/ssh/ssh_host_ed25519_key.pub")
        other.append("/root/.ssh/known_hosts", f"{self.name},{self.address} {public}")
        other.append("/etc/hosts", f"{self.address} {self.name}\n")
        return self

    def remove_groups(self):
        for directory, _, _ in os.walk(self.cgroup, topdown=False):
            try:
                os.rmdir(directory)
            except OSError:
                return False  # killed, but not gone yet
        return True

    def unplug(self):
        """Its network is gone."""
        call("ip", "link", "set", self.link, "down")

    def plug(self):
        call("ip", "link", "set", self.link, "up")

    # Commands and files

    def inside(self, *words):
        """The command that runs `words` in the host, as a process beside its process 1."""
        # No container has a clock of its own, and nspawn takes this right away too.
        enter = ["setpriv", "--bounding-set=-sys_time", "nsenter", f"--target={self.leader}",
                 "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd", "--"]
        return in_group(self.cgroup / "payload" / "init.scope", enter + list(map(str, words)))

    def start(self, *words, **options):
        """A Popen of a command in the host."""
        options.setdefault("stdin", subprocess.DEVNULL)
        options.setdefault("env", ENVIRONMENT)
        options.setdefault("text", True)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        return subprocess.Popen(self.inside(*words), **options)

    def run(self, *words, timeout=120, data=None, **options):
        """Runs a command in the host; a CompletedProcess whatever its status."""
        if data is not None:
            options["stdin"] = subprocess.PIPE
        process = self.start(*words, **options)
        try:
            out, error = process.communicate(data, timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, error = process.communicate()
            raise AssertionError(f"{self.name}: {words}: not within {timeout} s\n{out}{error}") \
                from None
        return subprocess.CompletedProcess(words, process.returncode, out, error)

    def good(self, *words, **options):
        """The output of a command that must succeed."""
        done = self.run(*words, **options)
        if done.returncode != 0:
            raise AssertionError(f"{self.name}: {shlex.join(map(str, words))}: status "
                                 f"{done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def sh(self, script, **options):
        """The output of a shell script, the first failing command of which fails the test."""
        return self.good("/bin/sh", "-ec", script, **options)

    def show(self, unit, *properties):
        """Properties of a unit, as systemctl prints them."""
        rows = self.good("systemctl", "show", unit, *(f"--property={name}" for name in properties))
        return dict(row.split("=", 1) for row in rows.splitlines() if "=" in row)

    def path(self, name):
        """Where a file of the host lies on the build machine."""
        return self.root / str(name).lstrip("/")

    def write(self, name, text, mode=0o644):
        """A file of the host, running or not."""
        path = self.path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        path.chmod(mode)
        return path

    def append(self, name, text, mode=0o644):
        path = self.path(name)
        return self.write(name, (path.read_text() if path.exists() else "") + text, mode)

    def read(self, name):
        return self.path(name).read_text()


class HostTest(unittest.TestCase):
    """A test that ends the hosts it made."""

    maxDiff = None

    def host(self, *words, boot=True, **options):
        host = Host(*words, **options)
        self.addCleanup(host.destroy)
        return host.boot() if boot else host


def own_cgroup():
    for row in pathlib.Path("/proc/self/cgroup").read_text().splitlines():
        if row.startswith("0::"):
            return CGROUPS / row[3:].strip("/")
    raise RuntimeError("no unified control group hierarchy")


def in_group(group, words):
    """The command that runs `words` in a control group; no preexec_fn, since tests have threads."""
    return ["/bin/sh", "-c", 'echo $$ >"$0"/cgroup.procs && exec "$@"', str(group), *words]
