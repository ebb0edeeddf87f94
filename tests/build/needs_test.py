#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A declared program finds the commands that its package depends on; the job does not."""
import json
import os
import pathlib
import subprocess
import unittest

import support
from signed_archive import ArchiveTest
from support import environment

COMPILER = '[runtime]\ntools = ["gcc"]\npackages = ["libc6-dev"]\n'


class Needs(ArchiveTest):
    def setUp(self):
        super().setUp()
        self.current = self.dir / "state"

    def make(self, here):
        self.good(self.cc_ci(here, self.current, "lock"))
        built = self.good(self.cc_ci(here, self.current, "build", "--locked", "--json"))
        return pathlib.Path(json.loads(built)["environment"]["root"])

    def run_inside(self, here, *words, **options):
        return self.cc_ci(here, self.current, "--offline", "run", "--", *words, **options)

    def toys(self):
        archive = self.archive(support.TINY)
        self.package(archive, "helper", {"usr/bin/helper": '#!/bin/sh\necho "helped $*"\n'})
        self.package(archive, "interp", {"usr/bin/interp": '#!/bin/sh\necho "read $1"; shift; echo "$@"\n'})
        self.package(archive, "toy", {
            "usr/bin/toy": '#!/bin/sh\nhelper "$@"\necho "$0" "$PATH"\nexit 7\n',
            "usr/bin/toy-script": "#!/usr/bin/env interp\n",
            "usr/share/toy/main": "#!/usr/bin/env -S interp\n",
            "usr/share/toy/shell": "#!/usr/bin/env sh\n",
        }, depends="Depends: helper, middle\n")
        self.package(archive, "elsewhere-toy", {"usr/bin/elsewhere-toy": "#!/bin/sh\n"})
        self.package(archive, "middle", {"usr/share/middle/x": "x"}, depends="Depends: interp\n")
        self.sign(archive)
        return self.from_archive(archive, 'tools = ["jq", "toy"]')

    def test_by_bare_name_and_through_env(self):
        here = self.toys()
        root = self.make(here)
        done = self.run_inside(here, "toy", "a", "b c")
        self.assertEqual(done.returncode, 7, done.stderr)
        helped, path = done.stdout.splitlines()
        self.assertEqual(helped, "helped a b c")
        program, path = path.split(" ")
        self.assertEqual(program, "/usr/bin/toy")
        self.assertTrue(path.endswith("/usr/lib/cc-ci/essential:/usr/lib/cc-ci/needs/toy"), path)
        # An interpreter that gets the path of a command runs the command, not an empty file.
        done = self.run_inside(here, "bash", "-c", 'bash "$(command -v toy)" a')
        self.assertEqual((done.returncode, done.stdout.splitlines()[0]), (7, "helped a"))
        # The job itself does not find them.
        self.assertEqual(self.run_inside(here, "helper").returncode, 127)
        self.assertEqual(self.run_inside(here, "sh", "-c", "helper").returncode, 127)
        # A file of the package that nothing exposes, called by its path.
        self.assertEqual(self.good(self.run_inside(here, "/usr/share/toy/main", "x")),
                         "read /usr/share/toy/main\nx\n")
        self.assertEqual((root / "usr/share/toy/main").read_text(), "#!/usr/bin/interp\n")
        self.assertEqual((root / "usr/share/toy/shell").read_text(), "#!/usr/bin/env sh\n")
        self.assertEqual(os.stat(root / "usr/share/toy/main").st_mtime,
                         os.stat(root / "usr/share/toy/shell").st_mtime)
        self.assertTrue((root / "usr/lib/cc-ci/path/jq/jq").is_symlink())
        self.verified(here, self.current)

    def test_a_link_to_a_compiler_is_that_compiler(self):
        here = self.project(COMPILER.replace('"gcc"', '"gcc", "distcc", "coreutils", "bash"'), locked=False)
        self.make(here)
        job = ("cd $(mktemp -d) && ln -s $(command -v gcc) mycc && echo 'int main(){}' > a.c && "
               "./mycc a.c && ./a.out && ln -s $(command -v distcc) gcc && "
               "DISTCC_HOSTS=localhost ./gcc --version | head -n 1")
        done = self.run_inside(here, "bash", "-c", job)
        self.assertRegex(done.stdout, "gcc .*Debian", done.stderr)

    def test_path_grows_only_once_and_stays_unset(self):
        here = self.toys()
        self.make(here)
        again = ["sh", "-c", "PATH=$PATH:/usr/lib/cc-ci/needs/toy; toy | tail -n 1"]
        self.assertEqual(self.good(self.run_inside(here, *again)).count("needs/toy"), 1)
        cleared = self.run_inside(here, "env", "-i", "/usr/lib/cc-ci/path/toy/toy", "x")
        self.assertEqual(cleared.stdout.splitlines()[0], "helped x", cleared.stderr)

    def test_proofs_and_audit_hold(self):
        here = self.toys()
        self.make(here)
        shown = json.loads(self.good(self.cc_ci(here, self.current, "show", "--json")))
        commands = {command["name"]: command.get("needs") for tool in shown["exposed"]
                    for command in tool["commands"]}
        self.assertEqual((commands["toy"], commands["jq"]), ("toy", None))
        audited = self.cc_ci(here, self.current, "--offline", "run", "--audit", "--", "toy", "x")
        self.assertEqual(audited.returncode, 7, audited.stderr)
        self.assertNotIn("helper", audited.stderr)
        self.assertNotIn("start", audited.stderr)
        # What is neither in the environment nor on this machine: the index knows it, or cc-ci does.
        audited = self.cc_ci(here, self.current, "--offline", "run", "--audit", "--", "sh", "-c",
                             "elsewhere-toy; iex; nobody-has-it")
        self.assertIn("add 'elsewhere-toy' to the tools", audited.stderr)
        self.assertIn("add 'elixir' to the tools", audited.stderr)
        self.assertIn("find its package", audited.stderr)

    def test_a_script_of_a_declared_package_finds_what_its_package_depends_on(self):
        archive = self.archive(support.TINY)
        self.package(archive, "helper", {"usr/bin/helper": '#!/bin/sh\necho "helped $*"\n'})
        self.package(archive, "suite", {
            "usr/share/suite/runner": '#!/bin/sh -e\nhelper "$0" "$@"\nfalse\necho after\n',
            "usr/share/suite/template": '#!/bin/sh\necho "$1"\n',
        }, depends="Depends: helper\n")
        self.sign(archive)
        here = self.from_archive(archive, 'tools = ["jq"]\npackages = ["suite"]')
        root = self.make(here)
        done = self.run_inside(here, "/usr/share/suite/runner", "a", "b c")
        self.assertEqual((done.returncode, done.stdout), (1, "helped /usr/share/suite/runner a b c\n"))
        self.assertEqual((root / "usr/share/suite/template").read_text().splitlines()[0], "#!/bin/sh")
        self.assertEqual(self.run_inside(here, "helper").returncode, 127)
        self.verified(here, self.current)

    def test_a_tool_without_programs_of_its_own_is_declared_for_its_scripts(self):
        archive = self.archive(support.TINY)
        self.package(archive, "helper", {"usr/bin/helper": '#!/bin/sh\necho "helped $*"\n'})
        call = '#!/bin/sh\nhelper "$@"\n'
        self.package(archive, "suite", {"usr/share/suite/runner": call}, depends="Source: toys\nDepends: toy\n")
        self.package(archive, "toy", {"usr/bin/toy": "#!/bin/sh\n", "usr/share/toy/template": call},
                     depends="Source: toys\nDepends: helper\n")
        self.sign(archive)
        here = self.from_archive(archive, 'tools = ["jq", "suite", "toy"]')
        root = self.make(here)
        self.assertEqual(self.good(self.run_inside(here, "/usr/share/suite/runner", "a")), "helped a\n")
        self.assertEqual((root / "usr/share/toy/template").read_text(), call)

    def test_a_compiler_finds_its_assembler_and_linker(self):
        archive = self.archive(COMPILER)
        self.sign(archive)
        here = self.from_archive(archive, 'tools = ["gcc"]\npackages = ["libc6-dev"]')
        self.make(here)
        (self.dir / "m.c").write_text("int main(void) { return 42; }\n")
        self.good(self.run_inside(here, "gcc", "-o", self.dir / "m", self.dir / "m.c"))
        self.assertEqual(subprocess.run([self.dir / "m"]).returncode, 42)
        self.assertEqual(self.run_inside(here, "as", "--version").returncode, 127)


if __name__ == "__main__":
    support.main()
