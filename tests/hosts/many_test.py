#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches back and forth: what they leave behind does not grow."""
import os

import project
from project import by_runner, by_shell, good, switch
from support import HostTest, Store, main

SWITCHES = int(os.environ.get("CCCI_SWITCHES", "20"))
SETTLED = 4  # switches after which everything has been there once
KEPT = 22    # generations at most: the newest twenty, the current and the confirmed one
PERIOD = 10  # after so many the same is active for the same reason
HEALTH = '[health]\ndeadline = "1s"\n'
ONE = project.declaration(["jq"], health=HEALTH)
TWO = project.declaration(["jq", "hello"], health=HEALTH)

COUNT = """echo mounts $(wc -l </proc/1/mountinfo)
echo namespaces $(find /proc/[0-9]*/ns -name mnt -printf '%l\\n' 2>/dev/null | sort -u | wc -l)
echo held $(find /run/cc-ci -xdev | wc -l)
echo units $(systemctl list-units --all --plain --no-legend | grep -vc '^session-\\|^run-')
echo files $(find /usr/local /etc /run/systemd/system /run/systemd/transient -xdev | grep -Evc '/(generations|healthy)/[0-9]')
echo generations $(ls /usr/local/lib/cc-ci/generations | wc -l)
echo objects $(ls -d /var/lib/cc-ci/store/*/* | wc -l)
echo blocks $(du -s /var/lib/cc-ci/store | cut -f 1)
echo roots $(ls /var/lib/cc-ci/roots | wc -l)
echo staged $(ls /var/lib/cc-ci/staging 2>/dev/null | wc -l)
echo descriptors $(ls /proc/1/fd | wc -l)
"""


class Many(HostTest):
    def test_nothing_grows(self):
        store = Store(ONE, also=[TWO], files=project.FILES)
        host = project.settle_in(self.host("a", "trixie", [store.layer]))
        texts = (ONE, TWO)
        counts = {}
        for number in range(1, max(SWITCHES, SETTLED + PERIOD) + 1):
            project.declare(host, store, texts[number % 2])
            if number % 5 == 0:
                good(host, "rollback")
            else:
                switch(host)
            if number >= SETTLED:
                counts[number] = host.sh(COUNT)
        last = max(counts)
        first = SETTLED + (last - SETTLED) % PERIOD
        self.assertLess(first, last)
        before, after = (project.rows(counts[number]) for number in (first, last))
        # Each generation is a root of the store; some are kept for rollbacks, and no more than that.
        for seen in (before, after):
            generations = int(seen.pop("generations"))
            self.assertLessEqual(generations, KEPT)
            seen["roots"] = int(seen["roots"]) - generations
        self.assertEqual(after, before)
        self.assertEqual(by_runner(host)["hello"] == "none", by_shell(host)["hello"] == "none")
        host.settle()
        good(host, "store", "verify")


if __name__ == "__main__":
    main()
