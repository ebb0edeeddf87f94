#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delivery of `cc-ci deploy`, both ends of it real, on one machine.

In the place of ssh stands a script that gives the shell the same words in a mount namespace where the
state directory is another one: the far host's. There is no systemd to start a switch there, so a
deployment ends once everything is built; tests/hosts goes on from there.
"""
import json
import os
import pathlib
import re
import subprocess
import unittest

from support import BUILD, ROOT, SMALL, TINY, BuildTest, environment, main

HOSTS = '\n[hosts.a]\naddress = "root@far"\n'

# Only what deploy may ask of ssh; a host called "gone" cannot be reached.
SSH = """#!/bin/sh
set -e
while [ "$1" != -- ]; do
  case $1 in -oBatchMode=yes) asked=no;; esac
  shift
done
[ "$asked" = no ]
[ $# = 3 ]
case $2 in *gone) echo "ssh: connect to host $2 port 22: No route to host" >&2; exit 255;; esac
echo "$3" >> "$CALLS"
exec unshare --mount --propagation private sh -c '
  mount --bind "$FAR" "$NEAR"
  PATH=$FAR_PATH
  exec sh -c "$1" sh' sh "$3"
"""

# Lets the user run nothing as root but the installed cc-ci, or not even that.
SUDO = """#!/bin/sh
[ "$1 $2" = "-n --" ] || exit 2
echo "$*" >>"$CALLS.sudo"
shift 2
case $1 in %s) exec "$@";; esac
echo "sudo: a password is required" >&2
exit 1
"""

# Ends the connection after so many bytes in that direction.
CUT = """#!/bin/sh
while [ "$1" != -- ]; do shift; done
exec unshare --mount --propagation private sh -c '
  mount --bind "$FAR" "$NEAR"
  PATH=$FAR_PATH
  stdbuf -o0 head -c "$CUT_AFTER" | sh -c "$1" sh' sh "$3"
