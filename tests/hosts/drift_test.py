#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What runs against what is declared: each kind of drift is named, and each is gone again after."""
import project
from project import cc_ci, good, switch
from support import HostTest, Store, main, wait_for

HEALTH = '[health]\ndeadline = "4s"\n'
ONE = project.declaration(["jq"], health=HEALTH)
TWO = project.declaration(["jq", "hello"], health=HEALTH)
HOME = "/usr/local/lib/cc-ci"
UNITS = "/usr/local/lib/systemd/system"

# Kind: (how it comes about, what the row names, how it goes away)
DRIFTS = {
    "a unit changed by hand": (
        f"f=$(readlink -f {UNITS}/nightly.service); cp $f /root/kept; "
        "echo '# by hand' >>$f; systemctl daemon-reload",
        "nightly.service", f"cat /root/kept >$(readlink -f {UNITS}/nightly.service); "
        "systemctl daemon-reload"),
    "a unit that another file replaces": (
        f"sed s/sh/dash/ {UNITS}/nightly.service >/etc/systemd/system/nightly.service; "
        "systemctl daemon-reload",
        "/etc/systemd/system/nightly.service",
        "rm /etc/systemd/system/nightly.service; systemctl daemon-reload"),
    "a unit whose link is gone": (
        f"rm {UNITS}/nightly.service; systemctl daemon-reload", "nightly.service",
        f"ln -s {HOME}/current/systemd/nightly.service {UNITS}; systemctl daemon-reload"),
    "a command that an override takes away": (
        "mkdir -p /etc/systemd/system/nightly.service.d; printf '[Service]\\nExecStart=\\n"
        "ExecStart=/bin/true\\n' >/etc/systemd/system/nightly.service.d/x.conf; "
        "systemctl daemon-reload", "nightly.service",
        "rm -r /etc/systemd/system/nightly.service.d; systemctl daemon-reload"),
    "a PATH patched back in": (
        "mkdir -p /etc/systemd/system/worker.service.d; printf '[Service]\\nEnvironment=PATH="
        "/opt/bin:/usr/bin\\n' >/etc/systemd/system/worker.service.d/99-path.conf; "
        "systemctl daemon-reload", "worker.service",
        "rm -r /etc/systemd/system/worker.service.d; systemctl daemon-reload"),
    "a timer that is stopped": (
        "systemctl stop nightly.timer", "nightly.timer", "systemctl start nightly.timer"),
    "a timer that is disabled": (
        "rm /etc/systemd/system/timers.target.wants/nightly.timer; systemctl daemon-reload",
        "nightly.timer", f"ln -s {UNITS}/nightly.timer "
        "/etc/systemd/system/timers.target.wants/; systemctl daemon-reload"),
    "an entrypoint that is replaced": (
        f"f=$(readlink -f {HOME}/current/bin/cc-ci-run); cp -p $f /root/entry; "
        "printf '#!/bin/sh\\nexec \"$@\"\\n' >$f.new; chmod 755 $f.new; mv $f.new $f",
        "cc-ci-run", f"cp -p /root/entry $(readlink -f {HOME}/current/bin/cc-ci-run)"),
    "a profile that is replaced": (
        "mv /etc/profile.d/cc-ci.sh /root/; echo : >/etc/profile.d/cc-ci.sh",
        "/etc/profile.d/cc-ci.sh", "mv /root/cc-ci.sh /etc/profile.d/cc-ci.sh"),
    "a directory before ours on PATH": (
        "mkdir -p /opt/bin; cp /bin/true /opt/bin/jq; "
        "echo 'PATH=/opt/bin:$PATH' >/etc/profile.d/zz.sh", "/opt/bin",
        "rm -r /opt/bin /etc/profile.d/zz.sh"),
    "a runner outside of the environment": (
        "mkdir -p /etc/systemd/system/worker.service.d; printf '[Service]\\nBindReadOnlyPaths=\\n"
        "Environment=PATH=/usr/bin:/bin\\n' >/etc/systemd/system/worker.service.d/99-out.conf; "
        "systemctl daemon-reload; systemctl restart worker.service", "(sh) of worker.service",
        "rm -r /etc/systemd/system/worker.service.d; systemctl daemon-reload; "
        "systemctl restart worker.service"),
    "a switch that did not end": (
        "echo 7 >/run/cc-ci/switch/pending", "switch", "rm /run/cc-ci/switch/pending"),
}


class Drift(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(ONE, also=[TWO], files=project.FILES)

    def test_each_kind_is_named_and_none_is_seen_where_there_is_none(self):
        host = project.settle_in(self.host("a", "bookworm", [self.store.layer]))
        switch(host)
        good(host, "status", "a")
        for kind, (make, names, undo) in DRIFTS.items():
            with self.subTest(kind):
                host.sh(make)
                seen = cc_ci(host, "status", "a")
                host.sh(undo)
                self.assertEqual(seen.returncode, 1, seen.stdout + seen.stderr)
                self.assertIn(names, seen.stdout)
                after = cc_ci(host, "status", "a")
                self.assertEqual(after.returncode, 0, after.stdout + after.stderr)

    def test_a_runner_left_in_an_older_environment(self):
        host = project.settle_in(self.host("a", "trixie", [self.store.layer]))
        switch(host)
        project.declare(host, self.store, TWO)
        stale = cc_ci(host, "status", "a")
        self.assertEqual(stale.returncode, 1, stale.stdout)
        # One child of the runner outlives the switch in what the runner was started in.
        host.write("/opt/left", "echo $$ >/run/left\nexec sleep 1000\n")
        host.sh("echo '1 sh /opt/left >/dev/null 2>&1 & echo started' >/run/worker/jobs")
        wait_for(lambda: host.run("test", "-e", "/run/worker/1").returncode == 0, 20, "the job")
        host.write("/etc/systemd/system/worker.service.d/keep.conf", "[Service]\nKillMode=process\n")
        host.sh("systemctl daemon-reload")
        switch(host)
        seen = cc_ci(host, "status", "a")
        self.assertEqual(seen.returncode, 1, seen.stdout + seen.stderr)
        self.assertIn("worker.service", seen.stdout)
        self.assertIn("sleep", seen.stdout)
        host.sh("kill $(cat /run/left)")
        good(host, "status", "a")

    def test_an_override_of_the_administrator_survives(self):
        host = project.settle_in(self.host("a", "trixie", [self.store.layer]))
        host.write("/etc/systemd/system/nightly.timer.d/override.conf",
                   "[Timer]\nOnCalendar=\nOnCalendar=Mon 05:00\n")
        host.write("/etc/systemd/system/worker.service.d/override.conf",
                   "[Service]\nEnvironment=LOCAL=1\n")
        host.sh("systemctl daemon-reload")
        switch(host)
        for act in (lambda: project.declare(host, self.store, TWO), lambda: switch(host),
                    lambda: good(host, "rollback"), lambda: good(host, "uninstall")):
            self.assertIn("LOCAL=1", host.show("worker.service", "Environment")["Environment"])
            self.assertTrue(host.path("/etc/systemd/system/nightly.timer.d/override.conf").exists())
            calendar = host.run("systemctl", "show", "nightly.timer", "-P", "TimersCalendar").stdout
            self.assertIn("Mon *-*-* 05:00", calendar)
            act()
        self.assertTrue(host.path("/etc/systemd/system/nightly.timer.d/override.conf").exists())
        self.assertTrue(host.path("/etc/systemd/system/worker.service.d/override.conf").exists())


if __name__ == "__main__":
    main()
