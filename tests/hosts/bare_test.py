#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hosts of two releases that have nothing of cc-ci: `cc-ci deploy` brings what it needs."""
import json
import re

from deployer import DeployTest
from support import Store, call, main, wait_for

PROJECT = """[runtime]
tools = ["jq"]

[entrypoints.cc-ci-run]

[timers.nightly]
schedule = "Sun *-*-* 03:00"
exec = ["cc-ci-run", "jq", "-n", "1"]

[notify]
exec = ["/usr/bin/tee", "/var/lib/told"]

[witness]
exec = ["cc-ci-run", "jq", "-n", "1"]

[hosts.a]

[hosts.b]
"""
PROGRAMS = "/var/lib/cc-ci/programs"
STABLE = "/usr/local/lib/cc-ci/program/bin/cc-ci"
# Where a host's own services and this test's tools write.
NOISE = re.compile(r"^/(var/(log|lib/systemd|cache|tmp|lib/private)|root|etc/(hosts|machine-id))(/|$)")
# systemd needs none of these. A program that needs them must have brought them.
MISSING = ["/usr/bin/apt*", "/usr/lib/apt", "/usr/lib/*/libapt*", "/usr/lib/*/libstdc++*",
           "/usr/lib/*/libxxhash*", "/usr/bin/gpgv"]


