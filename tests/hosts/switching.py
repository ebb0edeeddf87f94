# SPDX-License-Identifier: GPL-3.0-or-later
"""A host with two generations that differ in a tool, a timer and links, for tests that disturb a switch."""
import json

import project
from project import good
from support import HostTest, Store

HEALTH = '[health]\ndeadline = "1s"\n'
ONE = project.declaration(["jq"], health=HEALTH)
# Another timer and another tool: links to make and to remove in either direction.
TWO = project.declaration(["jq", "hello"], health=HEALTH, more="""[timers.second]
schedule = "daily"
exec = ["cc-ci-run", "true"]
""")


class SwitchTest(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(ONE, also=[TWO], files=project.FILES)

    def set_up(self, number):
        """A host at generation 1, whose project asks for what generation 2 is."""
        host = project.settle_in(self.host("a", ("bookworm", "trixie")[number % 2],
                                           [self.store.layer]))
        project.switch(host)
        project.declare(host, self.store, TWO)
        project.switch(host)
        good(host, "rollback")
        return host

    def back(self, host, start):
        if start == 1:
            good(host, "rollback", "1")
        else:
            project.switch(host)
        self.converged(host, start)

    def whole(self, host):
        """One complete generation is active: its record, its units, what it leads to."""
        number = project.generation(host)
        self.assertIn(number, (1, 2))
        place = f"/usr/local/lib/cc-ci/generations/{number}"
        record = json.loads(host.good("cat", f"{place}/record.json"))
        units = host.good("find", f"{place}/systemd", "-type", "f", "-printf", "%P\\n").split()
        self.assertEqual(sorted(units), sorted(record["units"]))
        for name, digest in record["units"].items():
            seen = host.good("sha256sum", f"{place}/systemd/{name}").split()[0]
            self.assertEqual(seen, digest)
        host.good("test", "-x", "/usr/local/lib/cc-ci/current/bin/cc-ci-run")
        self.assertEqual(host.run("env", "-i", "/usr/local/lib/cc-ci/current/bin/cc-ci-run", "sh",
                                  "-c", "command -v jq && command -v hello || true"
                                  ).stdout.count("\n"), number)

    def converged(self, host, number):
        """As if nobody had been killed."""
        self.assertEqual(project.generation(host), number)
        self.whole(host)
        timers = {"nightly.timer": 1, "second.timer": 2}
        for timer, since in timers.items():
            seen = host.show(timer, "ActiveState", "LoadState", "NeedDaemonReload")
            expected = "active" if number >= since else "inactive"
            self.assertEqual((timer, seen["ActiveState"], seen["NeedDaemonReload"]),
                             (timer, expected, "no"))
        links = host.sh("find /usr/local/lib/systemd /etc/systemd/system/timers.target.wants "
                        "/etc/profile.d -xtype l")
        self.assertEqual(links, "", "links that lead nowhere")
        staged = host.sh("ls -A /usr/local/lib/cc-ci /usr/local/lib/cc-ci/generations")
        self.assertNotIn(".new", staged)
        pid = host.show("worker.service", "MainPID")["MainPID"]
        inside = host.run("test", "-e", f"/proc/{pid}/root/usr/bin/hello").returncode == 0
        self.assertEqual(inside, number == 2, "the runner lives in another environment")
