#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two hosts of two releases take over one declaration, and a change of it."""
import project
from project import by_runner, by_shell, by_timer, good, switch
from support import HostTest, Store, main

HEALTH = '[health]\ndeadline = "6s"\n'
ONE = project.declaration(["jq"], health=HEALTH)
TWO = project.declaration(["jq", "hello"], health=HEALTH)
ENTRYPOINT = "/usr/local/lib/cc-ci/current/bin/cc-ci-run"


class Switch(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(ONE, also=[TWO], files=project.FILES)

    def both(self):
        hosts = (self.host("a", "bookworm", [self.store.layer]),
                 self.host("b", "trixie", [self.store.layer]))
        return [project.settle_in(host) for host in hosts]

    def assert_well(self, host):
        host.settle()
        timer = host.show("nightly.timer", "ActiveState", "UnitFileState", "NextElapseUSecRealtime")
        self.assertEqual((timer["ActiveState"], timer["UnitFileState"]), ("active", "enabled"))
        self.assertNotIn(timer["NextElapseUSecRealtime"], ("", "n/a"))
        self.assertEqual(host.show("worker.service", "ActiveState")["ActiveState"], "active")
        good(host, "status", host.name)

    def assert_sees(self, host, environment, hello):
        for way, seen in (("timer", by_timer(host)), ("runner", by_runner(host))):
            with self.subTest(host=host.name, way=way):
                self.assertRegex(seen["jq"], "^/usr/lib/cc-ci/")
                self.assertEqual(seen["hello"] != "none", hello)
                self.assertEqual(seen["git"], "none")
                self.assertEqual(seen["environment"], environment)
        seen = by_shell(host)
        self.assertEqual(seen["jq"], "/usr/local/lib/cc-ci/current/bin/jq")
        self.assertEqual(seen["hello"] != "none", hello)

    def environment(self, host):
        text = host.good("cat", ENTRYPOINT)
        return next(row.split()[1] for row in text.splitlines() if row.startswith("environment "))

    def test_both_hosts_take_over_and_follow_a_change(self):
        hosts = self.both()
        digests = set()
        for host in hosts:
            self.assertEqual(by_shell(host)["jq"], "none")
            self.assertEqual(by_runner(host)["jq"], "none")
            switch(host)
            self.assert_well(host)
            self.assert_sees(host, self.environment(host), hello=False)
            digests.add(host.good("sha256sum", ENTRYPOINT).split()[0])
            # The unit itself carries no tool of the declaration.
            self.assertNotIn("jq", host.show("nightly.service", "Environment")["Environment"])
            self.assertEqual(project.generation(host), 1)
            switch(host)
            self.assertEqual(project.generation(host), 1)
        self.assertEqual(len(digests), 1, "the hosts execute different entrypoints")

        # One edit, one lock; each host builds and switches.
        a, b = hosts
        a.write("/srv/ci/cc-ci.toml", TWO)
        good(a, "lock")
        for name in ("cc-ci.toml", "cc-ci.lock"):
            b.write(f"/srv/ci/{name}", a.read(f"/srv/ci/{name}"))
        for host in hosts:
            good(host, "build", "--locked")
            drift = project.cc_ci(host, "status", host.name)
            self.assertEqual(drift.returncode, 1, drift.stdout)
            switch(host)
            self.assert_well(host)
            self.assert_sees(host, self.environment(host), hello=True)
        for host in hosts:
            host.reboot()
            self.assert_well(host)
            self.assert_sees(host, self.environment(host), hello=True)
            good(host, "rollback")
            self.assert_sees(host, self.environment(host), hello=False)
            good(host, "rollback", "0")
            self.assertEqual((by_shell(host)["jq"], by_runner(host)["jq"]), ("none", "none"))
            self.assertEqual(host.show("nightly.timer", "LoadState")["LoadState"], "not-found")

    def test_uninstall_leaves_no_trace(self):
        for host in self.both():
            with self.subTest(host.name):
                before = self.files(host)
                switch(host)
                good(host, "uninstall")
                self.assertEqual(self.files(host) ^ before, set())
                units = host.good("systemctl", "list-units", "--all", "--plain", "--no-legend")
                self.assertNotIn("nightly", units)
                self.assertEqual(by_runner(host)["jq"], "none")

    def files(self, host):
        """Every file outside the store and of what the host itself writes all the time."""
        found = host.good("find", "/", "-xdev", "(", "-path", "/var/lib/cc-ci", "-o", "-path",
                          "/var/log", "-o", "-path", "/var/lib/systemd", ")", "-prune", "-o",
                          "-print")
        return set(found.splitlines())


if __name__ == "__main__":
    main()
