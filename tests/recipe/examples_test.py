#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""A sweep of the example recipes: each release reaches its level, and a second sweep has nothing to do."""
import json
import pathlib
import subprocess
import time

import support

SOURCE = pathlib.Path(__file__).resolve().parents[2]


class Examples(support.RunTest):
    def test_sweep_promotes_and_skips(self):
        # A state of its own: its results are counted.
        state = support.PLACE / "examples-state"
        for left in ["results.sqlite", "sweeps"]:
            subprocess.run(["rm", "-rf", state / left], check=True)
        recipes = self.dir / "recipes"
        release = SOURCE / "examples" / "recipes" / "release"
        subprocess.run([release, recipes], check=True, env=support.PLAIN)
        first, _ = self.sweep(recipes, state)
        self.assertEqual({r["name"]: (r["verdict"], r["level"], r["promoted"]) for r in first["recipes"]},
                         {name: ("pass", 5, True)
                          for name in ["board", "guestbook", "notes", "static-site"]}, first)
        for recipe in first["recipes"]:
            result = json.loads((pathlib.Path(recipe["results"]) / "results.json").read_text())
            rungs = {rung["name"]: rung["verdict"] for rung in result["rungs"]}
            self.assertEqual((rungs["install"], rungs["upgrade"], rungs["remove"]), ("pass",) * 3, rungs)
        # The same files give the same releases.
        subprocess.run([release, recipes], check=True, env=support.PLAIN)
        second, seconds = self.sweep(recipes, state)
        for recipe in second["recipes"]:
            self.assertEqual((recipe["decision"], recipe["verdict"]), ("skip", None))
            self.assertTrue(recipe["reason"].startswith("no new version since "), recipe)
        self.assertLess(seconds, 30)
        self.assertEqual([path for path in (state / "engines").glob("run-*") if path.name != "lock"], [])

    def sweep(self, recipes, state):
        began = time.monotonic()
        done = subprocess.run([support.CC_CI, "-q", "-C", recipes, "--state", state, "sweep", "--json"],
                              env=support.PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return json.loads(done.stdout), time.monotonic() - began


if __name__ == "__main__":
    support.main()
