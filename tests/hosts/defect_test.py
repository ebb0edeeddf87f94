#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The defect that cc-ci was made for, replayed: the runner and the timer each with a list of tools of
its own. A git-lfs round trip is green under the one and red under the other, until both get theirs
from one declaration.
"""
import json
import subprocess

import project
from project import by_runner, cc_ci, good, switch
from support import BUILD, ENVIRONMENT, STATE, HostTest, Store, at_state, call, main

SHARED = ["git", "git-lfs"]
NEW = project.declaration(SHARED, health='[health]\ndeadline = "4s"\n').replace(
    '"/srv/ci/job", "timer"', '"/srv/ci/roundtrip"')
# What stood in the two other places. The runner's list had git-lfs, the sweep's never got it.
OLD_RUNNER = '[runtime]\ntools = ["git", "git-lfs"]\n\n[entrypoints.run]\n\n[hosts.a]\n'
OLD_SWEEP = '[runtime]\ntools = ["git"]\n\n[entrypoints.run]\n\n[hosts.a]\n'

ROUNDTRIP = """#!/bin/sh
set -eu
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export HOME=$place GIT_CONFIG_NOSYSTEM=1
export GIT_AUTHOR_NAME=x GIT_AUTHOR_EMAIL=x@example.org
export GIT_COMMITTER_NAME=x GIT_COMMITTER_EMAIL=x@example.org
cd "$place"
git init -q --bare remote
git init -q work
cd work
git lfs install --local
git lfs track '*.bin'
head -c 100000 /dev/urandom >large.bin
git add .
git commit -q -m large
git push -q "file://$place/remote" HEAD:refs/heads/main
git -C "$place/remote" symbolic-ref HEAD refs/heads/main
git -C "$place" -c filter.lfs.smudge='git-lfs smudge -- %f' -c filter.lfs.process='git-lfs filter-process' \\
  -c filter.lfs.required=true clone -q "file://$place/remote" clone
cmp large.bin "$place/clone/large.bin"
test "$(git -C "$place/clone" lfs ls-files -n)" = large.bin
"""

OLD_UNIT = """[Unit]
Description=The nightly sweep, with a list of its own
[Service]
Type=oneshot
Environment=PATH={bin}
ExecStart={bin}/run sh /srv/ci/roundtrip
"""
OLD_TIMER = "[Timer]\nOnCalendar=Sun *-*-* 03:00\n[Install]\nWantedBy=timers.target\n"

# The lists as the repository still has them.
OLD_FILES = (
    ("nix/runner.nix", "{ pkgs, ... }: {\n  environment.systemPackages = with pkgs; [ git git-lfs ];"
     "\n}\n"),
    ("nix/sweep.nix", "{ pkgs, ... }: {\n  systemd.services.nightly = {\n"
     "    path = [ pkgs.git ];\n    script = \"sh roundtrip\";\n  };\n}\n"))


class Defect(HostTest):
    def test_the_other_lists_are_found(self):
        store = Store(NEW, files=(("roundtrip", ROUNDTRIP), *OLD_FILES))
        call("git", "init", "-q", store.project)
        call("git", "-C", store.project, "add", ".")
        words = [BUILD / "bin" / "cc-ci", "-q", "-C", store.project, "--state", STATE, "--offline",
                 "prove"]
        with at_state(store.state):
            done = subprocess.run([*words, "--json"], capture_output=True, text=True,
                                  env=ENVIRONMENT, check=False)
            self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
            for name, _ in OLD_FILES:
                self.assertIn(name, done.stdout)
            for name, _ in OLD_FILES:
                call("git", "-C", store.project, "rm", "-q", "-f", name)
            done = subprocess.run(words, capture_output=True, text=True, env=ENVIRONMENT, check=False)
            self.assertRegex(done.stdout, r"single-source +pass")

    def test_three_lists_then_one(self):
        store = Store(NEW, also=[OLD_RUNNER, OLD_SWEEP], files=(("roundtrip", ROUNDTRIP),))
        host = self.host("a", "trixie", [store.layer])

        # The old way.
        bins = {}
        for name, text in (("runner", OLD_RUNNER), ("sweep", OLD_SWEEP)):
            host.write(f"/srv/old/{name}/cc-ci.toml", text)
            host.write(f"/srv/old/{name}/cc-ci.lock", store.locks[text])
            built = host.good("cc-ci", "-q", "-C", f"/srv/old/{name}", "--offline", "build", "a",
                              "--locked", "--json")
            bins[name] = json.loads(built)["hosts"]["a"]["path"] + "/root/bin"
        host.write("/etc/systemd/system/nightly.service", OLD_UNIT.format(bin=bins["sweep"]))
        host.write("/etc/systemd/system/nightly.timer", OLD_TIMER)
        project.settle_in(host, project.WORKER_UNIT.replace(
            "[Service]\n", f"[Service]\nEnvironment=PATH={bins['runner']}:/usr/bin:/bin\n"))
        host.sh("systemctl enable --quiet --now nightly.timer")
        self.assertEqual(self.runner(host), "0")
        self.assertNotEqual(self.timer(host), 0)
        journal = host.good("journalctl", "--unit=nightly.service", "--no-pager")
        self.assertIn("'lfs' is not a git command", journal)

        # One declaration, but the old unit would hide the new one: refused, and named.
        refused = cc_ci(host, "switch", "a")
        self.assertEqual(refused.returncode, 2, refused.stdout + refused.stderr)
        for unit in ("nightly.service", "nightly.timer"):
            self.assertIn(f"another unit of that name: /etc/systemd/system/{unit}", refused.stderr)
        self.assertEqual(host.show("nightly.timer", "ActiveState")["ActiveState"], "active")

        # Taken away, both are green.
        host.sh("systemctl disable --quiet --now nightly.timer; rm /etc/systemd/system/nightly.*; "
                "systemctl daemon-reload")
        switch(host)
        # The unit's last run was the old one's, which failed.
        self.assertIn("last run of nightly.service", cc_ci(host, "status", "a").stdout)
        self.assertEqual(self.timer(host), 0)
        good(host, "status", "a")
        self.assertEqual(self.runner(host), "0")
        self.assertNotIn("PATH", host.show("nightly.service", "Environment")["Environment"])

    @staticmethod
    def timer(host):
        return host.run("systemctl", "start", "nightly.service").returncode

    @staticmethod
    def runner(host):
        return by_runner(host, "sh /srv/ci/roundtrip >/dev/null 2>&1")["status"]


if __name__ == "__main__":
    main()
