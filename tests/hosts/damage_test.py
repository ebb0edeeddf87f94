#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that was damaged by hand finds its way out, and nothing of a witness or a job is left."""
import project
from project import cc_ci, good, switch
from support import HostTest, Store, main, wait_for

HOME = "/usr/local/lib/cc-ci"
ONE = project.declaration(["jq"], health='[health]\ndeadline = "12s"\n', more="""
[witness]
exec = ["cc-ci-run", "sh", "-c", "test ! -e /run/hang || sleep 1000"]
""")


class Damage(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(ONE, files=project.FILES)

    def test_damage_a_path_of_its_own_an_interruption_and_the_way_out(self):
        host = project.settle_in(self.host("a", "trixie", [self.store.layer]))
        host.sh("find /usr/local /etc /var/lib -xdev -path /var/lib/cc-ci -prune -o -print | sort "
                ">/root/before")
        switch(host)
        good(host, "status")

        with self.subTest("a file of variables that wins over the drop-in"):
            host.write("/etc/worker.env", "PATH=/opt/bin:/usr/bin:/bin\n")
            drop_in = host.write("/etc/systemd/system/worker.service.d/10-env.conf",
                                 "[Service]\nEnvironmentFile=/etc/worker.env\n")
            host.sh("systemctl daemon-reload; systemctl restart worker.service")
            seen = wait_for(lambda: (d := cc_ci(host, "status")).returncode == 1 and d, 10, "status")
            self.assertIn("PATH of process", seen.stdout)
            self.assertIn("/opt/bin:/usr/bin:/bin", seen.stdout)
            drop_in.unlink()
            host.sh("rm -r /etc/worker.env /etc/systemd/system/worker.service.d; "
                    "systemctl daemon-reload; systemctl restart worker.service")

        with self.subTest("a witness that is interrupted"):
            elapse = host.show("nightly.timer", "NextElapseUSecRealtime")
            host.sh("touch /run/hang")
            witness = host.start("cc-ci", "-q", "-C", "/srv/ci", "--offline", "witness", "--path",
                                 "timer-nightly")
            wait_for(lambda: host.run("pgrep", "-f", "^sleep 1000$").returncode == 0
                     or host.run("test", "-e", "/var/lib/cc-ci/witness/timer-nightly/answer/process"
                                 ).returncode == 0, 30, "the test runs")
            host.sh("kill -INT $(pidof cc-ci)")
            out, _ = witness.communicate(timeout=60)
            self.assertEqual(witness.returncode, 1, out)
            self.assertIn("interrupted", out)
            host.sh("rm /run/hang")
            self.assertEqual(host.show("nightly.timer", "NextElapseUSecRealtime"), elapse)
            self.assertEqual(host.show("nightly.service", "ActiveState")["ActiveState"] in
                             ("inactive", "failed"), True)
            self.assertEqual(host.run("ls", "/var/lib/cc-ci/witness").stdout, "")
            host.run("systemctl", "reset-failed", "nightly.service")
            good(host, "status")

        for damage in ("echo '{' >$(readlink -f current)/record.json",
                       "ln -sfn generations/77 current"):
            with self.subTest(damage):
                host.sh(f"cd {HOME}; {damage}")
                self.assertEqual(cc_ci(host, "status").returncode, 1)
                self.assertEqual(cc_ci(host, "generations").returncode, 0)
                switch(host)
                good(host, "status")

        host.sh(f"ln -sfn generations/77 {HOME}/current; mkdir -p /var/lib/cc-ci-jobs/nightly")
        good(host, "uninstall")
        host.sh("find /usr/local /etc /var/lib -xdev -path /var/lib/cc-ci -prune -o -print | sort "
                ">/root/after")
        self.assertEqual(host.run("diff", "/root/before", "/root/after").stdout, "")
        self.assertEqual(host.show("worker.service", "ActiveState")["ActiveState"], "active")


if __name__ == "__main__":
    main()
