#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand between `cc-ci deploy` and a host: names, keys, users, sudo, other programs, full
disks, other deployments, and whoever interrupts it. line_test.py has silence and slowness.
"""
import os
import pathlib
import shutil
import signal
import time

import project
from deployer import HEALTHY, ONE, DeployTest, addresses, declaration, text_of
from support import call, main, on_the_network, wait_for

CACHE = pathlib.Path(os.environ.get("CCCI_HOSTS_CACHE", "/var/cache/cc-ci-hosts"))

# One machine, another obstacle at each port of its sshd.
PORTS = {
    2201: ("newer", "echo cc-ci-deploy 2; cat >/dev/null"),
    2202: ("older", "echo \"cc-ci: error: unknown command 'receive'\" >&2; exit 2"),
    2203: ("bare", "cc-ci-of-ours"),
    2204: ("chatty", 'echo Welcome; eval "$SSH_ORIGINAL_COMMAND"'),
}
FORCED = "".join(f"Port {port}\n" for port in (22, *PORTS)) + "".join(
    f"Match LocalPort {port}\nForceCommand {script}\n" for port, (_, script) in PORTS.items())

# Healthy once somebody says so.
HELD = ('[health]\ncommands = [["/bin/sh", "-c", "until test -e /run/go; do sleep 0.1; done"]]\n'
        'deadline = "8s"\n')


def sudo_package():
    """Debian's sudo for bookworm, which no host has by itself."""
    found = sorted((CACHE / "sudo").glob("sudo_*.deb"))
    if not found:
        place = CACHE / f"sudo.{os.getpid()}"
        place.mkdir(parents=True)
        on_the_network("apt-get", "download", "sudo", cwd=place)
        shutil.rmtree(CACHE / "sudo", ignore_errors=True)
        place.rename(CACHE / "sudo")
        found = sorted((CACHE / "sudo").glob("sudo_*.deb"))
    return found[0]


