#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with a generation, a timer and a runner becomes Debian 13: all of it goes on as it was.

What is below the host's own files is exchanged while it is off: the root of Debian 12 with cc-ci's package
for one of Debian 13. That is what an upgrade leaves, without the half hour of apt. CCCI_APT=1 (ctest -C
torture) upgrades by apt instead, from the mirror of this machine.
"""
import os
import pathlib
import shutil

import project
from support import HostTest, Store, call, main, on_the_network, roots

APT = """
export DEBIAN_FRONTEND=noninteractive
sed -i 's/bookworm/trixie/g' /etc/apt/sources.list $(ls /etc/apt/sources.list.d/* 2>/dev/null)
printf '#!/bin/sh\\nexit 101\\n' >/usr/sbin/policy-rc.d
chmod +x /usr/sbin/policy-rc.d
apt-get -qq update
apt-get -qq --yes -o Dpkg::Options::=--force-confold dist-upgrade >/root/upgrade.log 2>&1
rm /usr/sbin/policy-rc.d
"""


class Upgrade(HostTest):
    def test_debian_12_becomes_13(self):
        store = Store(project.declaration(["jq"]), files=project.FILES)
        host = project.settle_in(self.host("a", "bookworm", [store.layer]))
        project.switch(host)
        before = self.look(host)
        self.assertEqual(before["systemd"], "252")
        host.good("systemctl", "stop", "worker.service")
        host.kill()
        if os.environ.get("CCCI_APT"):
            self.upgrade_by_apt(host)
        else:
            self.exchange_root(host)
        host.boot()
        after = self.look(host)
        self.assertGreaterEqual(int(after.pop("systemd")), 257)
        before.pop("systemd")
        self.assertEqual(after, before)
        # Nothing is to be done, and something can be.
        self.assertIn("nothing to do", project.good(host, "switch", "a"))
        host.append("/srv/ci/cc-ci.toml", '[timers.second]\nschedule = "daily"\n'
                    'exec = ["cc-ci-run", "true"]\n')
        project.good(host, "lock")
        project.switch(host)
        self.assertEqual(host.show("second.timer", "ActiveState")["ActiveState"], "active")
        project.good(host, "rollback")
        project.good(host, "uninstall")
        self.assertEqual(project.generation(host), 0)

    def look(self, host):
        """What a person, the timer and the runner see."""
        project.good(host, "status", "a")
        entrypoint = host.good("readlink", "-f", "/usr/local/lib/cc-ci/current/bin/cc-ci-run").strip()
        return {"systemd": host.good("systemctl", "--version").split()[1],
                "generation": project.generation(host),
                "entrypoint": host.good("sha256sum", entrypoint),
                "timer": host.show("nightly.timer", "ActiveState", "UnitFileState"),
                "runner": host.show("worker.service", "ActiveState", "UnitFileState"),
                "by timer": project.by_timer(host), "by runner": project.by_runner(host),
                "by shell": project.by_shell(host)}

    def exchange_root(self, host):
        call("umount", host.root)
        old = roots() / "bookworm"
        new = roots() / "trixie"
        host.lower = [new / "layer" if place == old / "layer" else
                      (new / "root").resolve() if place == (old / "root").resolve() else place
                      for place in host.lower]
        host.mount()

    def upgrade_by_apt(self, host):
        for place in pathlib.Path("/etc/apt/apt.conf.d").glob("*"):
            shutil.copy(place, host.path("/etc/apt/apt.conf.d"))
        shutil.copy("/etc/resolv.conf", host.path("/etc/resolv.conf"))
        for place in ("proc", "dev", "sys"):
            call("mount", "--bind", f"/{place}", host.path(place))
        try:
            on_the_network("chroot", host.root, "sh", "-ec", APT, timeout=1800)
        finally:
            for place in ("sys", "dev", "proc"):
                call("umount", host.path(place))
        host.path("/etc/resolv.conf").unlink()


if __name__ == "__main__":
    main()
