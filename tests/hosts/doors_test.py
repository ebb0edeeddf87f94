#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""One job sees the same under a timer, a runner and a person's hand; a switch disturbs no job and
fires no timer. On a host of each release.
"""
import threading
import time

import project
from project import by_runner, cc_ci, good, switch
from support import HostTest, Store, main, wait_for

MORE = """
[timers.of-ci]
schedule = "Sun *-*-* 04:00"
exec = ["cc-ci-run", "sh", "/srv/ci/view", "/srv/w/of-ci"]
user = "ci"

[timers.talks]
schedule = "Sun *-*-* 05:00"
exec = ["cc-ci-run", "sh", "-c", "seq 150000; echo THE END; exit 7"]
on_failure = ["/usr/local/bin/tell", "one two"]

[timers.hangs]
schedule = "Sun *-*-* 06:00"
exec = ["cc-ci-run", "sleep", "1000"]
timeout = "2s"
"""
HEALTH = '[health]\ndeadline = "6s"\n'
TOOLS = ["jq", "git", "coreutils"]
ONE = project.declaration(TOOLS, MORE, HEALTH)
TWO = project.declaration([*TOOLS, "hello"], MORE, HEALTH)

# What a job may differ in. The file is written by the job itself.
VIEW = """set -u
{
for name in HOME USER LOGNAME SHELL LANG LC_ALL PYTHONPATH LD_LIBRARY_PATH BASH_ENV CC_CI_ENVIRONMENT
do eval "echo \\"$name \\${$name-unset}\\""; done
echo "umask $(umask)"
echo "ids $(id -u) $(id -g) $(id -G)"
echo "owner $(stat -c %u:%g /etc /usr/bin/env /srv/ci/job)"
echo "gitconfig $(cat /etc/gitconfig 2>/dev/null | sha256sum)"
echo "preload $(cat /etc/ld.so.preload 2>/dev/null)"
echo "profile $(sha256sum </etc/profile) $(sha256sum </etc/ld.so.cache)"
} >"$1.new"
mv "$1.new" "$1"
"""
SITE = ("[Service]\nEnvironment=PYTHONPATH=/opt/x LD_LIBRARY_PATH=/opt/x BASH_ENV=/opt/x LC_ALL=de_DE\n"
        "UMask=0077\n")
# What systemd mounts for it is not a job's.
HARD = ("[Service]\nPrivateTmp=yes\nPrivateDevices=yes\nProtectSystem=strict\nProtectHome=yes\n"
        "ProtectKernelTunables=yes\nProtectControlGroups=yes\nProtectKernelModules=yes\n"
        "BindPaths=/srv/w:/mnt/w\nTemporaryFileSystem=/var/spool\nStateDirectory=worker\n")
TELL = ("#!/bin/sh\n{ echo \"$1 $MONITOR_UNIT $MONITOR_EXIT_STATUS\"; tail -n 10; } >/srv/w/told.new\n"
        "mv /srv/w/told.new /srv/w/told\n")


class Doors(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(ONE, also=[TWO], files=(*project.FILES, ("view", VIEW)))

    def hosts(self):
        for name, release in (("a", "bookworm"), ("b", "trixie")):
            host = self.host(name, release, [self.store.layer])
            host.sh("groupadd shared; useradd --create-home --groups shared ci; "
                    "mkdir -p /srv/w; chmod 1777 /srv/w")
            host.write("/usr/local/bin/tell", TELL, 0o755)
            yield project.settle_in(
                host, project.WORKER_UNIT.replace("[Service]\n", "[Service]\nUser=root\n"))

    def seen(self, host, name):
        return host.good("cat", f"/srv/w/{name}")

    def test_a_job_sees_the_same(self):
        for host in self.hosts():
            with self.subTest(host.name):
                host.write("/etc/systemd/system/worker.service.d/10-site.conf", SITE)
                host.sh("systemctl daemon-reload")
                switch(host)
                host.write("/etc/ld.so.preload", "/usr/lib/x86_64-linux-gnu/libsnoopy.so\n")
                self.one_view(host)
                # Any upgrade of a library or of base-files.
                host.sh("rm /etc/ld.so.preload; ldconfig; cp -p /etc/profile /etc/p; "
                        "echo 'PATH=/opt/x' >>/etc/p; mv /etc/p /etc/profile")
                self.one_view(host)

    def one_view(self, host):
        host.sh("rm -f /srv/w/*")
        hand = ["env", "LC_ALL=C", "LANG=de_DE.UTF-8", "PYTHONPATH=/opt/x", "HOME=/root",
                "USER=root", "LOGNAME=root", "SHELL=/bin/bash"]
        run = "/usr/local/lib/cc-ci/current/bin/cc-ci-run"
        host.good(*hand, "sh", "-c", f"umask 077; exec {run} sh /srv/ci/view /srv/w/hand")
        by_runner(host, "sh /srv/ci/view /srv/w/runner")
        host.sh(f"systemd-run --wait --quiet --property=User=root {run} sh /srv/ci/view /srv/w/timer")
        self.assertEqual(self.seen(host, "runner"), self.seen(host, "hand"))
        self.assertEqual(self.seen(host, "timer"), self.seen(host, "hand"))
        self.assertIn("LANG C.UTF-8\n", self.seen(host, "hand"))
        self.assertIn("umask 0022\n", self.seen(host, "hand"))
        # A user's timer has the user's groups and sees the owners of files.
        host.good("systemctl", "start", "of-ci.service")
        view = self.seen(host, "of-ci")
        self.assertIn("owner 0:0\n0:0\n", view)
        groups = host.good("id", "-G", "ci").strip()
        self.assertRegex(view, f"ids [0-9]+ [0-9]+ {groups}\n")
        self.assertIn("HOME /home/ci\n", view)

    def leave_a_mount(self, host):
        daemon = host.show("worker.service", "MainPID")["MainPID"]
        host.good("mount", "-N", daemon, "-t", "tmpfs", "none", "/opt")
        status = cc_ci(host, "status", host.name)
        self.assertEqual(status.returncode, 1, status.stdout)
        self.assertIn("mount /opt in worker.service", status.stdout)
        host.good("umount", "-N", daemon, "/opt")
        good(host, "status", host.name)

    def test_a_timer_that_one_can_leave_alone(self):
        for host in self.hosts():
            with self.subTest(host.name):
                host.write("/etc/systemd/system/worker.service.d/10-hard.conf", HARD)
                host.sh("systemctl daemon-reload")
                switch(host)
                good(host, "status", host.name)
                self.leave_a_mount(host)
                self.assertNotEqual(host.run("systemctl", "start", "talks.service").returncode, 0)
                def journal(host=host):
                    return host.good("journalctl", "--unit=talks.service", "--output=cat")

                wait_for(lambda: "\nTHE END\n" in journal(), 60, "the journal has it all")
                self.assertEqual(journal().count("\n149999\n"), 1)
                wait_for(lambda: host.run("test", "-s", "/srv/w/told").returncode == 0, 20, "is told")
                told = self.seen(host, "told")
                self.assertIn("\nTHE END\n", told)
                self.assertIn("one two talks.service 7\n", told)
                self.assertNotEqual(host.run("systemctl", "start", "hangs.service").returncode, 0)
                status = cc_ci(host, "status", host.name)
                self.assertEqual(status.returncode, 1)
                for unit in ("talks", "hangs"):
                    self.assertIn(f"last run of {unit}.service", status.stdout)

    def test_a_switch_fires_no_timer(self):
        stamp = "/var/lib/systemd/timers/stamp-nightly.timer"
        ran = "/var/lib/cc-ci-jobs/nightly/seen"
        for host in self.hosts():
            with self.subTest(host.name):
                switch(host)
                # The next run is far away by either schedule, but the last one is long ago.
                host.sh(f"touch -d '3 weeks ago' {stamp}")
                host.write("/srv/ci/cc-ci.toml", ONE.replace("Sun *-*-* 03:00", "*-*-* 00:00"))
                switch(host)
                time.sleep(3)
                self.assertNotEqual(host.run("test", "-e", ran).returncode, 0, "it ran")
                host.sh(f"systemctl stop nightly.timer; touch -d '3 weeks ago' {stamp}")
                host.write("/srv/ci/cc-ci.toml", ONE)
                good(host, "rollback")
                time.sleep(3)
                self.assertNotEqual(host.run("test", "-e", ran).returncode, 0, "it ran")
                host.write("/srv/ci/cc-ci.toml",
                           ONE.replace("Sun *-*-* 03:00", "2020-01-01 03:00"))
                refused = cc_ci(host, "switch", host.name)
                self.assertEqual(refused.returncode, 3, refused.stderr)
                self.assertIn("[activate.schedule]", refused.stderr)
                self.assertNotIn("tzdata", refused.stderr)

    def test_a_switch_kills_no_job_of_a_runner(self):
        for host in self.hosts():
            with self.subTest(host.name):
                switch(host)
                project.declare(host, self.store, TWO)
                good(host, "build", "--locked")
                time.sleep(6)  # what a daemon starts in its first seconds is its own
                job = threading.Thread(target=by_runner, args=(
                    host, "while ! test -e /srv/w/end; do sleep 1; done; echo done >/srv/w/done"))
                job.start()
                wait_for(lambda: host.run("pgrep", "-x", "sleep").returncode == 0, 10, "works")
                dry = good(host, "switch", host.name, "--dry-run")
                self.assertRegex(dry, "at work +worker.service: process [0-9]+ .*sleep 1")
                refused = cc_ci(host, "switch", host.name, "--jobs", "refuse")
                self.assertEqual(refused.returncode, 3, refused.stderr)
                self.assertIn("[activate.jobs]", refused.stderr)
                self.assertEqual(project.generation(host), 1)
                threading.Timer(5, host.sh, ["touch /srv/w/end"]).start()
                switch(host)
                job.join()
                self.assertEqual(self.seen(host, "done"), "done\n")
                self.assertEqual(project.generation(host), 2)


if __name__ == "__main__":
    main()
