#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The same lock gives the same bits, whoever builds it, in whatever order, how often at once."""
import json
import os
import shutil
import subprocess
import unittest

import support
from support import as_user, environment, objects, tree_digest


class Digest(support.BuildTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reference = None

    def setUp(self):
        super().setUp()
        self.here = self.project()
        if Digest.reference is None:
            state = self.state(self.here, "reference")
            Digest.reference = self.facts(state, self.build(self.here, state))

    def facts(self, state, built):
        shared = built["environment"]
        self.assertTrue(shared["path"].startswith(str(state)), shared["path"])
        return shared["hash"], shared["digest"], tree_digest(shared["root"]), objects(state, "package")

    def agrees(self, name, **options):
        state = self.state(self.here, name)
        self.assertEqual(self.facts(state, self.build(self.here, state, **options)), self.reference)

    def test_the_scripts_of_essential_packages_run_once(self):
        """They run while other packages are unpacked. What they made is used afterwards."""
        state = self.state(self.here, "once")
        self.build(self.here, state)
        ran = [json.loads((made / "meta.json").read_text())["ran"]
               for made in (state / "store/configuration").iterdir()]
        self.assertEqual(sum("base-files" in one for one in ran), 1, ran)

    def test_umask_locale_zone_clock_and_one_processor(self):
        locale = {"LC_ALL": "tr_TR.UTF-8", "LANGUAGE": "tr", "TZ": "Pacific/Kiritimati"}
        clock = ["faketime", "-f", "@2001-02-03 04:05:06"] if shutil.which("faketime") else []
        self.agrees("other", env=environment(**locale), umask=0o077,
                    before=["taskset", "-c", str(min(os.sched_getaffinity(0))), *clock])

    @unittest.skipUnless(support.ROOT, "needs root to become an ordinary user")
    def test_an_ordinary_user(self):
        state = self.state(self.here, "user", copy=True)
        subprocess.run(["chown", "-R", f"{support.USER}:{support.USER}", state, self.here], check=True)
        built = self.build(self.here, state, before=as_user())
        self.assertEqual(self.facts(state, built), self.reference)
        owners = {os.lstat(path).st_uid for path in (state / "store").rglob("*")}
        self.assertEqual(owners, {support.USER})
        home = environment(HOME=str(state))
        self.assertEqual(self.good(self.inside(self.here, state, "jq", "-n", "1+1", env=home,
                                               before=as_user())), "2\n")

    def test_packages_that_came_in_another_order(self):
        state = self.state(self.here, "grown")
        first = self.project('[runtime]\ntools = ["jq"]\n', "first")
        smaller = self.build(first, state)
        self.assertNotEqual(smaller["environment"]["digest"], self.reference[1])
        self.assertEqual(self.facts(state, self.build(self.here, state)), self.reference)

    def test_archives_of_another_age_and_mode_and_an_open_umask(self):
        state = self.state(self.here, "aged", copy=True)
        for number, archive in enumerate((state / "archives").iterdir()):
            os.utime(archive, (number, number * 1000))
            archive.chmod(0o400)
        self.assertEqual(self.facts(state, self.build(self.here, state, umask=0)), self.reference)

    def test_eight_at_once_share_the_work(self):
        state = self.state(self.here, "eight")
        words = [self.program, "-q", "-C", self.here, "--state", state, "--offline", "build",
                 "--locked", "--json"]
        running = [subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                    env=environment()) for _ in range(8)]
        ended = [(*process.communicate(timeout=300), process.returncode) for process in running]
        self.assertEqual({(status, errors) for _, errors, status in ended}, {(0, "")})
        self.assertEqual(len({out for out, _, _ in ended}), 1)
        self.assertEqual(self.facts(state, json.loads(ended[0][0])), self.reference)
        self.assertEqual(len(objects(state, "environment")), 1)
        self.assertEqual(len(objects(state, "launcher")), 1)
        self.assert_nothing_staged(state)
        self.verified(self.here, state)


if __name__ == "__main__":
    support.main()