class Bare(DeployTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(PROJECT)

    def machines(self, *names, near="trixie"):
        """A deployer, of the later release by default: its libc is newer than that of host a."""
        far = []
        deployer = self.host("near", near, [self.store.layer])
        for name in names:
            host = self.host(name, "trixie" if name == "b" else "bookworm", bare=True, boot=False)
            for pattern in MISSING:
                call("sh", "-c", f"rm -rf {host.root}{pattern}")
            far.append(host.boot().trusts(deployer))
        return [deployer, *far]

    def files(self, host):
        """All that is on the host's disk, but for what a running host writes anyway."""
        found = host.good("find", "/", "-xdev", "-printf", r"%p %y %m %l\n").splitlines()
        return {row for row in found if not NOISE.match(row.split()[0])}

    def programs(self, host):
        place = host.path(PROGRAMS)
        return sorted(path.name for path in place.iterdir()) if place.exists() else []

    def brought(self, host):
        return [name for name in self.programs(host) if re.fullmatch("[0-9a-f]{32}", name)]

    def test_first_and_later_deployments_to_both_releases(self):
        near, a, b = self.machines("a", "b")
        before = {host: self.files(host) for host in (a, b)}
        # A package of another version is no obstacle.
        b.write("/usr/bin/cc-ci", "#!/bin/sh\nexit 99\n", 0o755)
        plan = self.good(near, "--all", "--dry-run")
        text = near.good("cc-ci", "-C", "/srv/ci", "--offline", "deploy", "--all", "--dry-run")
        for host in (a, b):
            self.assertGreater(plan[host.name]["program"], 4_000_000)
            self.assertGreater(plan[host.name]["content"], plan[host.name]["program"])
            self.assertRegex(text, rf"(?m)^{host.name} lacks this cc-ci: [0-9.]+ MB would be sent")
            self.assertEqual(self.programs(host), [])
        doctor = near.run("cc-ci", "-C", "/srv/ci", "doctor", "--host", "a")
        self.assertEqual(doctor.returncode, 0, doctor.stdout + doctor.stderr)
        self.assertEqual(len(self.brought(a)), 1)
        self.assertFalse(a.path(STABLE).exists(), "doctor makes it nobody's cc-ci")

        rows = self.good(near, "a", "b")
        for name, row in rows.items():
            print(f"{name}: sent {row['sent']}, program {row['program']}, {row['seconds']:.1f} s")
            self.assertEqual((row["state"], row["after"]), ("switched", 1))
        self.assertEqual((rows["a"]["program"], rows["b"]["program"]), (0, plan["b"]["program"]))
        self.assertLessEqual(rows["b"]["content"], plan["b"]["content"])
        entrypoints = set()
        for host in (a, b):
            version = host.good(STABLE, "--version")
            self.assertEqual(version, near.good("cc-ci", "--version"))
            self.assertEqual(host.good("cc-ci", "--version"), version)
            link = host.good("readlink", "-f", "/usr/local/lib/cc-ci/program").strip()
            self.assertEqual(link, f"{PROGRAMS}/{self.brought(host)[0]}")
            self.assertEqual(self.programs(host), [self.brought(host)[0], "lock"])
            run = host.good("readlink", "-f", "/usr/local/lib/cc-ci/current/bin/cc-ci-run")
            entrypoints.add(host.good("sha256sum", run.strip()))
            # The host's own units use it.
            host.sh("systemctl start cc-ci-notify.service")
            self.assertEqual(host.show("cc-ci-notify.service", "Result")["Result"], "success")
        self.assertEqual(len(entrypoints), 1, "one entrypoint on both releases, byte for byte")
        self.assertIn("libc.so.6", a.good("ls", f"{PROGRAMS}/{self.brought(a)[0]}/lib/cc-ci"))
        self.assertNotIn("libc.so.6", b.good("ls", f"{PROGRAMS}/{self.brought(b)[0]}/lib/cc-ci"))

        # The same test through every path, and the same declaration for both.
        seen = []
        for host in (a, b):
            done = host.run(STABLE, "-C", "/usr/local/lib/cc-ci/current/project", "witness",
                            "--json")
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            seen.append({row["path"]: (row["environment"], row["tools"], row["variables"])
                         for row in json.loads(done.stdout)["paths"]})
        self.assertEqual(seen[0], seen[1])
        proofs = near.run("cc-ci", "-C", "/srv/ci", "--offline", "prove", "--json").stdout
        self.assertEqual({proof["verdict"] for proof in json.loads(proofs)["proofs"]
                          if proof["name"] == "parity"}, {"pass"}, proofs)

        for row in self.good(near, "a", "b").values():
            self.assertEqual((row["state"], row["content"], row["program"]), ("current", 0, 0))
            self.assertLess(row["sent"], 8000)

        # What was brought can be brought on: b has the same program, though without the libc.
        b.trusts(a)
        rows = json.loads(a.good(STABLE, "-q", "-C", "/usr/local/lib/cc-ci/current/project",
                                 "--offline", "deploy", "b", "--dry-run", "--json"))["hosts"]
        self.assertEqual((rows[0]["state"], rows[0]["program"]), ("planned", 0), rows)

        # One byte of it is another one.
        library = host.sh(f"ls {PROGRAMS}/*/lib/cc-ci/libz.so.1").strip()
        with open(b.path(library), "r+b") as file:
            file.seek(10_000)
            file.write(b"\xff\xff\xff\xff")
        row = self.good(near, "b")["b"]
        self.assertEqual((row["state"], row["program"]), ("current", plan["b"]["program"]))
        self.assertEqual(self.good(near, "b")["b"]["program"], 0)

        b.path("/usr/bin/cc-ci").unlink()
        self.assertIn(PROGRAMS, a.good(STABLE, "uninstall", "--dry-run"))
        a.good(STABLE, "uninstall")
        self.assertFalse(a.path(PROGRAMS).exists())
        self.assertEqual({row for row in self.files(a) ^ before[a]
                          if not row.startswith("/var/lib/cc-ci")}, set())
        b.good("cc-ci", "uninstall", "--purge")
        self.assertEqual(self.files(b) ^ before[b], set())

    def test_a_transfer_that_breaks_at_every_tenth(self):
        near, a = self.machines("a", near="bookworm")
        size = self.good(near, "a", "--dry-run")["a"]["program"]
        call("tc", "qdisc", "add", "dev", a.link, "root", "tbf", "rate", "60mbit", "burst", "64kb",
             "latency", "200ms")

        def part():
            return sum(path.stat().st_size for path in a.path(PROGRAMS).glob("*.part"))

        for tenth in range(1, 10):
            process = near.start("cc-ci", "-q", "-C", "/srv/ci", "--offline", "deploy", "a")
            wait_for(lambda tenth=tenth: part() >= size * tenth // 10, 60, "its part")
            # What the last one left may be as long as this one's share: then ssh has not started yet.
            near.sh("timeout 20 sh -c 'until pidof ssh; do sleep 0.02; done'; "
                    "kill -KILL $(pidof cc-ci) $(pidof ssh)")
            process.communicate(timeout=20)
            self.assertNotEqual(process.returncode, 0)
            self.assertEqual(self.brought(a), [])
            if tenth == 5:
                a.reboot()  # what was not synced may be lost, or zero
        call("tc", "qdisc", "delete", "dev", a.link, "root")
        row = self.good(near, "a")["a"]
        self.assertEqual((row["state"], row["program"]), ("switched", size))
        self.assertEqual(self.programs(a), [self.brought(a)[0], "lock"])
        self.assertEqual(self.good(near, "a")["a"]["program"], 0)


if __name__ == "__main__":
    main()
