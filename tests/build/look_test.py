#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands that look: why, diff, show, schema, and the starter that init writes."""
import json
import subprocess
import unittest

import support
from support import SMALL, TINY

HOST = "\n[hosts.one]\n"


class Look(support.BuildTest):
    def git(self, here, *words):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@example.org", *words],
                       cwd=here, check=True, capture_output=True, env=support.environment())

    def test_why(self):
        here = self.project(SMALL)
        state = self.state(here)
        self.build(here, state)
        for name in ("libpcre2-8-0", "/usr/lib/x86_64-linux-gnu/libpcre2-8.so.0"):
            with self.subTest(name=name):
                told = json.loads(self.good(self.cc_ci(here, state, "why", "--json", name)))
                chains = [chain["chain"] for chain in told["chains"]]
                self.assertIn(["tool git", "git", "libpcre2-8-0"], chains)
                self.assertIn("cc-ci.toml:2:", json.dumps(told["chains"]))
        self.assertIn("cc-ci.toml:2:", self.good(self.cc_ci(here, state, "why", "git-receive-pack")))
        unknown = self.cc_ci(here, state, "why", "gti")
        self.refused(unknown, 2, "cli.unknown-name", "'gti'", "did you mean 'git'?")
        absent = self.cc_ci(here, state, "why", "gem")
        self.refused(absent, 2, "cli.undeclared-command", "'gem'",
                     "add 'ruby-rubygems' to [runtime] tools")
        hidden = self.good(self.cc_ci(here, state, "why", "corelist"))
        self.assertRegex(hidden, r"(?m)^declare +add 'perl' to \[runtime\] tools$")

    def test_a_build_names_files_that_lost_their_set_id_bits_once(self):
        here = self.project('[runtime]\ntools = ["jq", "sudo"]\n')
        state = self.state(here)
        call = [self.program, "-C", here, "--state", state, "--offline", "build", "--locked"]
        first, second = self.call(*call), self.call(*call)
        self.good(first)
        self.good(second)
        self.assertRegex(first.stderr, r"note: these programs lost their set-id bits or capabilities,.* /usr/bin/sudo")
        self.assertNotIn("/usr/bin/su,", first.stderr)
        self.assertNotIn("set-id", second.stderr)

    @unittest.skipUnless(support.ROOT, "needs root: /proc is unmounted")
    def test_without_proc_that_is_the_cause(self):
        here = self.project(TINY)
        script = 'while umount -l /proc 2>/dev/null; do :; done; exec "$@"'
        bare = ("unshare", "--mount", "sh", "-c", script, "sh")
        state = self.state(here)
        self.refused(self.cc_ci(here, state, "--offline", "build", before=bare), 3, "host.no-proc",
                     "/proc/self/exe", "mount -t proc proc /proc")

    def test_diff_of_two_revisions(self):
        here = self.project(TINY)
        state = self.state(here)
        self.git(here, "init", "-q")
        self.git(here, "add", ".")
        self.git(here, "commit", "-qm", "tiny")
        (here / "cc-ci.toml").write_text(SMALL)
        (here / "cc-ci.lock").write_bytes((support.prepared(SMALL) / "cc-ci.lock").read_bytes())
        self.git(here, "commit", "-qam", "small")
        told = json.loads(self.good(self.cc_ci(here, state, "diff", "--json", "HEAD~1", "HEAD")))
        text = self.good(self.cc_ci(here, state, "diff", "HEAD~1", "HEAD"))
        self.assertIn("libcurl3-gnutls", json.dumps(told))
        self.assertRegex(text, r"(?m)^added +tool +git$|^added +git ")
        self.assertNotIn("removed", text)
        back = self.good(self.cc_ci(here, state, "diff", "HEAD", "HEAD~1"))
        self.assertIn("removed", back)
        self.assertNotIn("added", back)
        self.assertEqual(self.good(self.cc_ci(here, state, "diff")).strip(), "no difference")

    def test_diff_of_two_environments_compares_packages(self):
        here = self.project(SMALL)
        state = self.state(here)
        built = [self.build(project, state) for project in (self.project(TINY, "tiny"), here)]
        hashes = [one["environment"]["hash"][:12] for one in built]
        text = self.good(self.cc_ci(here, state, "diff", *hashes))
        self.assertRegex(text, r"(?m)^added +git ")
        self.assertNotIn("no difference", text)
        # By their digests, as reports of sweeps name them.
        digests = [one["environment"]["digest"] for one in built]
        by_digest = self.good(self.cc_ci(here, state, "diff", digests[0][:12], digests[1]))
        self.assertEqual(by_digest, text)
        told = json.loads(self.good(self.cc_ci(here, state, "diff", "--json", *hashes)))
        added = [row["package"] for row in told["packages"] if row["movement"] == "added"]
        self.assertIn("libcurl3-gnutls", added)
        # A lock against the environment that was built from it: nothing differs.
        same = self.good(self.cc_ci(here, state, "diff", str(here / "cc-ci.lock"), hashes[1]))
        self.assertEqual(same.strip(), "no difference")

    def test_scripts_that_were_not_run(self):
        here = self.project(SMALL)
        state = self.state(here)
        self.build(here, state)
        rows = self.good(self.cc_ci(here, state, "show", "--scripts")).splitlines()
        self.assertRegex("\n".join(rows), r"(?m)^bash +postinst +\S")
        for row in rows[1:]:
            self.assertRegex(row, r"^\S+ +(pre|post)(inst|rm) +\S|^\S+ +(config|triggers) +\S", row)

    def published(self, state):
        """Every object and root with the time at which it was made."""
        return sorted((str(path.relative_to(state)), path.lstat().st_mtime_ns)
                      for part in ("store", "roots", "builds") for path in (state / part).glob("*/*"))

    def test_doctor_and_status_build_nothing(self):
        here = self.project(TINY + HOST)
        state = self.state(here)
        built = self.build(here, state)
        prefix = self.dir / "host"
        (prefix / "run/systemd/system").mkdir(parents=True)
        env = support.environment(CC_CI_PREFIX=str(prefix))
        # The environment stays; what is made from it goes, as after an update of cc-ci.
        for kind in ("entrypoint", "system"):
            for made in (state / "store" / kind).iterdir():
                support.remove(made)
        for kept in (state / "builds").iterdir():
            kept.unlink()
        before = self.published(state)
        doctor = self.cc_ci(here, state, "doctor", "--json", env=env)
        rows = {row["check"]: row for row in json.loads(doctor.stdout)["checks"]}
        self.assertEqual((rows["environment"]["state"], rows["environment"]["remedy"]),
                         ("unknown", "cc-ci build"), rows)
        self.assertEqual(self.published(state), before)
        status = self.cc_ci(here, state, "status", "--json", env=env)
        self.assertEqual(status.returncode, 1, status.stderr)
        found = [drift["found"] for drift in json.loads(status.stdout)["drift"]]
        self.assertIn("locked, but not built", found)
        self.assertEqual(self.published(state), before)
        self.assertEqual(self.build(here, state)["hosts"], built["hosts"])

    def test_doctor_makes_no_state_directory(self):
        here = self.project(TINY + HOST)
        state = self.dir / "absent"
        result = self.cc_ci(here, state, "doctor")
        self.assertIn("absent: does not exist yet, ", result.stdout)
        self.assertIn("not built yet", result.stdout)
        self.assertFalse(state.exists())

    @unittest.skipUnless(support.ROOT, "needs root to mount")
    def test_doctor_names_a_state_that_cannot_execute(self):
        here = self.project(SMALL)
        with support.mounted("-t", "tmpfs", "-o", "noexec,mode=755", "state", at=self.dir / "disk") as disk:
            for state in (disk / "later", self.state(here, "disk/now")):
                found = self.cc_ci(here, state, "doctor")
                self.assertEqual(found.returncode, 1, found.stdout)
                self.assertIn("mounted noexec", found.stdout)

    @unittest.skipUnless(support.ROOT, "needs root to mount")
    def test_doctor_looks_at_accounts_without_a_timer_or_runner(self):
        here = self.project(SMALL)
        state = self.state(here)
        self.build(here, state)
        switch = self.dir / "nsswitch.conf"
        switch.write_text("passwd: files extrausers\n")
        subprocess.run(["mount", "--bind", switch, "/etc/nsswitch.conf"], check=True)
        self.addCleanup(subprocess.run, ["umount", "/etc/nsswitch.conf"], check=True)
        self.assertIn("libnss-extrausers", self.cc_ci(here, state, "doctor").stdout)

    def test_doctor_tells_why_it_cannot_plan(self):
        here = self.project(TINY)
        state = self.state(here)
        self.build(here, state)
        environment, = (state / "store" / "environment").iterdir()
        for record in environment.iterdir():
            if record.is_file():
                record.write_text("damaged")
        doctor = self.cc_ci(here, state, "doctor", "--json")
        rows = {row["check"]: row for row in json.loads(doctor.stdout)["checks"]}
        self.assertNotIn("not built yet", rows["environment"]["found"])
        self.assertRegex(rows["environment"]["found"], r"\[[a-z]+\.[a-z-]+\]$")

    def test_the_starter_can_be_locked_and_built(self):
        here = self.dir / "starter"
        here.mkdir()
        state = self.state(apt=True)
        self.good(self.cc_ci(here, state, "init"))
        text = (here / "cc-ci.toml").read_text()
        self.refused(self.cc_ci(here, state, "init"), 2, "cli.exists", "cc-ci.toml")
        self.assertEqual((here / "cc-ci.toml").read_text(), text)
        # Fetched once into the cache, then offline like the rest.
        place = support.prepared(text)
        (here / "cc-ci.lock").write_bytes((place / "cc-ci.lock").read_bytes())
        self.build(here, self.state(here, "built"))
        self.good(self.inside(here, self.dir / "built", "true"))

    def test_schema(self):
        schema = json.loads(self.good(self.call(self.program, "schema")))
        self.assertIn("runtime", schema["properties"])
        self.assertIs(schema["additionalProperties"], False)


if __name__ == "__main__":
    support.main()