class Reach(DeployTest):
    def user(self, host, near, name, sudo=""):
        """A user that root of `near` may log in as, and what sudo lets it do."""
        host.sh(f"useradd --create-home --shell /bin/sh {name}")
        host.sh(f"install -d -o {name} -m 700 /home/{name}/.ssh")
        host.write(f"/home/{name}/.ssh/authorized_keys", near.read("/root/.ssh/id_ed25519.pub"))
        if sudo:
            host.write(f"/etc/sudoers.d/{name}", f"{name} {sudo}\n", 0o440)

    def install_sudo(self, host):
        shutil.copy(sudo_package(), host.path("/sudo.deb"))
        host.sh("dpkg --install /sudo.deb; rm /sudo.deb")

    def knows(self, near, host, *names):
        public = host.read("/etc/ssh/ssh_host_ed25519_key.pub")
        near.append("/root/.ssh/known_hosts", "".join(f"{name} {public}" for name in names))

    def untouched(self, host):
        self.assertEqual(self.active(host), 0)
        self.assertFalse(host.path("/var/lib/cc-ci/projects").exists())

    def test_users_who_become_root_by_sudo(self):
        near, a = self.machines("a", stocked=True)
        self.user(a, near, "plain")
        self.declare(near, addresses(ONE, a="plain@a"))
        status, rows, text = self.deploy(near, "a")
        self.assertEqual((status, rows["a"]["error"]["code"]), (3, "deploy.sudo"), text)
        self.install_sudo(a)
        self.user(a, near, "asked", "ALL=(ALL:ALL) ALL")
        self.user(a, near, "deployer", "ALL=(root) NOPASSWD: /usr/bin/cc-ci")
        a.write("/etc/sudoers.d/pty", "Defaults use_pty\n", 0o440)
        a.append("/etc/ssh/sshd_config", "Port 22\nPort 2222\n")
        a.sh("systemctl restart ssh.service")
        self.knows(near, a, "[a]:2222")
        for user in ("plain", "asked"):
            self.declare(near, addresses(ONE, a=f"{user}@a"))
            status, rows, text = self.deploy(near, "a")
            self.assertEqual((status, rows["a"]["error"]["code"]), (3, "deploy.sudo"), text)
            self.assertIn("sudo: a password is required", text)
            self.assertIn("NOPASSWD: /usr/bin/cc-ci", rows["a"]["error"]["hint"])
            self.untouched(a)
        self.declare(near, addresses(ONE, a="ssh://deployer@a:2222"))
        self.assertEqual(self.good(near, "a")["a"]["state"], "switched")
        self.assertEqual(a.run("cc-ci", "status", "a").returncode, 0)
        self.assertEqual(self.good(near, "a")["a"]["state"], "current")
        self.declare(near, addresses(declaration(["jq"], HELD), a="ssh://deployer@a:2222"))
        status, rows, text = self.deploy(near, "a")
        self.assertEqual((status, rows["a"]["state"]), (1, "rolled-back"), text)
        # So far the installed cc-ci had to do. Who may run everything needs none.
        self.assertFalse(a.path("/var/lib/cc-ci/programs").exists())
        self.user(a, near, "free", "ALL=(root) NOPASSWD: ALL")
        self.declare(near, addresses(ONE, a="free@a"))
        a.path("/usr/bin/cc-ci").unlink()
        row = self.good(near, "a")["a"]
        self.assertEqual(row["state"], "switched")
        self.assertGreater(row["program"], 0)

    def test_each_obstacle_is_said_and_the_others_go_on(self):
        near, a, other = self.machines("a", "other", stocked=True)
        other.append("/etc/ssh/sshd_config", FORCED)
        other.sh("systemctl restart ssh.service")
        # Known by name and address only: neither as `alias` nor at another port.
        near.append("/etc/hosts", f"{other.address} alias changed\n")
        # Hosts of one release have one key: another one is made.
        near.sh("ssh-keygen -q -t ed25519 -N '' -f /root/before")
        near.append("/root/.ssh/known_hosts", f"changed {near.read('/root/before.pub')}")
        self.knows(near, other, *(f"[other]:{port}" for port in PORTS))
        self.user(other, near, "stranger")
        other.path("/home/stranger/.ssh/authorized_keys").unlink()
        # Whatever the user of ssh takes on trust.
        near.write("/root/.ssh/config", "StrictHostKeyChecking no\nHashKnownHosts no\n", 0o600)
        known = near.read("/root/.ssh/known_hosts")
        expected = {
            "nameless": ("nowhere.invalid", "deploy.unreachable", "Could not resolve hostname"),
            "off": ("root@10.85.0.250", "deploy.unreachable", "No route to host"),
            "closed": ("ssh://root@other:2299", "deploy.unreachable", "Connection refused"),
            "unknown": ("root@alias", "deploy.host-key", "alias"),
            "changed": ("root@changed", "deploy.host-key-changed", "changed"),
            "stranger": ("stranger@other", "deploy.login", "Permission denied"),
            "newer": ("ssh://root@other:2201", "deploy.not-cc-ci", "'cc-ci-deploy 2'"),
            "older": ("ssh://root@other:2202", "deploy.old", "unknown command"),
            "bare": ("ssh://root@other:2203", "deploy.absent", "not found"),
            "chatty": ("ssh://root@other:2204", "deploy.not-cc-ci", "'Welcome'"),
        }
        hosts = {name: address for name, (address, _, _) in expected.items()}
        self.declare(near, addresses(ONE, a="root@a", **hosts))
        begun = time.monotonic()
        status, rows, text = self.deploy(near, "--all")
        print(f"{len(rows)} hosts in {time.monotonic() - begun:.1f} s")
        self.assertEqual(status, 3, text)
        self.assertEqual(rows.pop("a")["state"], "switched", text)
        self.assertEqual(set(rows), set(expected))
        for name, (_, code, message) in expected.items():
            said = text_of(rows[name])
            self.assertEqual(rows[name]["state"], "failed", rows[name])
            self.assertIn(code, said)
            self.assertIn(message, said, name)
            self.assertEqual(rows[name]["error"]["fields"]["host"], name)
        self.untouched(other)
        self.assertEqual(near.read("/root/.ssh/known_hosts"), known, "nobody is taken on trust")
        done = near.run("cc-ci", "-C", "/srv/ci", "--offline", "deploy", "a", "bare", "newer", "a")
        print(done.stdout + done.stderr)
        self.assertEqual(done.returncode, 3)
        rows = [row.split()[:2] for row in done.stdout.splitlines()[1:]]
        self.assertEqual(rows, [["a", "current"], ["bare", "failed"], ["newer", "failed"]])
        for wrong, words in (("b", "not declared"), ("", "--all")):
            done = near.run("cc-ci", "-C", "/srv/ci", "deploy", *([wrong] if wrong else []))
            self.assertEqual((done.returncode, done.stdout), (2, ""), done.stderr)
            self.assertIn(words, done.stderr)

    def test_a_full_disk_changes_nothing(self):
        near, a = self.machines("a", stocked=True)
        full = project.settle_in(self.host("b", "trixie", disk=320).trusts(near))
        full.sh("fallocate -l 1G /fill 2>/dev/null || cat /dev/zero >/fill || true; sync")
        status, rows, text = self.deploy(near, "a", "b")
        self.assertEqual((status, rows["a"]["state"]), (3, "switched"), text)
        self.assertEqual((rows["b"]["state"], rows["b"]["error"]["code"]), ("failed", "deploy.bring"))
        self.assertIn("no space left on device", text_of(rows["b"]).lower())
        self.assertEqual(self.active(full), 0)
        full.sh("rm /fill")
        self.assertEqual(self.good(near, "b")["b"]["state"], "switched")

    def test_two_deployments_and_a_switch_at_once(self):
        near, a = self.machines("a", stocked=True)
        both = [self.start(near, "a"), self.start(near, "a")]
        states = [self.ended(process, 0)["a"]["state"] for process in both]
        self.assertLessEqual(set(states), {"switched", "current"})
        self.assertEqual(a.run("cc-ci", "status", "a").returncode, 0)
        # The lock of switches is taken: the deployment waits for it.
        holder = a.start("flock", "/run/cc-ci/lock", "sh", "-c", "echo locked; read -r line",
                         stdin=-1)
        self.assertEqual(holder.stdout.readline(), "locked\n")
        before = self.active(a)
        self.change(near, declaration(["jq", "hello"], HEALTHY))
        process = self.start(near, "a")
        wait_for(lambda: any('"switching"' in text for text in self.states(a)), 120, "its switch")
        self.assertEqual(self.active(a), before)
        holder.communicate("go\n")
        row = self.ended(process, 0)["a"]
        self.assertEqual((row["state"], row["before"], row["after"]),
                         ("switched", before, before + 1))

    def test_an_interruption_while_it_sends(self):
        near, a = self.machines("a")
        call("tc", "qdisc", "add", "dev", a.link, "root", "tbf", "rate", "8mbit", "burst", "16kb",
             "latency", "200ms")
        process = self.start(near, "a")
        wait_for(lambda: self.archives(a), 120, "the first archive")
        near.sh("kill -INT $(pidof cc-ci)")
        row = self.ended(process, 128 + signal.SIGINT, 20)["a"]
        self.assertEqual((row["state"], row["error"]["code"]), ("failed", "deploy.interrupted"))
        self.assertEqual(near.run("pidof", "ssh").stdout, "", "its children end with it")
        wait_for(lambda: a.run("pidof", "cc-ci").stdout == "", 60, "the far end's end")
        self.assertEqual(self.active(a), 0)
        call("tc", "qdisc", "delete", "dev", a.link, "root")
        self.assertEqual(self.good(near, "a")["a"]["state"], "switched")

    def test_an_interruption_while_it_switches(self):
        near, a = self.machines("a", stocked=True)
        self.good(near, "a")
        self.change(near, declaration(["jq", "hello"], HELD))
        process = self.start(near, "a")
        wait_for(lambda: self.active(a) == 2, 120, "the switch")
        near.sh("kill -TERM $(pidof cc-ci)")
        row = self.ended(process, 128 + signal.SIGTERM, 20)["a"]
        self.assertEqual((row["state"], row["error"]["code"]), ("unknown", "deploy.left"))
        self.assertEqual(near.run("pidof", "ssh").stdout, "", "its children end with it")
        # Healthy now, and confirmed by nobody.
        a.sh("touch /run/go")
        wait_for(lambda: self.active(a) == 1, 60, "the way back")
        wait_for(lambda: '"rolled-back"' in "".join(self.states(a)), 60, "its own account")
        project.declare(near, self.store, ONE)
        self.assertEqual(self.good(near, "a")["a"]["state"], "current")


if __name__ == "__main__":
    main()
