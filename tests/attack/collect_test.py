#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""gc in another pid namespace takes nothing away from a job that it cannot see."""
import os
import shutil
import subprocess

import support
from support import HASH

ELSEWHERE = ["unshare", "--pid", "--fork", "--kill-child", "--mount-proc"]


class Elsewhere(support.Attack):
    def test_a_job_in_another_container(self):
        self.store()
        place = self.state / "store" / "environment" / (HASH + "-shared")
        (place / "root/usr/bin").mkdir(parents=True)
        program = place / "root/usr/bin/sleep"
        shutil.copy("/bin/sleep", program)
        (place / "meta.json").write_text("{}\n")
        # As a job that joined: the program is open, but no mount and no variable names the place.
        bound = self.dir / "usr"
        bound.mkdir()
        with self.bound(place / "root/usr", bound):
            job = subprocess.Popen([bound / "bin/sleep", "600"], env=support.environment())
        try:
            self.good(self.cc_ci("gc", before=ELSEWHERE))
            self.assertTrue(program.exists())
            self.assertIn("another container",
                          self.good(self.cc_ci("store", "roots", before=ELSEWHERE)))
        finally:
            job.kill()
            job.wait()
        self.good(self.cc_ci("gc", before=ELSEWHERE))
        self.assertEqual(os.listdir(self.state / "store/environment"), [])


if __name__ == "__main__":
    support.main()
