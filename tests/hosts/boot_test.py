#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts themselves, and cc-ci's package on the release that it was built on and on the next."""
import socket
import subprocess

from support import HostTest, Store, main

RELEASES = ("bookworm", "trixie")
TINY = '[runtime]\ntools = ["jq"]\n\n[entrypoints.cc-ci-run]\n'


class Boot(HostTest):
    def test_the_package_runs_on_both_releases(self):
        store = Store(TINY)
        for release in RELEASES:
            with self.subTest(release):
                host = self.host(f"plain-{release}", release, [store.layer])
                self.assertIn(f"VERSION_CODENAME={release}", host.read("/usr/lib/os-release"))
                self.assertRegex(host.good("cc-ci", "--version"), r"^cc-ci \d")
                host.good("cc-ci", "doctor")
                self.assertNotEqual(host.run("sh", "-c", "command -v jq").returncode, 0)
                seen = host.good("cc-ci", "-q", "-C", "/srv/ci", "--offline", "run", "--", "jq", "-n",
                                 "1+1")
                self.assertEqual(seen, "2\n")
                host.good("cc-ci", "store", "verify")

    def test_learn_follows_a_service(self):
        host = self.host("learns", "bookworm")
        host.sh("useradd --create-home ci; install -d -o ci /srv/job /srv/ci")
        host.write("/srv/ci/cc-ci.toml", '[runtime]\ntools = ["coreutils"]\n')
        host.write("/etc/job.env", "WHO=service\n")
        host.write("/srv/job/run", "#!/bin/sh\necho $WHO $(id -un) $(pwd) >/srv/job/out\n"
                                   "ssh-keygen -l -f /dev/null || true\n")
        host.write("/etc/systemd/system/job.service",
                   "[Service]\nType=oneshot\nUser=ci\nWorkingDirectory=/srv/job\n"
                   "EnvironmentFile=/etc/job.env\nExecStart=/srv/job/run\n")
        host.sh("chmod 755 /srv/job/run; systemctl daemon-reload")
        seen = host.good("cc-ci", "-C", "/srv/ci", "learn", "--unit", "job")
        self.assertIn("openssh-client", seen)
        self.assertEqual(host.read("/srv/job/out"), "service ci /srv/job\n")
        asked = host.run("cc-ci", "-C", "/srv/ci", "learn", "--", "systemctl", "start", "job")
        self.assertIn("cc-ci learn --unit NAME", asked.stdout + asked.stderr)
        missing = host.run("cc-ci", "-C", "/srv/ci", "learn", "--unit", "absent")
        self.assertEqual(missing.returncode, 2, missing.stderr)
        # The jobs of the host become a good declaration.
        host.write("/etc/cron.d/nightly", "0 3 * * 0 ci /srv/job/run --all\n")
        host.sh("mkdir /srv/new && cd /srv/new && cc-ci init --from-host && cc-ci show >/dev/null")
        self.assertIn('[timers.run]\nschedule = "Sun *-*-* 03:00:00"', host.read("/srv/new/cc-ci.toml"))

    def test_libraries_are_its_own_or_of_a_lasting_name(self):
        for release in RELEASES:
            with self.subTest(release):
                host = self.host(f"libraries-{release}", release)
                seen = host.good("ldd", "/usr/bin/cc-ci")
                self.assertNotIn("not found", seen)
                self.assertRegex(seen, r"libapt-pkg\.so\.\S+ => /usr/(bin/\.\./)?lib/cc-ci/")
                for name in ("libarchive", "libcrypto", "libfmt", "libyaml", "libxml2", "libicu"):
                    self.assertNotIn(name, seen)

    def test_hosts_are_machines_of_their_own(self):
        one = self.host("one", "bookworm")
        two = self.host("two", "trixie")
        two.trusts(one)
        ask = ("ssh", "-o", "BatchMode=yes", "-o", "ConnectTimeout=5", "two", "cat /etc/machine-id")
        self.assertEqual(one.good(*ask), two.read("/etc/machine-id"))
        self.assertNotEqual(one.read("/etc/machine-id"), two.read("/etc/machine-id"))
        one.unplug()
        self.assertEqual(one.run(*ask).returncode, 255)
        one.plug()
        one.good(*ask)
        # The machine that builds is neither of them.
        self.assertEqual(one.good("hostname"), "one\n")
        self.assertNotEqual(socket.gethostname(), "one")

    def test_a_killed_host_keeps_its_disk_and_nothing_else(self):
        host = self.host("killed", "bookworm")
        host.sh("echo kept >/root/kept; echo lost >/run/lost; sync")
        lives = host.start("sleep", "1000")
        host.reboot()
        lives.communicate(timeout=10)
        self.assertNotEqual(lives.returncode, 0)
        self.assertEqual(host.good("cat", "/root/kept"), "kept\n")
        self.assertFalse(host.run("test", "-e", "/run/lost").returncode == 0)

    def test_nothing_stays_behind(self):
        host = self.host("gone", "bookworm")
        place, group, leader = host.base, host.cgroup, host.leader
        host.destroy()
        self.assertFalse(place.exists() or group.exists())
        self.assertNotEqual(subprocess.run(["kill", "-0", str(leader)], capture_output=True,
                                           check=False).returncode, 0)


if __name__ == "__main__":
    main()
