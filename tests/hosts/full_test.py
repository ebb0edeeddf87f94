#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Back to the generation before with the network gone and not a byte left on the disk."""
import project
from project import by_runner, by_shell, cc_ci, good, switch
from support import HostTest, Store, main

HEALTH = '[health]\ndeadline = "4s"\n'
ONE = project.declaration(["jq"], health=HEALTH)
TWO = project.declaration(["jq", "hello"], health=HEALTH)
FILL = """i=0
while dd if=/dev/zero of=/fill.$i bs=64k count=16000 2>/dev/null; do i=$((i + 1)); done
i=0  # what is left is less than that: small files into the last blocks, and the last inodes
while : >/var/fill.$i && echo x >/var/fill.$i; do i=$((i + 1)); done 2>/dev/null
sync -f /
"""


class Full(HostTest):
    def test_rollback_needs_neither_room_nor_network(self):
        store = Store(ONE, also=[TWO], files=project.FILES)
        host = project.settle_in(self.host("a", "bookworm", [store.layer], disk=512))
        switch(host)
        project.declare(host, store, TWO)
        switch(host)
        self.assertEqual(project.generation(host), 2)
        self.assertNotEqual(by_runner(host)["hello"], "none")

        host.unplug()
        host.run("sh", "-c", FILL, timeout=300)
        self.assertNotEqual(host.run("sh", "-c", "echo x >/root/file").returncode, 0)
        good(host, "rollback")
        self.assertEqual(project.generation(host), 1)
        self.assertEqual(by_shell(host)["hello"], "none")
        self.assertEqual(by_runner(host)["hello"], "none")
        self.assertEqual(host.show("nightly.timer", "ActiveState")["ActiveState"], "active")

        # Nor does what cannot be done leave anything half done.
        again = cc_ci(host, "switch", "a")
        self.assertIn(again.returncode, (0, 3), again.stdout + again.stderr)
        self.assertIn(project.generation(host), (1, 2))
        good(host, "rollback", "0")
        self.assertEqual(project.generation(host), 0)

        host.reboot()
        host.sh("find / /var -maxdepth 1 -name 'fill.*' -delete")
        switch(host)
        self.assertNotEqual(by_shell(host)["hello"], "none")


if __name__ == "__main__":
    main()
