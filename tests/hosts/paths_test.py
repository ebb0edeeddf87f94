#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""doctor calls a runner's unit bad exactly where systemd does not start it: paths that a unit needs, and
its conditions. On a host of each release.
"""
import json

import project
from project import cc_ci, good
from support import HostTest, Store, main

# Lines of [Service], or with '@' of [Unit], each a kind of unit. /srv/absent and the like do not exist.
KINDS = """EnvironmentFile=/etc/absent
EnvironmentFile=/absent
EnvironmentFile=-/absent
EnvironmentFile=/etc
EnvironmentFile=-/etc
EnvironmentFile="/etc/absent"
EnvironmentFile=/etc/absent|EnvironmentFile=
EnvironmentFile=/etc/absent/*.env
EnvironmentFile=/srv/env|ExecStartPre=+/bin/sh -c 'echo A=1 >/srv/env'
EnvironmentFile=/var/lib/own-1/env|StateDirectory=own-1
LoadCredential=a:/etc/absent
LoadCredential=a:/etc/absent|SetCredential=a:x
LoadCredential=a:/etc/absent|LoadCredentialEncrypted=
LoadCredential=a
BindPaths=/srv/absent:/mnt
BindPaths=-/srv/absent:/mnt
BindPaths=/srv/absent:/mnt|BindReadOnlyPaths=
ReadWritePaths=/srv/absent
ReadWritePaths=+/srv/absent
ReadWritePaths=/srv /srv/absent
ReadWritePaths=/srv/made|ExecStartPre=+/bin/mkdir -p /srv/made
ReadWriteDirectories=/srv/absent
ReadWritePaths=/srv/absent|ReadWriteDirectories=
ReadWritePaths=/srv/absent|ProtectSystem=strict
ReadOnlyPaths=/srv/absent|ProtectSystem=strict
ReadWritePaths=/srv/absent|InaccessiblePaths=/srv
InaccessiblePaths=/srv/absent
InaccessiblePaths=/srv /srv/absent
NoExecPaths=/srv /srv/absent
ReadWritePaths=/home/absent|ProtectHome=yes
ReadWritePaths=/home/absent|ProtectHome=tmpfs
ReadOnlyPaths=/home/absent|ProtectHome=read-only
ReadWritePaths=/var/lib/own-2|StateDirectory=own-2
ReadWritePaths=/var/lib/own-3/sub|StateDirectory=own-3
ReadWritePaths=/var/lib/private/own-4|StateDirectory=own-4|DynamicUser=yes
ReadWritePaths=/var/run/own-5|RuntimeDirectory=own-5
ReadWritePaths=/srv/at|BindPaths=/etc/default:/srv/at
WorkingDirectory=/srv/on|BindPaths=/etc/default:/srv/on
WorkingDirectory=/srv/absent
WorkingDirectory=-/srv/absent
WorkingDirectory=/srv/ci/cc-ci.toml
WorkingDirectory=-/srv/ci/cc-ci.toml
StandardOutput=append:/srv/ci/cc-ci.toml/log
ReadWritePaths=/var/lib/made-0|@Requires=other.service|@After=other.service
ReadWritePaths=/var/lib/made-1|@Wants=other.service
StandardOutput=append:/srv/absent/log
StandardOutput=truncate:/var/log/own-6/log|LogsDirectory=own-6
StandardInput=file:/srv/absent
DynamicUser=yes|User=newcomer
RootDirectory=/srv/absent|RootDirectory=""".splitlines()
DECLARATION = "[runtime]\ntools = [\"jq\"]\n[hosts.a]\n[hosts.b]\n" + "".join(
    f'[runners.k{i}]\nkind = "unit"\nunit = "k{i}.service"\n' for i in range(len(KINDS)))

CONDITION = "[Unit]\nConditionPathExists={}/srv/allowed\n"
DROP_IN = "/etc/systemd/system/worker.service.d/10-site.conf"


class Paths(HostTest):
    def test_doctor_says_what_systemd_does(self):
        for name, release in (("a", "bookworm"), ("b", "trixie")):
            host = self.host(name, release)
            for i, kind in enumerate(KINDS):
                lines = kind.split("|")
                of_unit = "".join(f"{line[1:]}\n" for line in lines if line[0] == "@")
                of_service = "".join(f"{line}\n" for line in lines if line[0] != "@")
                host.write(f"/etc/systemd/system/k{i}.service",
                           f"[Unit]\n{of_unit}[Service]\nType=oneshot\nExecStart=/bin/true\n{of_service}")
            host.write("/etc/systemd/system/other.service",
                       "[Service]\nType=oneshot\nExecStart=/bin/true\nStateDirectory=made-0\n")
            host.write("/srv/ci/cc-ci.toml", DECLARATION)
            host.sh("systemctl daemon-reload")
            said = json.loads(cc_ci(host, "doctor", "--json").stdout)["checks"]
            bad = {one["check"] for one in said
                   if one["state"] == "bad" and "HOME" not in one["found"]}
            self.assertTrue(bad, said)
            started = host.sh(f"for i in $(seq 0 {len(KINDS) - 1}); do systemctl start k$i.service "
                              "2>/dev/null && echo k$i; done; true").split()
            for i, kind in enumerate(KINDS):
                with self.subTest(host=name, kind=kind):
                    self.assertEqual(f"runner k{i}" not in bad, f"k{i}" in started)
            host.destroy()

    def test_what_would_not_start_or_cannot_be_written_stops_a_switch(self):
        one, two = project.declaration(), project.declaration(("jq", "hello"))
        store = Store(one, also=[two])
        for name, release in (("a", "bookworm"), ("b", "trixie")):
            with self.subTest(name):
                self.stops(project.settle_in(self.host(name, release, [store.layer])), store, two)

    def stops(self, host, store, two):
        host.write(DROP_IN, CONDITION.format(""))
        host.sh("systemctl daemon-reload")
        pid = host.show("worker.service", "MainPID")
        refused = cc_ci(host, "switch", host.name)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("its ConditionPathExists=/srv/allowed is false on this host",
                      " ".join(refused.stderr.split()))
        self.assertEqual(project.generation(host), 0)
        self.assertIn("/srv/allowed is false", " ".join(cc_ci(host, "doctor").stdout.split()))
        host.write("/srv/allowed", "")
        for place in ("/etc", "/usr/local"):
            host.sh(f"mount --bind {place} {place} && mount -o remount,ro,bind {place}")
            refused = cc_ci(host, "switch", host.name)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn("mounted read-only", " ".join(refused.stderr.split()))
            self.assertIn("mounted read-only", " ".join(cc_ci(host, "doctor").stdout.split()))
            host.good("umount", place)
        self.assertEqual(project.generation(host), 0)
        self.assertEqual(host.show("worker.service", "MainPID"), pid)
        project.switch(host)
        # What is false now and does not matter to a unit that this switch leaves alone.
        host.sh("rm /srv/allowed")
        host.write(DROP_IN, CONDITION.format("") + "[Service]\nEnvironmentFile=/srv/absent.env\n")
        host.sh("systemctl daemon-reload")
        good(host, "switch", host.name)
        self.going_back_asks_too(host, store, two)

    def going_back_asks_too(self, host, store, two):
        host.write(DROP_IN, "")
        host.sh("systemctl daemon-reload")
        project.declare(host, store, two)
        project.switch(host)
        self.assertEqual(project.generation(host), 2)
        pid = host.show("worker.service", "MainPID")
        host.write(DROP_IN, CONDITION.format(""))
        host.sh("systemctl daemon-reload")
        refused = cc_ci(host, "rollback")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("/srv/allowed is false", " ".join(refused.stderr.split()))
        host.write("/srv/allowed", "")
        host.sh("mount --bind /etc /etc && mount -o remount,ro,bind /etc")
        refused = cc_ci(host, "rollback")
        self.assertEqual(refused.returncode, 3)
        self.assertIn("mounted read-only", " ".join(refused.stderr.split()))
        host.good("umount", "/etc")
        self.assertEqual(project.generation(host), 2)
        self.assertEqual(host.show("worker.service", "MainPID"), pid)
        good(host, "rollback")
        # The way out is open, whatever ails the runner.
        host.sh("rm /srv/allowed")
        cc_ci(host, "rollback", "0")
        self.assertEqual(project.generation(host), 0)


if __name__ == "__main__":
    main()
