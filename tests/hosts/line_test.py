#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`cc-ci deploy` to hosts that fall silent, and over a slow line. Both tests wait more than they work, so
they run beside those of reach_test.py.
"""
import time

from deployer import ONE, DeployTest, addresses, text_of
from support import call, main, wait_for


class Line(DeployTest):
    def test_hosts_that_fall_silent(self):
        names = ("a", "c", "d", "slow")
        near, frozen, unplugged, deaf, slow = self.machines(*names)
        self.declare(near, addresses(ONE, **{name: f"root@{name}" for name in names}))
        size = self.good(near, "slow", "--dry-run")["slow"]["content"]
        # Nearly as long as a minute and a half for one, seconds for the others.
        for host, seconds in ((frozen, 12), (unplugged, 12), (deaf, 12), (slow, 85)):
            call("tc", "qdisc", "add", "dev", host.link, "root", "tbf", "rate",
                 f"{size // seconds * 8}bit", "burst", "16kb", "latency", "200ms")
        process = self.start(near, *names)
        begun = time.monotonic()
        for host in (frozen, unplugged, deaf):
            wait_for(lambda host=host: len(self.archives(host)) > 1, 120, "the first archives")
        frozen.sh("kill -STOP $(pidof cc-ci)")
        deaf.sh("kill -STOP $(pidof sshd)")
        unplugged.unplug()
        rows = self.ended(process, 3, 400)
        print(f"after {time.monotonic() - begun:.0f} s:", *(
            f"{row['host']} {row['state']} {row['seconds']:.0f} s" for row in rows.values()))
        self.assertEqual(rows["slow"]["state"], "switched", rows["slow"])
        self.assertGreater(rows["slow"]["seconds"], 60)
        for name, code in (("a", "deploy.silent"), ("c", "deploy.cut"), ("d", "deploy.cut")):
            self.assertEqual((rows[name]["state"], rows[name]["error"]["code"]), ("failed", code))
            self.assertLess(rows[name]["seconds"], 100)
            print(text_of(rows[name]))
        self.assertRegex(text_of(rows["a"]), "host 'a': no data for 60 seconds, expected .")
        for host in (frozen, unplugged, deaf):
            self.assertEqual(self.active(host), 0)
            call("tc", "qdisc", "delete", "dev", host.link, "root")
        frozen.sh("kill -CONT $(pidof cc-ci)")
        deaf.sh("kill -CONT $(pidof sshd)")
        unplugged.plug()
        for row in self.good(near, *names[:3]).values():
            self.assertEqual(row["state"], "switched")
            self.assertLess(row["content"], size)

    def test_a_slow_line(self):
        """1 Mbit/s: the last megabytes take half a minute, and nobody gives up."""
        near, a = self.machines("a")
        plan = self.good(near, "a", "--dry-run")["a"]
        most = plan["content"] - plan["program"] - 3_500_000
        call("tc", "qdisc", "add", "dev", a.link, "root", "tbf", "rate", "60mbit", "burst", "64kb",
             "latency", "50ms")
        process = self.start(near, "a")
        wait_for(lambda: sum(self.archives(a).values()) > most, 120, "most of it",
                 every=0.005)
        near.sh("kill -KILL $(pidof cc-ci)")
        process.communicate()
        wait_for(lambda: a.run("pidof", "cc-ci").stdout == "", 60, "the far end's end")
        left = self.good(near, "a", "--dry-run")["a"]["content"]
        # Its queue delays what is sent by up to 300 ms. Not every kernel has netem.
        call("tc", "qdisc", "replace", "dev", a.link, "root", "tbf", "rate", "1mbit", "burst", "16kb",
             "latency", "300ms")
        begun = time.monotonic()
        done = near.run("cc-ci", "-C", "/srv/ci", "--offline", "deploy", "a", timeout=300)
        print(f"{left / 1e6:.1f} of {plan['content'] / 1e6:.1f} MB in {time.monotonic() - begun:.0f} s")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertGreater(time.monotonic() - begun, left * 8 / 1_100_000)
        self.assertIn("a: sending\n", done.stderr)
        self.assertEqual(self.active(a), 1)


if __name__ == "__main__":
    main()
