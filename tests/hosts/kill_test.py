#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches that are killed at each call that changes a name or speaks to systemd."""
import collections
import concurrent.futures
import os
import random
import re

import project
from project import good
import switching
from support import main, wait_for

# Beside names: each process that is started (systemctl), and each wait for one.
CALLS = ("rename,renameat,renameat2,link,linkat,symlink,symlinkat,unlink,unlinkat,rmdir,mkdir,"
         "mkdirat,fsync,clone,clone3,vfork,wait4,waitid")
SYSTEMCTL = "connect,sendmsg,recvmsg"
EVERY = int(os.environ.get("CCCI_KILL_EVERY", "16"))  # of the calls; 1: each
# Which of them: another share in each run.
FIRST = int(os.environ.get("CCCI_KILL_FIRST", random.randrange(EVERY)))
HOSTS = int(os.environ.get("CCCI_KILL_HOSTS", "3"))


class Kill(switching.SwitchTest):
    def traced(self, host, *words, of=()):
        """cc-ci under strace: the CompletedProcess, and the calls that cc-ci made itself."""
        done = host.run("strace", "-qq", "-e", "signal=none", *of, "-o", "/tmp/trace", "-e",
                        f"trace={CALLS}", "cc-ci", "-q", "-C", "/srv/ci", "--offline", *words)
        return done, re.findall(r"^(\w+)\(", host.good("cat", "/tmp/trace"), re.MULTILINE)

    def points(self, host, *words):
        """Every (call, number of it) of a whole run."""
        done, calls = self.traced(host, *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        seen = collections.Counter()
        found = []
        for call in calls:
            seen[call] += 1
            found.append((call, seen[call]))
        self.assertGreater(len(found), 20)
        return found

    def test_killed_at_each_call(self):
        hosts = [self.set_up(number) for number in range(HOSTS)]
        self.everywhere(hosts, ("switch", "a"), start=1)
        for host in hosts:
            project.switch(host)
        self.everywhere(hosts, ("rollback", "1"), start=2)

    def everywhere(self, hosts, words, start):
        points = self.points(hosts[0], *words)
        self.back(hosts[0], start)
        chosen = points[FIRST % EVERY::EVERY]
        self.killed = 0
        print(f"{words}: {len(chosen)} of {len(points)} calls, CCCI_KILL_FIRST={FIRST}", flush=True)
        with concurrent.futures.ThreadPoolExecutor(len(hosts)) as threads:
            shares = [chosen[n::len(hosts)] for n in range(len(hosts))]
            for share, complaints in zip(shares, threads.map(
                    lambda host, share: [self.one(host, words, start, *point) for point in share],
                    hosts, shares)):
                for point, complaint in zip(share, complaints):
                    with self.subTest(words=words, point=point):
                        if complaint:
                            raise complaint
        self.assertGreater(self.killed, len(chosen) * 3 // 4)

    def one(self, host, words, start, call, number):
        try:
            done, _ = self.traced(host, *words, of=["-e", f"inject={call}:signal=KILL:when={number}"])
            # Another run may need a call less (a wait that is interrupted): then nobody is killed.
            self.assertIn(done.returncode, (0, 137, -9), done.stdout + done.stderr)
            self.killed += done.returncode != 0
            self.whole(host)
            good(host, *words)
            self.converged(host, 3 - start)
            self.back(host, start)
            return None
        except Exception as error:  # pylint: disable=broad-except
            return error

    def test_systemctl_is_killed(self):
        """What speaks to systemd dies under cc-ci: no success is claimed that is none."""
        host = self.set_up(0)
        for call in SYSTEMCTL.split(","):
            for number in (1, 2, 5):
                with self.subTest(call=call, number=number):
                    done = host.run(
                        "strace", "-qq", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                        f"inject={call}:signal=KILL:when={number}", "cc-ci", "-q", "-C", "/srv/ci",
                        "--offline", "switch", "a")
                    self.whole(host)
                    if done.returncode == 0:
                        self.converged(host, 2)
                    project.switch(host)
                    self.converged(host, 2)
                    self.back(host, 1)

    def test_the_host_is_killed(self):
        """The power fails in the middle: the host boots into one complete generation."""
        host = self.set_up(1)
        points = self.points(host, "switch", "a")
        self.back(host, 1)
        renames = [point for point in points if point[0].startswith("rename")]
        symlinks = [point for point in points if point[0].startswith("symlink")]
        starts = [point for point in points if point[0].startswith(("clone", "vfork"))]
        for call, number in (renames[-1], symlinks[-1], starts[-1], starts[len(starts) // 2],
                             renames[0]):
            with self.subTest(call=call, number=number):
                dies = host.start("strace", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e",
                                  f"inject={call}:signal=STOP:when={number}", "cc-ci", "-q",
                                  "-C", "/srv/ci", "--offline", "switch", "a", stdout=None,
                                  stderr=None)
                wait_for(lambda: self.stopped(host), 30, "cc-ci stops")
                host.reboot()
                dies.wait()
                self.whole(host)
                expected = {1: "not-found", 2: "loaded"}[project.generation(host)]
                self.assertEqual(host.show("second.timer", "LoadState")["LoadState"], expected)
                self.assertEqual(host.show("nightly.timer", "ActiveState")["ActiveState"], "active")
                project.switch(host)
                self.converged(host, 2)
                self.back(host, 1)

    def stopped(self, host):
        states = host.run("sh", "-c", "for p in /proc/[0-9]*; do read -r comm <$p/comm && "
                          "test \"$comm\" = cc-ci && sed -n 's/^State:[^A-Za-z]*//p' $p/status; "
                          "done").stdout
        return states.startswith(("T", "t"))


if __name__ == "__main__":
    main()
