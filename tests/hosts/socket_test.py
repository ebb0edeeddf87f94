#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A runner that its socket starts: each job finds the environment, and a switch neither starts the
service nor takes a job from it. On a host of each release.
"""
import project
from project import cc_ci, good, rows
from support import HostTest, Store, main, wait_for

# Takes the jobs that are there, "NUMBER SECONDS" a line, and ends.
PROGRAM = f"""set -eu
IFS=' ' read -r number seconds <&3
/bin/sh -ec 'sleep '"$seconds"'; {"; ".join(project.JOB.strip().splitlines())}' >"/srv/.$number" 2>&1
mv "/srv/.$number" "/srv/$number"
"""
SERVICE = """[Unit]
Requires=worker.socket
[Service]
User=root
ExecStart=/bin/sh /opt/worker
"""
SOCKET = """[Socket]
ListenFIFO=/run/worker.fifo
[Install]
WantedBy=sockets.target
"""


class Socket(HostTest):
    def test_a_runner_that_its_socket_starts(self):
        one, two = project.declaration(), project.declaration(("jq", "hello"))
        store = Store(one, also=[two], files=project.FILES)
        for name, release in (("a", "bookworm"), ("b", "trixie")):
            with self.subTest(release):
                host = self.host(name, release, [store.layer])
                host.write("/opt/worker", PROGRAM)
                host.write("/etc/systemd/system/worker.service", SERVICE)
                host.write("/etc/systemd/system/worker.socket", SOCKET)
                host.sh("systemctl daemon-reload; systemctl enable --quiet --now worker.socket")
                self.works(host, store, two)
                host.destroy()

    def works(self, host, store, two):
        self.assertEqual(self.job(host, 1)["jq"], "none")
        project.switch(host)
        self.assertEqual(self.state(host), "inactive")
        self.assertEqual(good(host, "status"),
                         f"generation 1 of host {host.name} is active, as declared\n")
        self.assertNotEqual(self.job(host, 2)["jq"], "none")
        project.declare(host, store, two)
        good(host, "build", host.name)
        self.ask(host, 3, 30)
        wait_for(lambda: self.state(host) == "active", 10, "the socket starts the service")
        refused = cc_ci(host, "switch", host.name, "--jobs", "refuse")
        self.assertEqual((refused.returncode, project.generation(host)), (3, 1), refused.stderr)
        self.assertIn("[activate.jobs]", refused.stderr)
        project.switch(host)  # waits for the job
        self.assertEqual(rows(host.read("/srv/3"))["hello"], "none")
        self.assertNotEqual(self.job(host, 4)["hello"], "none")

    def state(self, host):
        return host.show("worker.service", "ActiveState")["ActiveState"]

    def ask(self, host, number, seconds=0):
        host.sh(f"echo '{number} {seconds}' >/run/worker.fifo")

    def job(self, host, number):
        self.ask(host, number)
        wait_for(lambda: host.path(f"/srv/{number}").exists(), 20, "the job ends")
        wait_for(lambda: self.state(host) == "inactive", 10, "the service ends")
        return rows(host.read(f"/srv/{number}"))


if __name__ == "__main__":
    main()
