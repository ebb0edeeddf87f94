#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Programs that trust path and time see an update: make, ccache, fontconfig."""
import json
import os
import pathlib
import subprocess
import time
import unittest

import support
from signed_archive import ArchiveTest
from support import as_user, environment

BUILDING = ('[runtime]\ntools = ["bash", "coreutils", "make", "gcc", "binutils", "ccache"]\n'
            'packages = ["libc6-dev"]\n')
FONTS = '[runtime]\ntools = ["fontconfig"]\npackages = ["fonts-dejavu-core", "fonts-liberation"]\n'


class Times(ArchiveTest):
    def setUp(self):
        super().setUp()
        self.home = self.dir / "home"
        self.home.mkdir()
        self.work = self.dir / "work"
        self.work.mkdir()
        self.current = self.dir / "state"

    def ci(self, here, *words, before=()):
        return self.good(self.cc_ci(here, self.current, "--offline", "run", "--", *words,
                                    before=before,
                                    env=environment(HOME=str(self.home))))

    def update(self, here, *words):
        self.good(self.cc_ci(here, self.current, "lock", *words))
        return json.loads(self.good(self.cc_ci(here, self.current, "build", "--locked", "--json")))

    def test_ccache_sees_a_compiler_of_the_same_size(self):
        archive = self.archive(BUILDING)
        driver = '#!/bin/sh\nexec gcc -DCOMPILER={} "$@"\n'
        self.package(archive, "gcc-toy", {"usr/bin/gcc-toy": driver.format(1)}, time=1600000000)
        self.sign(archive)
        here = self.from_archive(archive, 'tools = ["gcc-toy", "gcc", "binutils", "ccache", "bash"]\n'
                                          'packages = ["libc6-dev"]')
        (self.work / "m.c").write_text('#include <stdio.h>\nint main(void) { printf("%d\\n", COMPILER); }\n')
        compiled = ["bash", "-ec", f"cd {self.work}; ccache gcc-toy -c m.c; gcc -o m m.o; ./m"]
        self.update(here)
        self.assertEqual(self.ci(here, *compiled), "1\n")
        self.assertEqual(self.ci(here, *compiled), "1\n")
        self.package(archive, "gcc-toy", {"usr/bin/gcc-toy": driver.format(2)}, version="2",
                     time=1600000007)
        self.sign(archive)
        self.update(here, "--update")
        self.assertEqual(self.ci(here, *compiled), "2\n")

    def test_make_sees_a_newer_header(self):
        archive = self.archive(BUILDING)
        header = {"usr/include/toy.h": "#define TOY 1\n"}
        self.package(archive, "libtoy-dev", header, time=1600000000)
        self.sign(archive)
        here = self.from_archive(archive, 'tools = ["make", "gcc", "binutils", "bash", "coreutils"]\n'
                                          'packages = ["libc6-dev", "libtoy-dev"]')
        (self.work / "m.c").write_text('#include <stdio.h>\n#include <toy.h>\n'
                                       'int main(void) { printf("%d\\n", TOY); }\n')
        (self.work / "Makefile").write_text("m: m.o\n\tgcc -o $@ $^\n%.o: %.c\n"
                                            "\tgcc -MD -c $<\n-include m.d\n")
        built = ["bash", "-ec", f"cd {self.work}; make -s; ./m"]
        self.update(here)
        self.assertEqual(self.ci(here, *built), "1\n")
        # The job ran before the new version was made, as in life.
        for path in self.work.iterdir():
            os.utime(path, (1650000000, 1650000000))
        self.package(archive, "libtoy-dev", {"usr/include/toy.h": "#define TOY 2\n"}, version="2",
                     time=1700000000)
        self.sign(archive)
        self.update(here, "--update")
        self.assertEqual(self.ci(here, *built), "2\n")

    @unittest.skipUnless(support.ROOT, "needs root to become an ordinary user")
    def test_fontconfig_sees_a_new_font(self):
        archive = self.archive(FONTS)
        self.sign(archive)
        few = self.from_archive(archive, 'tools = ["fontconfig"]\npackages = ["fonts-dejavu-core"]')
        more = self.from_archive(archive, 'tools = ["fontconfig"]\n'
                                          'packages = ["fonts-dejavu-core", "fonts-liberation"]',
                                 name="more")
        for here in (few, more):
            self.update(here)
        # An ordinary user: root's fontconfig would write the host's /var/cache.
        subprocess.run(["chown", "-R", f"{support.USER}:{support.USER}", self.current, self.home, few,
                        more], check=True)
        self.assertNotIn("Liberation", self.ci(few, "fc-list", before=as_user()))
        self.assertIn("Liberation", self.ci(more, "fc-match", "Liberation Sans", before=as_user()))

    def test_generated_files_have_the_newest_time_of_the_packages(self):
        archive = self.archive(support.TINY)
        newest = int(time.time()) - 1  # dpkg-deb takes no later time
        self.package(archive, "newest", {"usr/share/newest/file": "x"}, time=newest)
        self.sign(archive)
        here = self.from_archive(archive, 'tools = ["jq"]\npackages = ["newest"]')
        root = pathlib.Path(self.update(here)["environment"]["root"])
        for path in ("etc/ld.so.cache", "usr/lib/cc-ci/environment", "usr/lib/cc-ci/path/jq/jq"):
            self.assertEqual(os.lstat(root / path).st_mtime_ns, newest * 10**9, path)
        self.assertEqual(os.lstat(root / "usr/share/newest/file").st_mtime, newest)
        self.verified(here, self.current)


if __name__ == "__main__":
    support.main()
