#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A disk that is full: said with figures, nothing half there, and a way out of it."""
import hashlib
import os
import shutil
import subprocess
import unittest

import support
from support import SMALL, TINY, mounted, objects


def loop_works():
    if not support.ROOT:
        return False
    free = subprocess.run(["losetup", "-f"], capture_output=True)
    return free.returncode == 0


@unittest.skipUnless(loop_works(), "needs root and a free loop device")
class Disk(support.BuildTest):
    def image(self, megabytes, *options):
        path = self.dir / "image"
        with open(path, "wb") as file:
            file.truncate(megabytes << 20)
        subprocess.run(["mkfs.ext4", "-q", "-m", "0", *options, path], check=True)
        return path

    def fill(self, path):
        """Takes every block that is left."""
        with open(path, "wb", buffering=0) as file:
            for size in (1 << 20, 4096):
                while True:
                    try:
                        if file.write(b"\0" * size) < size:
                            break
                    except OSError:
                        break
            os.fsync(file.fileno())

    def test_full_while_building_then_space_again(self):
        here = self.project(SMALL)
        with mounted("-o", "loop", self.image(400), at=self.dir / "disk") as disk:
            state = self.state(here, "disk/state")
            first = self.project(TINY, "first")
            self.state(first, "other")
            for kept in (self.dir / "other/archives").iterdir():
                if not (state / "archives" / kept.name).exists():
                    (state / "archives" / kept.name).write_bytes(kept.read_bytes())
            # Something that can be collected later: built, then no longer wanted.
            self.build(first, state)
            for root in (state / "roots").iterdir():
                root.unlink()
            self.assertNotEqual(objects(state, "environment"), [])
            ballast = disk / "ballast"
            self.fill(ballast)
            with open(ballast, "r+b") as file:
                file.truncate(ballast.stat().st_size - (12 << 20))

            full = self.cc_ci(here, state, "--offline", "build", "--locked")
            self.refused(full, 3, "store.no-space", "needed ", "free ", "hint: cc-ci gc")
            self.assert_nothing_staged(state)
            self.verified(here, state)

            self.fill(disk / "more")
            self.assertLess(os.statvfs(disk).f_bavail, 16)
            self.refused(self.cc_ci(here, state, "--offline", "build", "--locked"), 3,
                         "store.no-space", "needed ", "free ")
            self.verified(here, state)
            self.good(self.cc_ci(here, state, "gc"))
            self.assertGreater(os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize, 50 << 20)
            self.assertEqual(objects(state, "environment"), [])
            self.verified(here, state)

            ballast.unlink()
            (disk / "more").unlink()
            self.build(here, state)
            self.assert_nothing_staged(state)
            self.verified(here, state)

    def test_full_before_a_tiny_object(self):
        here = self.project(TINY)
        with mounted("-o", "loop", self.image(400), at=self.dir / "disk") as disk:
            state = self.state(here, "disk/state")
            self.build(here, state)
            for entrypoint in objects(state, "entrypoint"):
                shutil.rmtree(state / "store/entrypoint" / entrypoint)
            shutil.rmtree(state / "builds")
            self.fill(disk / "ballast")
            full = self.cc_ci(here, state, "--offline", "build", "--locked")
            self.refused(full, 3, "store.no-space", "needed ", "free ", "hint: cc-ci gc")
            self.assert_nothing_staged(state)

    def test_no_inodes_left(self):
        here = self.project(TINY)
        with mounted("-o", "loop", self.image(400, "-N", "2000"), at=self.dir / "disk"):
            state = self.state(here, "disk/state")
            full = self.cc_ci(here, state, "--offline", "build", "--locked")
            self.refused(full, 3, "store.no-space", " inodes")
            self.assert_nothing_staged(state)
            self.verified(here, state)

    def test_full_while_an_archive_is_fetched(self):
        archive = self.dir / "noise.tar"
        (self.dir / "noise").write_bytes(os.urandom(8 << 20))
        subprocess.run(["tar", "-cf", archive, "noise"], cwd=self.dir, check=True)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        here = self.project(
            f'[runtime]\ntools = ["jq", "noise"]\n[packages.noise]\nurl = "file://{archive}"\n'
            f'sha256 = "{digest}"\ncommands = {{ noise = "noise" }}\n', locked=False)
        tiny = self.project(TINY, "tiny")
        with mounted("-o", "loop", self.image(400), at=self.dir / "disk") as disk:
            state = self.state(tiny, "disk/state", apt=True)
            self.good(self.cc_ci(here, state, "--offline", "lock"))
            # Locking has kept it, and unpacked it to look for its libraries.
            (state / "archives" / f"{digest}.archive").unlink()
            shutil.rmtree(state / "store")
            self.fill(disk / "ballast")
            os.truncate(disk / "ballast", (disk / "ballast").stat().st_size - (4 << 20))
            full = self.cc_ci(here, state, "--offline", "build", "--locked")
            self.refused(full, 3, "store.no-space", "noise", "needed 8", "free ")
            self.assertEqual(list((state / "archives").glob(digest + "*")), [])
            self.verified(here, state)


if __name__ == "__main__":
    support.main()
