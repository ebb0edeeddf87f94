#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's own tests of a handful of packages pass inside an environment that declares what they declare.

CCCI_PACKAGES="ack grep …" tries these source packages instead. A test that fails there may fail for a reason of
its own: compare with a root in which apt installed the same (docs/parity.md).
"""
import json
import os
import pathlib
import re
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "build"))
import support  # noqa: E402
from debian_tests import Archive, LeftOut, tests_of  # noqa: E402

# A compiler and a library; modules of perl and of node with the runners of their tests; a program alone.
HANDFUL = "cunit libjson-perl node-express mawk"
PACKAGES = os.environ.get("CCCI_PACKAGES", HANDFUL).split()
MOST = int(os.environ.get("CCCI_PACKAGES_TESTS", "2"))  # of one package
SECONDS = int(os.environ.get("CCCI_PACKAGES_SECONDS", "120"))  # of one test


class Packages(support.BuildTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        place = support.BUILD / "tests" / "packages-cache"
        place.mkdir(parents=True, exist_ok=True)
        try:
            cls.archive = Archive(place)
        except LeftOut as why:
            raise unittest.SkipTest(str(why)) from None
        cls.state = place / "state"

    def declare(self, here, test):
        """Declares what the test depends on: as tools, and as packages what has no commands. A relation's later
        names are for archives that lack the first."""
        choices = [list(names) for names in test.depends] + [["bash"], ["coreutils"]]
        bare = set()
        for _ in range(40):
            names = {names[0] for names in choices}
            (here / "cc-ci.toml").write_text(
                f"[runtime]\ntools = {json.dumps(sorted(names - bare))}\npackages = {json.dumps(sorted(names & bare))}\n\n"
                "[entrypoints.ci]\n")
            done = self.cc_ci(here, self.state, "build")
            if done.returncode == 0:
                return
            named = set(re.findall(r"'([^']+)'", done.stderr)) & names
            if re.search(r"environment\.no-commands", done.stderr) and named - bare:
                bare |= named
                continue
            other = [names for names in choices if names[0] in named and len(names) > 1]
            self.assertTrue(other, f"{test.name}: {done.stderr}")
            for names in other:
                del names[0]
        self.fail(f"{test.name}: cannot be declared")

    def run_test(self, package, tree, test):
        here = self.dir / f"{package}-{test.name}"
        shutil.copytree(tree, here / "tree", symlinks=True)
        for name in ("tmp", "artifacts"):
            (here / name).mkdir()
        self.declare(here, test)
        variables = {"AUTOPKGTEST_TMP": f"{here}/tmp", "ADTTMP": f"{here}/tmp", "AUTOPKGTEST_ARTIFACTS": f"{here}/artifacts",
                     "HOME": f"{here}/tmp", "LC_ALL": "C.UTF-8", "DEB_BUILD_OPTIONS": "parallel=2"}
        done = self.inside(here, self.state, "bash", "-ec", f"cd {here}/tree; {test.command}", timeout=SECONDS,
                           env=support.environment(**variables))
        if done.returncode == 77 and "skippable" in test.restrictions:
            return
        shown = f"{(here / 'cc-ci.toml').read_text()}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        self.assertEqual(done.returncode, 0, shown)
        if "allow-stderr" not in test.restrictions:
            self.assertEqual(done.stderr.strip(), "", shown)

    def try_package(self, package):
        tree = self.archive.source(package)
        count = 0
        for test in tests_of(tree):
            why = test.left_out(support.ROOT) or ("enough of this package" if count == MOST else "")
            if why:
                print(f"{package} {test.name}: left out: {why}", file=sys.stderr)
                continue
            count += 1
            with self.subTest(test=test.name):
                self.run_test(package, tree, test)
        if count == 0:
            raise LeftOut("none of its tests can run here")


def add(package):
    def method(self):
        try:
            self.try_package(package)
        except LeftOut as why:
            self.skipTest(str(why))

    setattr(Packages, "test_" + re.sub(r"[^a-z0-9]", "_", package), method)


for name in PACKAGES:
    add(name)


if __name__ == "__main__":
    support.main()
