#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The example's gate M2, claimed and verified on a host that runs the system."""
import json
import re

import buildbot
import witness_test
from support import HostTest, Store, main, wait_for

# M1 needs the archive, which hosts do not reach here; tests/gate verifies it. M2 opens after it.
OPENED = """\
title = "One runtime environment for every path"

[[gate]]
name = "M1"
live = true
what = "The lock answers the declaration, and this is its entrypoint."
where = ["cc-ci.toml"]

[[gate.check]]
name = "1-lock-agrees"
how = "cc-ci lock --check"
expect = { status = 0 }

[[gate.check]]
name = "4-one-entrypoint"
how = 'sha256sum <"$(readlink -e /usr/local/lib/cc-ci/current/bin/cc-ci-run)"'
expect = { lines = 1 }

"""


def phase():
    text = (witness_test.example() / "gates" / "runtime.toml").read_text()
    second = text[text.rindex("[[gate]]"):]
    assert 'name  = "M2"' in second
    return OPENED + second.replace("drone-runner-exec.service", "buildbot-worker@ci.service")


class Gate(HostTest):
    def setUp(self):
        files = [*witness_test.files(), ("gates/runtime.toml", phase()),
                 (".gitignore", "results/\n.pytest_cache/\n__pycache__/\n")]
        store = Store(witness_test.declaration(), files=files)
        master = self.host("ci-master", "master")
        buildbot.start_master(
            master, buildbot.witnessed(list(witness_test.HOSTS), witness_test.PROBE))
        self.ci = self.host("cc-ci", "bookworm", [store.layer])
        buildbot.install_worker(self.ci, master)
        self.ci.good("cc-ci", "-C", "/srv/ci", "--offline", "switch")
        wait_for(lambda: buildbot.connected(master, "cc-ci"), 30, "the worker")

    def login(self, script):
        """A person's shell: git is the environment's, the host has none."""
        return self.ci.run("/bin/bash", "-lc", "cd /srv/ci\n" + script, timeout=600)

    def good(self, script):
        done = self.login(script)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    def gate(self, name, verb, key):
        done = self.login(f"cc-ci gate {verb} {name} --key {key} --json")
        self.assertIn(done.returncode, (0, 1), done.stdout + done.stderr)
        return json.loads(done.stdout) if verb == "verify" else {}

    def commit(self, message):
        self.good(f"git add -A; git commit -q -m '{message}'; git push -q origin HEAD")

    def test_m2_passes_on_a_host_as_it_should_be_and_fails_on_one_that_drifted(self):
        self.good("git config --global user.name t; git config --global user.email t@example.org\n"
                  "git config --global init.defaultBranch main\n"
                  "git init -q; git init -q --bare /srv/remote.git\n"
                  "git remote add origin /srv/remote.git")
        keys = "".join(f"[{name}]\n" + re.search(r'public = "[^"]+"', self.good(
            f"cc-ci gate keygen {name}")).group() + f'\nmay = ["{may}"]\n'
                       for name, may in (("builder", "claim"), ("reviewer", "verify")))
        self.ci.write("/srv/ci/gates/keys.toml", keys)
        self.commit("everything")
        self.assertEqual(self.login("cc-ci gate claim M2 --key builder").returncode, 1,
                         "shut until M1 is passed")
        for name in ("M1", "M2"):
            self.gate(name, "claim", "builder")
            self.commit(f"claim {name}")
            verdict = self.gate(name, "verify", "reviewer")["verdict"]
            self.assertEqual(verdict["verdict"], "pass", json.dumps(verdict, indent=1))
            self.commit(f"verdict {name}")
        self.good("cc-ci gate status")

        # Another entrypoint than the one that M1 saw, in whatever it differs.
        # The host's readlink: the environment's sees its own /usr.
        link = self.ci.good("readlink", "-e", "/usr/local/lib/cc-ci/current/bin/cc-ci-run").strip()
        evidence = self.good("ls gates/evidence/M1-*/02-4-one-entrypoint.out").strip()
        proven = self.good(f"cc-ci gate evidence M1 4-one-entrypoint; sha256sum <{link}")
        self.assertEqual(len(set(proven.splitlines())), 1)
        self.ci.write(f"/srv/ci/{evidence}", "0" * 64 + "  -\n")
        self.assertIn("gate.evidence", self.login("cc-ci gate evidence M1 4-one-entrypoint").stderr)
        self.good("git checkout -q -- gates/evidence")

        # Somebody patches the runner's PATH at night: the same gate says so.
        self.ci.write("/etc/systemd/system/buildbot-worker@ci.service.d/zz-path.conf",
                      "[Service]\nEnvironment=PATH=/usr/local/bin:/usr/bin:/bin\n")
        self.ci.sh("systemctl daemon-reload; systemctl restart buildbot-worker@ci.service")
        self.gate("M2", "claim", "builder")
        self.commit("claim again")
        verdict = self.gate("M2", "verify", "reviewer")["verdict"]
        red = {check["name"] for check in verdict["checks"] if not check["held"]}
        self.assertIn("1-runs-what-is-declared", red)
        self.assertIn("2-every-path-is-green-and-agrees", red)


if __name__ == "__main__":
    main()
