#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`cc-ci deploy` from one host to others over their own network, through a real sshd."""
import json
import re

import project
from deployer import ONE, TWO, DeployTest, declaration
from support import main, wait_for

SICK = '[health]\ncommands = [["/usr/bin/test", "-e", "/etc/nowhere"]]\ndeadline = "3s"\n'
# Healthy by its own account, and cut off from everybody else.
ALONE = '[health]\ncommands = [["/usr/bin/systemctl", "stop", "ssh.service"]]\ndeadline = "8s"\n'



class Deploy(DeployTest):
    def test_two_hosts_at_once_and_then_nothing_to_send(self):
        near, a, b = self.machines("a", "b")
        plan = self.good(near, "--all", "--dry-run")
        self.assertEqual({row["state"] for row in plan.values()}, {"planned"})
        self.assertEqual((self.active(a), self.active(b), self.archives(a)), (0, 0, {}))
        rows = self.good(near, "a", "b")
        for host in (a, b):
            row = rows[host.name]
            self.assertEqual((row["state"], row["before"], row["after"]), ("switched", 0, 1))
            self.assertEqual(row["content"], plan[host.name]["content"])
            self.assertLessEqual(row["sent"], 1.2 * row["content"])
            print(f"{host.name}: sent {row['sent']} for {row['content']}, {row['seconds']:.1f} s")
            self.assertEqual(project.by_shell(host)["jq"], "/usr/local/lib/cc-ci/current/bin/jq")
            tree = host.good("readlink", "-f", "/usr/local/lib/cc-ci/current/project").strip()
            self.assertRegex(tree, "^/var/lib/cc-ci/projects/[0-9a-f]{32}/tree$")
            self.assertEqual(host.good("cat", f"{tree}/cc-ci.toml"), ONE)
            self.assertEqual(host.run("ls", "/run/systemd/transient").stdout.strip(), "")
        same = {host.good("sha256sum", "/usr/local/lib/cc-ci/current/bin/cc-ci-run").split()[0]
                for host in (a, b)}
        self.assertEqual(len(same), 1)
        rows = self.good(near, "a", "b")
        for row in rows.values():
            self.assertEqual((row["state"], row["content"], row["after"]), ("current", 0, 1))
            self.assertLess(row["sent"], 8000)
        # What somebody changed there by hand is put right.
        a.sh("rm /etc/profile.d/cc-ci.sh")
        self.assertEqual(self.good(near, "a", "b")["a"]["after"], 1)
        self.assertTrue(a.path("/etc/profile.d/cc-ci.sh").is_symlink())
        # A change sends the change.
        self.change(near, TWO)
        row = self.good(near, "a")["a"]
        self.assertEqual((row["state"], row["before"], row["after"]), ("switched", 1, 2))
        new = sum(size for name, size in self.archives(a).items() if name not in self.archives(b))
        self.assertLessEqual(row["sent"], 1.2 * (new + len(TWO) + row["content"] - new))
        self.assertLess(row["sent"], 1_000_000)
        self.assertNotEqual(project.by_shell(a)["hello"], "none")
        self.assertEqual(project.by_shell(b)["hello"], "none")

    def test_an_unhealthy_host_goes_back(self):
        near, a = self.machines("a", stocked=True)
        self.change(near, declaration(["jq"], SICK))
        status, rows, text = self.deploy(near, "a")
        self.assertEqual((status, rows["a"]["state"]), (1, "rolled-back"), text)
        self.assertEqual((rows["a"]["after"], self.active(a)), (0, 0))
        self.change(near, ONE)
        self.assertEqual(self.good(near, "a")["a"]["state"], "switched")
        active = self.active(a)
        self.change(near, declaration(["jq"], SICK))
        status, rows, text = self.deploy(near, "a")
        self.assertEqual((status, rows["a"]["state"]), (1, "rolled-back"), text)
        self.assertIn("activate.unhealthy", text)
        self.assertEqual((rows["a"]["after"], self.active(a)), (active, active))

    def test_a_host_that_cuts_itself_off_goes_back_by_itself(self):
        near, a = self.machines("a", stocked=True)
        self.good(near, "a")
        self.change(near, declaration(["jq"], ALONE))
        process = near.start("cc-ci", "-q", "-C", "/srv/ci", "--offline", "deploy", "--json", "a")
        wait_for(lambda: self.active(a) == 2, 120, "the switch")
        # Nobody can confirm it, and nobody opens it before it has gone back.
        wait_for(lambda: self.active(a) == 1, 60, "the way back")
        a.good("systemctl", "start", "ssh.service")
        out, error = process.communicate(timeout=400)
        self.assertEqual(process.returncode, 1, out + error)
        row = json.loads(out)["hosts"][0]
        self.assertEqual((row["state"], row["after"]), ("rolled-back", 1), out)
        self.assertIn("activate.unconfirmed", out)
        self.assertEqual(project.by_shell(a)["jq"], "/usr/local/lib/cc-ci/current/bin/jq")

    def test_a_host_that_loses_power_before_it_is_confirmed(self):
        near, a = self.machines("a", stocked=True)
        self.change(near, declaration(["jq"], ALONE.replace("8s", "30s")))
        process = near.start("cc-ci", "-q", "-C", "/srv/ci", "--offline", "deploy", "--json", "a")
        wait_for(lambda: self.active(a) == 1, 120, "the switch")
        wait_for(lambda: any('"waiting"' in text for text in self.states(a)), 60, "its health")
        a.reboot()
        out, error = process.communicate(timeout=400)
        self.assertEqual(process.returncode, 3, out + error)
        self.assertEqual(json.loads(out)["hosts"][0]["state"], "unknown", out)
        self.assertEqual(self.active(a), 1)
        status = a.run("cc-ci", "status", "a", "--json")
        self.assertEqual(status.returncode, 1, status.stdout)
        self.assertIn("not confirmed", status.stdout)
        # Nor does another deployment take it for settled.
        self.change(near, ONE)
        self.assertEqual(self.good(near, "a")["a"]["state"], "switched")

    def test_a_connection_cut_while_it_sends(self):
        near, a = self.machines("a")
        whole = self.good(near, "a", "--dry-run")["a"]["content"]
        near.sh("tc qdisc add dev host0 root tbf rate 40mbit burst 64kb latency 50ms || true")
        process = near.start("cc-ci", "-q", "-C", "/srv/ci", "--offline", "deploy", "--json", "a")
        wait_for(lambda: len(self.archives(a)) > 3, 120, "the first archives")
        a.unplug()
        out, error = process.communicate(timeout=200)
        self.assertEqual(process.returncode, 3, out + error)
        self.assertEqual(json.loads(out)["hosts"][0]["state"], "failed", out)
        self.assertEqual(self.active(a), 0)
        a.plug()
        left = self.good(near, "a", "--dry-run")["a"]["content"]
        self.assertLess(left, whole)
        row = self.good(near, "a")["a"]
        self.assertEqual((row["state"], row["after"]), ("switched", 1))
        self.assertEqual(row["content"], left)

    def test_what_stands_in_the_way_is_said(self):
        near, a = self.machines("a", stocked=True)
        status, rows, text = self.deploy(near, "a", "b")
        self.assertEqual(status, 3, text)
        self.assertEqual((rows["a"]["state"], rows["b"]["state"]), ("switched", "failed"))
        # An installed cc-ci, or none, makes no difference.
        a.sh("mv /usr/bin/cc-ci /usr/bin/cc-ci.away")
        self.assertEqual(self.good(near, "a")["a"]["state"], "current")
        a.sh("mv /usr/bin/tar /usr/bin/tar.away; rm -r /var/lib/cc-ci/programs")
        status, rows, text = self.deploy(near, "a")
        self.assertEqual((status, rows["a"]["state"]), (3, "failed"))
        self.assertIn("deploy.bring", text)
        self.assertRegex(re.sub(r"\s+", " ", text), "tar: not found")


if __name__ == "__main__":
    main()
