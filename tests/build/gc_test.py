#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collection takes what nobody wants and nobody uses, and nothing else."""
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import support
from support import SMALL, TINY, environment, objects


class Collection(support.BuildTest):
    def setUp(self):
        super().setUp()
        self.here = self.project(SMALL)
        self.state_ = self.state(self.here)
        self.old = self.build(self.here, self.state_)["environment"]

    def change(self):
        """The declaration asks for less; what is left to collect is git and its environment."""
        (self.here / "cc-ci.toml").write_text(TINY)
        (self.here / "cc-ci.lock").write_bytes(
            (support.prepared(TINY) / "cc-ci.lock").read_bytes())
        return self.build(self.here, self.state_)["environment"]

    def gc(self, *words):
        return json.loads(self.good(self.cc_ci(self.here, self.state_, "gc", "--json", *words)))

    def test_the_old_goes_and_the_new_stays(self):
        new = self.change()
        before = objects(self.state_)
        planned = self.gc("--dry-run")
        self.assertEqual(objects(self.state_), before)
        self.assertTrue(os.path.isdir(self.old["path"]))
        self.assertIn(self.old["hash"], json.dumps(planned["removed"]))
        # What cc-ci writes is the same in both, so they share it. The new one keeps it.
        (listed,) = pathlib.Path(new["root"], "var/lib/dpkg/info").glob("dpkg.list")
        whole = listed.read_bytes()
        shared = pathlib.Path(self.old["root"], "var/lib/dpkg/info/dpkg.list")
        self.assertTrue(shared.samefile(listed))
        self.assertNotIn(new["hash"], json.dumps(planned["removed"]))

        done = self.gc()
        self.assertEqual(done["removed"], planned["removed"])
        self.assertEqual(done["bytes"], planned["bytes"])
        self.assertGreater(done["bytes"], 10 << 20)
        self.assertFalse(os.path.exists(self.old["path"]))
        self.assertFalse(any("-git" in name for name in objects(self.state_, "package")))
        self.assertEqual(objects(self.state_, "environment"), [os.path.basename(new["path"])])
        self.assertEqual(listed.read_bytes(), whole)
        self.verified(self.here, self.state_)
        self.assertEqual(self.good(self.inside(self.here, self.state_, "jq", "-n", "1")), "1\n")
        self.assertEqual(self.gc()["removed"], [])
        self.assertTrue(list((self.state_ / "archives").iterdir()), "archives stay unless asked for")

    def test_what_each_root_weighs_is_said(self):
        weights = {root["name"]: root["bytes"] for root in self.gc("--dry-run")["roots"]}
        (shared,) = [size for name, size in weights.items() if "environment" in name]
        self.assertGreater(shared, 50 << 20)
        text = self.good(self.cc_ci(self.here, self.state_, "gc", "--dry-run"))
        self.assertIn(" MB", text)

    def test_whose_each_root_is(self):
        def owners():
            text = self.good(self.cc_ci(self.here, self.state_, "store", "roots", "--json"))
            return {root["owner"] for root in json.loads(text)["roots"]}

        declaration = str(self.here.resolve() / "cc-ci.toml")
        self.assertEqual(owners(), {declaration})
        self.here.rename(self.here.with_name("moved"))
        moved = self.here.with_name("moved")
        text = self.good(self.cc_ci(moved, self.state_, "store", "roots"))
        self.assertIn(declaration + " (gone)", text)

    def test_archives_only_where_asked_for_and_not_needed(self):
        self.change()
        self.gc("--archives")
        wanted = support.locked_digests(self.here)
        kept = {name.split(".")[0] for name in os.listdir(self.state_ / "archives")}
        self.assertLessEqual(kept, wanted)
        self.build(self.here, self.state_)

    def test_an_environment_in_use_stays(self):
        words = [self.program, "-q", "-C", self.here, "--state", self.state_, "--offline", "run",
                 "--", "sh", "-c", "echo in; exec sleep 600"]
        used = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment())
        try:
            self.assertEqual(used.stdout.readline(), "in\n")
            self.change()
            roots = self.good(self.cc_ci(self.here, self.state_, "store", "roots"))
            self.assertIn(str(used.pid), roots)
            self.assertIn("a running job", roots)
            self.gc()
            self.assertTrue(os.path.isdir(self.old["path"]))
            # What runs there still finds its programs and its libraries.
            root = pathlib.Path(f"/proc/{used.pid}/root/usr/bin/git")
            self.assertTrue(root.exists())
        finally:
            used.kill()
            used.wait()
            used.stdout.close()
        self.gc()
        self.assertFalse(os.path.exists(self.old["path"]))
        self.verified(self.here, self.state_)

    @unittest.skipUnless(support.ROOT, "only root keeps namespaces")
    def test_a_collected_environment_loses_its_kept_namespace(self):
        last = str(max(os.sched_getaffinity(0)))
        self.good(self.inside(self.here, self.state_, "true", before=["taskset", "-c", last]))
        kept = pathlib.Path("/run/cc-ci/ns")
        names = [path.name for path in kept.rglob("*") if self.old["hash"] in str(path)]
        self.assertNotEqual(names, [], list(kept.rglob("*")))
        self.change()
        self.gc()
        left = [path for path in kept.rglob("*") if self.old["hash"] in str(path)]
        self.assertEqual(left, [])
        mounts = pathlib.Path("/proc/self/mountinfo").read_text()
        self.assertNotIn(self.old["hash"], mounts)

    @unittest.skipUnless(support.ROOT, "only root keeps namespaces")
    def test_a_deleted_state_directory_loses_its_kept_namespaces(self):
        last = str(max(os.sched_getaffinity(0)))
        # Another digest than the first: their namespaces have different names. It has a lock of its
        # own, which may name newer packages if the archive moved since the first was locked.
        project = self.project(TINY + "[runtime.variables]\nOTHER = \"1\"\n", "other")
        other = self.state(project, "deleted")
        environment = self.build(project, other)["environment"]["hash"]
        self.good(self.inside(project, other, "true", before=["taskset", "-c", last]))
        kept = pathlib.Path("/run/cc-ci/ns")
        self.assertNotEqual([p for p in kept.iterdir() if environment in p.name], [])
        shutil.rmtree(other)
        self.gc()
        self.assertEqual([p for p in kept.iterdir() if environment in p.name], [])


if __name__ == "__main__":
    support.main()
