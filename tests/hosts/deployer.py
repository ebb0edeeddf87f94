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


def addresses(text, **hosts):
    """The declaration with other hosts: a name and where ssh is to go."""
    text = text.replace("[hosts.a]\n\n[hosts.b]\n", "")
    return text + "".join(f'\n[hosts.{name}]\naddress = "{address}"\n'
                          for name, address in hosts.items())


def text_of(row):
    """Codes and messages of a row's error and of those behind it."""
    def walk(error):
        yield error["code"]
        yield error["message"]
        yield from error["notes"]
        for other in error["also"]:
            yield from walk(other)
    return "\n".join(walk(row["error"])) if row["error"] else ""


class DeployTest(HostTest):
    @classmethod
    def setUpClass(cls):
        cls.store = Store(ONE, also=[TWO], files=project.FILES)

    def machines(self, *names, stocked=False):
        """The one that deploys, and those that it may log in to.

        Their stores are empty, or `stocked` with all that ONE needs: most tests are not about what is
        sent and built, which takes most of the time of a first deployment.
        """
        near = self.host("near", "bookworm", [self.store.layer])
        far = []
        for name in names:
            host = self.host(name, "trixie" if name == "b" else "bookworm",
                             [self.store.layer] if stocked else [])
            host.trusts(near)
            far.append(project.settle_in(host))
        return [near, *far]

    def declare(self, near, text):
        """Hosts are nothing that a lock answers."""
        near.write("/srv/ci/cc-ci.toml", text)

    def start(self, near, *words):
        return near.start("cc-ci", "-q", "-C", "/srv/ci", "--offline", "deploy", "--json", *words)

    def ended(self, process, status, timeout=300):
        out, error = process.communicate(timeout=timeout)
        self.assertEqual(process.returncode, status, out + error)
        return {row["host"]: row for row in json.loads(out)["hosts"]}

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
