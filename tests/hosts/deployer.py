# SPDX-License-Identifier: GPL-3.0-or-later
"""A host that deploys to others over their own network, through a real sshd."""
import json
import pathlib

import project
from support import HostTest, Store

HEALTHY = '[health]\ncommands = [["/usr/bin/test", "-e", "/etc/hostname"]]\ndeadline = "20s"\n'


def declaration(tools, health):
    return project.declaration(tools, health=health)


ONE = declaration(["jq"], HEALTHY)
TWO = declaration(["jq", "hello"], HEALTHY)


class DeployTest(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(ONE, also=[TWO], files=project.FILES)

    def machines(self, *names):
        """The one that deploys, and those that it may log in to, with empty stores."""
        near = self.host("near", "bookworm", [self.store.layer])
        far = []
        for name in names:
            host = self.host(name, "trixie" if name == "b" else "bookworm")
            host.trusts(near)
            far.append(project.settle_in(host))
        return [near, *far]

    def deploy(self, near, *words):
        done = near.run("cc-ci", "-q", "-C", "/srv/ci", "--offline", "deploy", "--json", *words,
                        timeout=400)
        rows = {}
        if done.stdout.lstrip().startswith("{"):
            rows = {row["host"]: row for row in json.loads(done.stdout).get("hosts", [])}
        return done.returncode, rows, done.stdout + done.stderr

    def good(self, near, *words):
        status, rows, text = self.deploy(near, *words)
        self.assertEqual(status, 0, text)
        return rows

    def change(self, near, text):
        near.write("/srv/ci/cc-ci.toml", text)
        near.good("cc-ci", "-q", "-C", "/srv/ci", "--offline", "lock")

    def active(self, host):
        current = host.path("/usr/local/lib/cc-ci/current")
        return int(pathlib.Path(current).readlink().name) if current.is_symlink() else 0

    def archives(self, host):
        place = host.path("/var/lib/cc-ci/archives")
        return {path.name: path.stat().st_size for path in place.glob("*")}

    def states(self, host):
        """What switches there say of themselves, as far as they have begun."""
        done = host.run("sh", "-c", "cat /run/cc-ci/deploy/*/state")
        return done.stdout.splitlines()