"""


@unittest.skipUnless(ROOT, "mounts one state directory over another")
class Deploy(BuildTest):
    def setUp(self):
        super().setUp()
        self.bin = self.dir / "ssh-bin"
        self.bin.mkdir()
        self.ssh(SSH)
        self.calls = self.dir / "calls"
        self.far = self.dir / "far"
        self.far.mkdir()

    def ssh(self, text):
        (self.bin / "ssh").write_text(text)
        (self.bin / "ssh").chmod(0o755)

    def other_program(self):
        """A directory with cc-ci and another launcher: what another cc-ci would build."""
        other = self.dir / "other"
        other.mkdir()
        for name in ("cc-ci", "cc-ci-enter"):
            data = (BUILD / "bin" / name).read_bytes()
            (other / name).write_bytes(data + b"\n" if name == "cc-ci-enter" else data)
            (other / name).chmod(0o755)
        return other

    def sudo(self, allowed):
        """The PATH of a far host with this sudo, where the user that ssh reaches is not root."""
        place = self.dir / "far-bin"
        place.mkdir()
        for name, text in (("sudo", SUDO % allowed), ("id", "#!/bin/sh\necho 1000\n")):
            (place / name).write_text(text)
            (place / name).chmod(0o755)
        return place

    def hosts(self, text=TINY, more=HOSTS):
        """A built project with hosts, which the lock does not depend on."""
        project = self.project(text)
        with open(project / "cc-ci.toml", "a") as file:
            file.write(more)
        state = self.state(project)
        self.good(self.cc_ci(project, state, "--offline", "build", "--locked"))
        return project, state

    def deploy(self, project, state, *words, **variables):
        far_path = f"{self.program.parent}:/usr/bin:/bin"
        variables = {"PATH": f"{self.bin}:{environment()['PATH']}", "CALLS": self.calls,
                     "FAR": self.far, "NEAR": state, "FAR_PATH": far_path,
                     "CC_CI_PREFIX": self.dir / "host", **variables}
        environ = environment(**{name: str(value) for name, value in variables.items()})
        return self.cc_ci(project, state, "deploy", "--json", *words, env=environ)

    def row(self, result, status):
        self.assertEqual(result.returncode, status, result.stdout + result.stderr)
        rows = json.loads(result.stdout)["hosts"]
        self.assertEqual(len(rows), 1)
        return rows[0]

    def delivered(self, *words, **variables):
        """The row of a deployment of which only the switch fails: there is no systemd."""
        row = self.row(self.deploy(*words, "a", **variables), 3)
        self.assertEqual(row["error"]["code"], "deploy.start", row)
        return row

    def differing(self, state):
        """Bytes of the archives that the far host lacks."""
        there = {path.name for path in (self.far / "archives").glob("*")}
        return sum(path.stat().st_size for path in (state / "archives").iterdir()
                   if path.name not in there)

    def systems(self, state):
        return sorted(path.name for path in (state / "store" / "system").glob("*-a"))

    def test_the_same_lock_gives_the_same_bits(self):
        project, state = self.hosts(SMALL)
        differ = self.differing(state) + sum(path.stat().st_size for path in project.iterdir())
        row = self.delivered(project, state)
        self.assertEqual(self.systems(self.far), self.systems(state))
        differ += row["program"]
        self.assertEqual(row["content"], differ)
        self.assertLessEqual(row["sent"], 1.2 * differ)
        print(f"sent {row['sent']} bytes where {differ} differ: {row['sent'] / differ:.4f}")
        for name in self.systems(state):
            seal = pathlib.Path("store", "system", name, "manifest")
            self.assertEqual((self.far / seal).read_bytes(), (state / seal).read_bytes())
        # A second one has nothing to send.
        again = self.delivered(project, state)
        self.assertEqual((again["content"], again["archives"], again["files"]), (0, 0, 0))
        self.assertLess(again["sent"], 8000)

    def test_a_change_sends_what_changed(self):
        project, state = self.hosts()
        self.delivered(project, state)
        subprocess.run(["git", "init", "-q", project], check=True)
        (project / "scripts").mkdir()
        (project / "scripts" / "nightly").write_text("#!/bin/sh\n" + "x" * 5000)
        (project / "untracked").write_text("secret")
        subprocess.run(["git", "-C", project, "add", "scripts"], check=True)
        row = self.delivered(project, state)
        self.assertEqual((row["content"], row["files"]), (5010, 1))
        trees = list((self.far / "projects").glob("*/tree/scripts/nightly"))
        self.assertEqual(len(trees), 1)
        self.assertEqual(list((self.far / "projects").glob("*/tree/untracked")), [])
        # The same in text: the lock's other half stays where it is.
        self.good(self.call("git", "-C", project, "rm", "-q", "--cached", "scripts/nightly"))

    def test_a_dry_run_changes_nothing_there(self):
        project, state = self.hosts()
        differ = self.differing(state) + sum(path.stat().st_size for path in project.iterdir())
        row = self.row(self.deploy(project, state, "a", "--dry-run"), 0)
        self.assertEqual(row["state"], "planned")
        self.assertGreater(row["program"], 0)
        self.assertEqual(row["content"], differ + row["program"])
        self.assertEqual(list(self.far.iterdir()), [])
        # With the program it says exactly what else is sent.
        self.delivered(project, state)
        (project / "more").write_text("x" * 100)
        with open(project / "cc-ci.toml", "a") as file:
            file.write("# changed\n")
        self.good(self.cc_ci(project, state, "--offline", "lock"))
        row = self.row(self.deploy(project, state, "a", "--dry-run"), 0)
        self.assertEqual((row["program"], row["archives"], row["files"]), (0, 0, 1))

    def test_a_cut_connection_is_resumed(self):
        project, state = self.hosts()
        sizes = sorted((path.stat().st_size for path in (state / "archives").iterdir()))
        plan = self.row(self.deploy(project, state, "a", "--dry-run"), 0)
        self.assertEqual(plan["content"], sum(sizes) + plan["program"] +
                         sum(path.stat().st_size for path in project.iterdir()))
        self.ssh(CUT)
        cut = plan["program"] + sum(sizes) // 2
        row = self.row(self.deploy(project, state, "a", CUT_AFTER=cut), 3)
        self.assertEqual((row["state"], row["error"]["code"]), ("failed", "deploy.cut"))
        left = self.differing(state)
        self.assertGreater(left, 0)
        self.assertLess(left, sum(sizes))
        self.ssh(SSH)
        row = self.delivered(project, state)
        self.assertEqual(row["content"], left)
        self.assertEqual(self.systems(self.far), self.systems(state))

    def test_other_bits_are_an_error_that_names_both(self):
        project, state = self.hosts(more='\n[hosts.a]\naddress = "ci@far"\n')
        # Only an installed cc-ci can be another one: what is brought is the same.
        far_path = f"{self.other_program()}:{self.sudo('cc-ci')}:/usr/bin:/bin"
        row = self.row(self.deploy(project, state, "a", FAR_PATH=far_path), 3)
        text = json.dumps(row["error"])
        self.assertIn("deploy.differs", text)
        names = set(re.findall(r"[0-9a-f]{32}-a", text))
        self.assertEqual(names, {*self.systems(state), *self.systems(self.far)})
        self.assertEqual(len(names), 2)
        self.assertNotIn("--start", self.calls.read_text())

    def test_damage_here_does_not_get_there(self):
        project, state = self.hosts()
        archive = max((state / "archives").iterdir(), key=lambda path: path.stat().st_size)
        size = archive.stat().st_size
        archive.unlink()  # others share the file
        archive.write_bytes(b"x" * size)
        row = self.row(self.deploy(project, state, "a"), 3)
        self.assertIn("deploy.corrupt", json.dumps(row["error"]))
        self.assertFalse((self.far / "archives" / archive.name).exists())

    def test_hosts_are_told_apart(self):
        project, state = self.hosts(more=HOSTS + '\n[hosts.b]\naddress = "root@gone"\n')
        result = self.deploy(project, state, "--all")
        self.assertEqual(result.returncode, 3)
        rows = {row["host"]: row for row in json.loads(result.stdout)["hosts"]}
        self.assertEqual(rows["a"]["error"]["code"], "deploy.start")
        self.assertEqual(rows["b"]["error"]["code"], "deploy.unreachable")
        self.assertIn("No route to host", json.dumps(rows["b"]["error"]))

    def test_others_than_root_use_sudo(self):
        project, state = self.hosts(more='\n[hosts.a]\naddress = "ci@far"\n')
        far_path = f"{self.sudo('no-program')}:/usr/bin:/bin"
        row = self.row(self.deploy(project, state, "a", FAR_PATH=far_path), 3)
        self.assertEqual(row["error"]["code"], "deploy.sudo")
        first, second = (self.dir / "calls.sudo").read_text().splitlines()
        self.assertRegex(first, r"^-n -- /bin/sh -c eval")
        self.assertRegex(second, r"^-n -- cc-ci ")
        # Who may run everything needs no cc-ci there.
        (self.dir / "far-bin" / "sudo").write_text(SUDO % "*")
        row = self.delivered(project, state, FAR_PATH=far_path)
        self.assertGreater(row["program"], 0)

    def test_an_installed_cc_ci_of_another_build_is_no_obstacle(self):
        project, state = self.hosts()
        self.delivered(project, state, FAR_PATH=f"{self.other_program()}:/usr/bin:/bin")
        self.assertEqual(self.systems(self.far), self.systems(state))

    def test_words_that_are_refused(self):
        project, state = self.hosts()
        for words in ((), ("nobody",)):
            self.assertEqual(self.deploy(project, state, *words).returncode, 2, words)
        home = environment(HOME=str(state.parent))
        result = self.cc_ci(project, state, "deploy", "a", env=home)
        self.assertEqual(result.returncode, 2)
        self.assertIn("[deploy.home-state]", result.stderr)
        self.assertFalse(self.calls.exists())


if __name__ == "__main__":
    main()
