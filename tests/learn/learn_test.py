#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""`cc-ci learn` and `cc-ci run --audit` on the real binary: a script needs git-lfs, and an
environment is declared without it."""

import json
import os
import pathlib
import pty
import shutil
import signal
import subprocess
import tempfile
import unittest

PROGRAMS = pathlib.Path(os.environ["CCCI_PROGRAMS"])
USER = 4321  # no account needed

DECLARATION = """\
# What the jobs need.
[runtime]
tools = [
  "bash",   # the scripts' shell
  "git",
  # more to come
]

[runtime.variables]
LFS = "1" # kept
"""

SCRIPT = """\
#!/bin/bash
set -e
git lfs version
echo done | cat
"""


class Learn(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.place = pathlib.Path(tempfile.mkdtemp(prefix="cc-ci-learn-"))
        self.addCleanup(shutil.rmtree, self.place)
        self.place.chmod(0o1777)  # as /tmp: root refuses a state that others can replace
        self.project = self.place / "project"
        self.project.mkdir(mode=0o777)
        self.toml = self.project / "cc-ci.toml"
        self.toml.write_text(DECLARATION)
        self.script = self.project / "job"
        self.write(SCRIPT)

    def write(self, text):
        self.script.write_text(text)
        self.script.chmod(0o755)

    def run_it(self, *words, before=(), **options):
        environment = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                       "HOME": str(self.place), "LC_ALL": "C.UTF-8",
                       "CC_CI_STATE": str(self.place / "state")}
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run([*before, PROGRAMS / "cc-ci", *words], cwd=self.project,
                              env=environment, capture_output=True, text=True, timeout=200,
                              check=False, **options)

    def learn(self, *command, options=(), **more):
        found = self.run_it("learn", "--json", *options, "--", *command, **more)
        self.assertEqual(found.returncode, 0, found.stderr)
        return json.loads(found.stdout), found.stderr

    def test_proposes_what_the_script_needs_and_the_script_then_is_green(self):
        found, err = self.learn("./job", options=["--apply"])
        self.assertEqual(found["status"], 0, err)
        self.assertEqual([(need["list"], need["name"], need["package"], need["commands"])
                          for need in found["needs"]],
                         [("tools", "git-lfs", "git-lfs", ["git-lfs"])])
        self.assertIn("git-lfs version", found["needs"][0]["command_line"])
        self.assertEqual(found["needs"][0]["started_by"], "git lfs version")
        for kind in ("outside", "missing", "hidden", "unused"):
            self.assertEqual(found[kind], [], kind)
        self.assertEqual(found["added"], ["git-lfs"])
        self.assertEqual(self.toml.read_text(),
                         DECLARATION.replace('  "git",\n', '  "git",\n  "git-lfs",\n'))

        # Without it the environment turns the script away, and the audit names it at once.
        self.toml.write_text(DECLARATION)
        self.assertEqual(self.run_it("lock").returncode, 0)
        audited = self.run_it("run", "--audit", "--", "./job")
        self.assertEqual(audited.returncode, 1, audited.stderr)
        self.assertIn("'git-lfs': searched for in every directory of the environment's PATH",
                      audited.stderr)
        self.assertRegex(audited.stderr, r"first searched for by: (/usr/bin/)?git lfs version")
        self.assertIn("add 'git-lfs' to the tools in cc-ci.toml", audited.stderr)
        self.assertEqual(audited.stderr.count("[learn.missing]"), 1, audited.stderr)
        direct = self.run_it("run", "--audit", "--", "git-lfs", "version")
        self.assertEqual(direct.returncode, 127)
        self.assertIn("first searched for by: git-lfs version", direct.stderr)
        ended = self.run_it("run", "--audit", "--", "bash", "-c", "kill -TERM $$")
        self.assertEqual(ended.returncode, 128 + signal.SIGTERM)

        # The same proposal where the environment itself says what it has.
        again, _ = self.learn("./job", options=["--apply"])
        self.assertEqual(again["added"], ["git-lfs"])
        for command in (["lock"], ["build"]):
            done = self.run_it(*command)
            self.assertEqual(done.returncode, 0, done.stderr)
        green = self.run_it("run", "--audit", "--", "./job")
        self.assertEqual(green.returncode, 0, green.stderr)
        self.assertRegex(green.stdout, r"^git-lfs/.*\ndone\n$")
        self.assertIn("every command that was searched for on PATH was found", green.stderr)
        nothing, _ = self.learn("./job")
        self.assertEqual((nothing["needs"], nothing["unused"]), ([], []))

    def test_keeps_standard_output_for_the_report(self):
        self.write("#!/bin/sh\nread line; echo \"got $line\"; exit 6\n")
        with subprocess.Popen(["echo", "word"], stdout=subprocess.PIPE) as feeder:
            found = self.run_it("learn", "--", "./job", stdin=feeder.stdout)
        self.assertEqual(found.returncode, 0)
        self.assertEqual(found.stderr, "got word\n")
        self.assertIn("nothing to add: the declaration has what the command used\n", found.stdout)
        self.assertIn("the command ended with status 6, after 1 program\n", found.stdout)

    def test_adds_what_a_build_reads(self):
        found, _ = self.learn("cat", "/usr/include/archive.h", options=["--apply"])
        self.assertEqual([(one["package"], one["first"]) for one in found["packages"]],
                         [("libarchive-dev", "/usr/include/archive.h")])
        self.assertEqual(found["added"], ["libarchive-dev"])
        self.assertIn(']\npackages = ["libarchive-dev"]\n', self.toml.read_text())

    def test_proposes_packages_of_npm(self):
        modules = self.place / "lib" / "node_modules"
        for name in ("@s/tool", "zz-module"):
            (modules / name).mkdir(parents=True)
            (modules / name / "package.json").write_text(json.dumps({"name": name, "bin": {
                "zz-tool": "cli.js"} if name == "@s/tool" else {}}))
            (modules / name / "cli.js").write_text("#!/bin/sh\n")
            (modules / name / "cli.js").chmod(0o755)
        (self.place / "bin").mkdir()
        (self.place / "bin/zz-tool").symlink_to("../lib/node_modules/@s/tool/cli.js")
        (self.project / "package.json").write_text('{"devDependencies": {"zz-lint": "^1"}}')
        command = ["sh", "-c", f"zz-tool; cat {modules}/zz-module/cli.js; zz-lint || :"]
        before = ["env", f"PATH={self.place}/bin:/usr/bin:/bin"]
        found, _ = self.learn(*command, before=before)
        self.assertEqual([(one["command"], one["npm"]) for one in found["outside"]],
                         [("zz-tool", "@s/tool")])
        self.assertEqual([one["name"] for one in found["npm_modules"]], ["zz-module"])
        for rule in ('[packages.zz-tool]\nnpm = "@s/tool"\n', '[packages.zz-lint]\nnpm = "zz-lint"\n',
                     '[packages.zz-module]\nnpm = "zz-module"\ncommands = []\n'):
            self.assertIn(rule, found["snippet"])
        self.learn(*command, before=before, options=["--apply"])
        for rule in ('[packages.zz-tool]\nnpm = "@s/tool"\n', '"zz-tool"', '"zz-lint"', '"nodejs"',
                     '[packages.zz-module]\nnpm = "zz-module"\ncommands = []\n'):
            self.assertIn(rule, self.toml.read_text())

    def test_names_what_no_package_has(self):
        tool = self.place / "bin" / "abra"
        tool.parent.mkdir()
        tool.write_text("#!/bin/sh\n")
        tool.chmod(0o755)
        found = self.run_it("learn", "--json", "--", "sh", "-c", "abra; no-such-command",
                            before=["env", f"PATH={tool.parent}:/usr/bin:/bin"])
        found = json.loads(found.stdout)
        self.assertEqual([(one["command"], one["path"]) for one in found["outside"]],
                         [("abra", str(tool))])
        digest = subprocess.run(["sha256sum", tool], capture_output=True, text=True, check=True)
        self.assertEqual(found["outside"][0]["sha256"], digest.stdout.split()[0])
        self.assertIn("[packages.abra]", found["snippet"])
        self.assertEqual([one["command"] for one in found["missing"]], ["no-such-command"])
        self.assertEqual(found["needs"], [])

    def test_changes_nothing_unless_asked_and_keeps_mode_and_link(self):
        self.learn("./job")
        self.assertEqual(self.toml.read_text(), DECLARATION)
        real = self.toml.parent / "real.toml"
        self.toml.rename(real)
        self.toml.symlink_to("real.toml")  # within the project
        real.chmod(0o640)
        self.learn("./job", options=["--apply"])
        self.assertTrue(self.toml.is_symlink())
        self.assertEqual(real.stat().st_mode & 0o777, 0o640)
        self.assertIn('  "git-lfs",\n', real.read_text())

    @unittest.skipUnless(os.geteuid() == 0, "only root can stop being root")
    def test_works_without_privilege(self):
        before = ["setpriv", f"--reuid={USER}", f"--regid={USER}", "--clear-groups"]
        readable = subprocess.run([*before, "test", "-x", PROGRAMS / "cc-ci"], check=False)
        programs = PROGRAMS
        if readable.returncode != 0:
            programs = self.place / "programs"
            shutil.copytree(PROGRAMS, programs)
            programs.chmod(0o755)
        found = subprocess.run(
            [*before, programs / "cc-ci", "learn", "--json", "--", "./job"], cwd=self.project,
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "CC_CI_STATE": str(self.place / "none"),
                 "HOME": str(self.place)},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=100, check=False)
        self.assertEqual(found.returncode, 0, found.stderr)
        found = json.loads(found.stdout)
        self.assertEqual((found["status"], [need["name"] for need in found["needs"]]),
                         (0, ["git-lfs"]))

    def test_leaves_interrupts_and_the_terminal_to_the_command(self):
        self.write("#!/bin/bash\ntrap 'echo caught; exit 3' INT\n"
                   "test -t 0 && test -t 1 || exit 9\n"
                   "echo ready; while :; do read -r line; done\n")
        process, terminal = pty.fork()
        if process == 0:
            os.chdir(self.project)
            os.environ["CC_CI_STATE"] = str(self.place / "state")
            os.execv(PROGRAMS / "cc-ci", ["cc-ci", "learn", "--", "./job"])
        seen = b""
        sent = False
        while True:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            seen += data
            if b"ready" in seen and not sent:
                os.write(terminal, b"\x03")
                sent = True
        status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
        os.close(terminal)
        self.assertEqual(status, 0, seen)
        self.assertIn(b"caught", seen)
        self.assertIn(b"the command ended with status 3", seen)

    def test_ends_what_was_left_behind_when_interrupted(self):
        self.write("#!/bin/sh\nsetsid sleep 1000 </dev/null >/dev/null 2>&1 &\n"
                   "while ! pgrep -P $$ sleep >/dev/null; do :; done\nexit 0\n")
        with subprocess.Popen([PROGRAMS / "cc-ci", "learn", "--", "./job"], cwd=self.project,
                              env={**os.environ, "CC_CI_STATE": str(self.place / "state")},
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True) as process:
            line = process.stderr.readline()
            self.assertIn("waiting for 1 process that it left running", line)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 0)
        self.assertIn("the command ended with status 0", out)

    def test_what_is_followed_ends_with_whoever_follows(self):
        self.write("#!/bin/bash\ntrap '' TERM HUP\necho ready >&2\nread -r line\n")
        with subprocess.Popen([PROGRAMS / "cc-ci", "learn", "--", "./job"], cwd=self.project,
                              env={**os.environ, "CC_CI_STATE": str(self.place / "state")},
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE) as process:
            self.assertEqual(process.stderr.readline(), b"ready\n")
            process.kill()
            # The job holds the other end as well: this returns when both are gone.
            self.assertEqual(process.stderr.read(), b"")
        self.assertEqual(process.returncode, -signal.SIGKILL)

    def test_says_what_cannot_be_run(self):
        found = self.run_it("learn", "--", "no-such-command-anywhere")
        self.assertEqual(found.returncode, 3)
        self.assertIn("'no-such-command-anywhere': cannot be executed: no such file or directory "
                      "[learn.start]", found.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
