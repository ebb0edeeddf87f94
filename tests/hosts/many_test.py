#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switches back and forth: what they leave behind does not grow."""
import os

import project
from project import by_runner, by_shell, good, switch
from support import HostTest, Store, main

SWITCHES = int(os.environ.get("CCCI_SWITCHES", "34"))
KEPT = 24    # switches after which old generations are dropped
PERIOD = 10  # after so many the same is active for the same reason
HEALTH = '[health]\ndeadline = "1s"\n'
ONE = project.declaration(["jq"], health=HEALTH)
TWO = project.declaration(["jq", "hello"], health=HEALTH)

COUNT = """echo mounts $(wc -l </proc/1/mountinfo)
echo namespaces $(find /proc/[0-9]*/ns -name mnt -printf '%l\\n' 2>/dev/null | sort -u | wc -l)
echo held $(find /run/cc-ci -xdev | wc -l)
echo units $(systemctl list-units --all --plain --no-legend | grep -vc '^session-\\|^run-')
echo files $(find /usr/local /etc /run/systemd/system /run/systemd/transient -xdev | grep -vc '/generations/[0-9]')
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
        locks = []
        for text in texts:
            host.write("/srv/ci/cc-ci.toml", text)
            good(host, "lock")
            locks.append(host.read("/srv/ci/cc-ci.lock"))
        counts = {}
        for number in range(1, max(SWITCHES, KEPT + PERIOD) + 1):
            host.write("/srv/ci/cc-ci.toml", texts[number % 2])
            host.write("/srv/ci/cc-ci.lock", locks[number % 2])
            if number % 5 == 0:
                good(host, "rollback")
            else:
                switch(host)
            if number >= KEPT:
                counts[number] = host.sh(COUNT)
        last = max(counts)
        first = KEPT + (last - KEPT) % PERIOD
        self.assertLess(first, last)
        self.assertEqual(project.rows(counts[last]), project.rows(counts[first]))
        self.assertEqual(by_runner(host)["hello"] == "none", by_shell(host)["hello"] == "none")
        host.settle()
        good(host, "store", "verify")


if __name__ == "__main__":
    main()
