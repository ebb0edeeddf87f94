#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The witness: the example's git-lfs round trip through every path of two hosts."""
import json
import re
import subprocess

import buildbot
from support import HERE, HostTest, Store, main, scratch, wait_for

PROBE = "/var/lib/cc-ci/witness/runner-buildbot/probe"
HOSTS = {"cc-ci": "bookworm", "cc-ci-hetzner": "trixie"}


def example():
    place = scratch() / "example"
    if not place.exists():
        subprocess.run([HERE.parents[1] / "scripts" / "example-without-pages", place], check=True)
    return place


def declaration():
    """The example's, with the runner that Debian has in the place of the one that it has not."""
    text = (example() / "cc-ci.toml").read_text()
    text = text.replace('python = ["pytest"]', 'python = ["pytest"]\npackages = ["buildbot-worker"]')
    runner = ('[runners.buildbot]\nkind = "buildbot-worker"\nunit = "buildbot-worker@ci.service"\n'
              f"trigger = [\"sh\", \"-c\", '''{buildbot.TRIGGER}''']\n\n")
    text, count = re.subn(r'\[runners\.drone\]\n(?:.+\n)+\n', lambda _: runner, text)
    assert count == 1 and "buildbot-worker" in text and "[witness]" in text
    return text


def files():
    names = ("tests/test_git_lfs_roundtrip.py", "runner/sweep.py")
    return [(name, (example() / name).read_text()) for name in names]


class Witness(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(declaration(), files=files())

    def setUp(self):
        self.master = self.host("ci-master", "master")
        buildbot.start_master(self.master, buildbot.witnessed(list(HOSTS), PROBE))
        self.hosts = []
        for name, release in HOSTS.items():
            host = self.host(name, release, [self.store.layer])
            buildbot.install_worker(host, self.master)
            host.good("cc-ci", "-C", "/srv/ci", "--offline", "switch", name)
            wait_for(lambda name=name: buildbot.connected(self.master, name), 30, f"{name}'s worker")
            self.hosts.append(host)

    def witness(self, host, *words):
        done = host.run("cc-ci", "-C", "/srv/ci", "--offline", "witness", "--json", *words,
                        timeout=300)
        self.assertIn(done.returncode, (0, 1), done.stderr)
        seen = json.loads(done.stdout)
        self.assertEqual(seen["verdict"] == "pass", done.returncode == 0)
        return seen, {row["path"]: row for row in seen["paths"]}

    def test_every_path_of_both_hosts_sees_the_same(self):
        seen = []
        for host in self.hosts:
            for tool in ("git-lfs", "pytest", "openssl"):
                self.assertNotEqual(host.run("sh", "-c", f"command -v {tool}").returncode, 0)
            whole, rows = self.witness(host)
            self.assertEqual(whole["verdict"], "pass", json.dumps(whole, indent=1))
            self.assertEqual(sorted(rows), ["entrypoint cc-ci-run", "host PATH", "runner buildbot",
                                            "timer nightly-sweep"])
            # What differs besides has a reason, for example the user of the runner's unit.
            differs = {one["fact"]: one["reason"] for one in whole["differences"]}
            self.assertIn("user", differs)
            self.assertEqual([fact for fact, reason in differs.items() if not reason], [])
            self.assertEqual(rows["runner buildbot"]["view"]["mount /usr"], "read-only")
            # Green although the unit itself could not find it.
            own = rows["timer nightly-sweep"]["own_PATH"].split(":")
            for directory in own:
                self.assertFalse(host.path(directory + "/git-lfs").exists(), directory)
            self.assertEqual(len({row["environment"] for row in rows.values()}), 1)
            # The runner's build was a real one: the master knows it and calls it a success.
            builds = buildbot.api(self.master, "builds").get("builds", [])
            self.assertTrue(all(build["results"] == 0 for build in builds if build["complete"]))
            seen.append({path: (row["environment"], row["tools"], row["variables"])
                         for path, row in rows.items()})
            # The timer is as it was, and nothing of the witness is left.
            self.assertEqual(host.show("nightly-sweep.timer", "ActiveState", "DropInPaths"),
                             {"ActiveState": "active", "DropInPaths": ""})
            self.assertEqual(host.good("ls", "/var/lib/cc-ci/witness"), "")
            self.assertIn("OnCalendar=Sun *-*-* 03:00", host.good(
                "systemctl", "show", "nightly-sweep.timer", "--property=TimersCalendar"))
        self.assertEqual(seen[0], seen[1], "both hosts, although they are of two releases")
        self.assertEqual(len(buildbot.api(self.master, "builds")["builds"]), len(self.hosts))

    def test_what_differs_is_named(self):
        host = self.hosts[0]
        # A patch of PATH on the worker's unit, as one makes it at night.
        host.write("/etc/systemd/system/buildbot-worker@ci.service.d/zz-path.conf",
                   "[Service]\nEnvironment=PATH=/usr/local/bin:/usr/bin:/bin\nUMask=0077\n")
        host.sh("systemctl daemon-reload; systemctl restart buildbot-worker@ci.service")
        wait_for(lambda: buildbot.connected(self.master, host.name), 30, "the worker")
        _, rows = self.witness(host, "--path", "runner-buildbot")
        self.assertEqual(rows["runner buildbot"]["state"], "fail")
        self.assertRegex(" ".join(rows["runner buildbot"]["disagreements"]), "on the job's PATH")
        self.assertIn("umask: expected '0022', found '0077'", rows["runner buildbot"]["disagreements"])

        # A runner that is down could not be exercised.
        host.sh("systemctl stop buildbot-worker@ci.service")
        _, rows = self.witness(host, "--path", "runner-buildbot")
        self.assertEqual(rows["runner buildbot"]["state"], "unproven")
        self.assertIn("is inactive", rows["runner buildbot"]["evidence"])

        # A login shell whose profile puts the host's directories in front again.
        host.write("/usr/bin/jq", "#!/bin/sh\necho jq-of-the-host\n", 0o755)
        host.write("/etc/profile.d/zz-path.sh", "PATH=/usr/bin:$PATH\n")
        _, rows = self.witness(host, "--path", "host")
        self.assertEqual(rows["host PATH"]["state"], "fail")
        self.assertIn("jq on the host's PATH", " ".join(rows["host PATH"]["disagreements"]))

        # A timer whose test is red says so with the test's own words.
        host.write("/srv/ci/tests/test_git_lfs_roundtrip.py", "def test_red():\n    assert 1 == 2\n")
        _, rows = self.witness(host, "--path", "timer-nightly-sweep")
        row = rows["timer nightly-sweep"]
        self.assertEqual((row["state"], row["status"]), ("fail", 1))
        self.assertIn("assert 1 == 2", " ".join(row["disagreements"]))

    def test_a_witness_that_is_killed_swallows_no_sweep(self):
        host = self.hosts[0]
        host.write("/srv/ci/tests/test_git_lfs_roundtrip.py",
                   "import time\ndef test_long():\n    time.sleep(600)\n")
        # What starts it on the build machine is a parent of it, and would die alone.
        witness = host.start("sh", "-c", "echo $$ >/run/witness.pid; exec cc-ci -C /srv/ci --offline "
                             "witness --path timer-nightly-sweep", stdout=None, stderr=None)
        wait_for(lambda: host.show("nightly-sweep.service", "ActiveState")["ActiveState"] ==
                 "activating", 30, "the timer's fire")
        host.sh("kill -KILL $(cat /run/witness.pid)")
        self.assertNotEqual(witness.wait(timeout=10), 0)
        host.sh("systemctl stop nightly-sweep.service || true")
        done = host.run("cc-ci", "-C", "/srv/ci", "status")
        self.assertEqual(done.returncode, 1)
        self.assertIn("witness", done.stdout)
        # The next real run is the sweep's own: it tests everything and leaves its report.
        host.write("/srv/ci/tests/test_git_lfs_roundtrip.py", "def test_green():\n    pass\n")
        host.sh("systemctl start nightly-sweep.service")
        self.assertIn("testsuite", host.read("/srv/ci/results/test_git_lfs_roundtrip.xml"))
        # And the next witness takes away what the last one left.
        self.witness(host, "--path", "host")
        self.assertEqual(host.show("nightly-sweep.timer", "DropInPaths")["DropInPaths"], "")


if __name__ == "__main__":
    main()
