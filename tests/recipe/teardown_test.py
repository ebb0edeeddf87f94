#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whatever ends a run, nothing of it is left. Parallel runs do not meet."""
import fcntl
import json
import os
import pathlib
import random
import signal
import subprocess
import tempfile
import time

import support


class Teardown(support.RunTest):
    def start(self, recipe, *words):
        return subprocess.Popen([*self.command(recipe, *words)], env=support.PLAIN,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)

    def test_stopped(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1")
        for after in [0, 0.7, 4]:
            out = pathlib.Path(tempfile.mkdtemp(dir=self.dir))
            run = self.start(recipe, "--out", out)
            while not (out / "log.txt").exists():
                time.sleep(0.01)
            time.sleep(after)
            run.send_signal(signal.SIGTERM)
            said = run.communicate(timeout=60)[0]
            self.assertEqual(run.returncode, 143, said)
            self.assertEqual(self.traces(), [])
            result = json.loads((out / "results.json").read_text())
            self.assertEqual(result["ending"], "stopped")
            self.assertEqual(result["verdict"], "unverified", said)

    def test_deadline(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", command="sleep 1000")
        self.declare('[recipes.demo]\nsource = "demo"\ndeadline = "5s"\n')
        result, _ = self.run_test(recipe, status=142)
        self.assertEqual(result["ending"], "deadline")
        self.assertEqual(self.traces(), [])

    def test_killed(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1")
        seed = int(os.environ.get("CCCI_SEED", time.time()))
        print("seed", seed)
        chance = random.Random(seed)
        for _ in range(int(os.environ.get("CCCI_KILLS", "6"))):
            run = self.start(recipe)
            time.sleep(chance.uniform(0, 9))
            run.kill()
            run.communicate()
        # The next start reaps, and then ends itself.
        self.run_test(recipe, "--tiers", "install")
        self.assertEqual(self.traces(), [])
        self.assertEqual([p.name for p in (support.STATE / "runs").iterdir()], [])

    def test_parallel(self):
        recipes = []
        for name in ["one", "two", "three"]:
            recipes.append(self.recipe(name))
            recipes[-1].release("1.0.0+1", command=f"mkdir -p /www; echo {name} >/www/index.html; "
                                "exec httpd -f -p 8080 -h /www")
            recipes[-1].write("tests/test_it.py", "def test_it(live_app, meta):\n"
                              "    assert live_app.get('/').text.strip() == meta.recipe\n")
        runs = [self.start(recipe, "--tiers", "install,custom") for recipe in recipes * 2]
        for run in runs:
            said = run.communicate(timeout=300)[0]
            self.assertEqual(run.returncode, 0, said)
        self.assertEqual(self.traces(), [])

    def test_two_into_one_directory(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1")
        out = self.dir / "out"
        out.mkdir()
        command = self.command(recipe, "--tiers", "lint", "--out", out)
        held = os.open(out, os.O_RDONLY)  # as the first test holds it
        fcntl.flock(held, fcntl.LOCK_EX)
        second = subprocess.run(command, env=support.PLAIN, stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(second.returncode, 3, second.stderr)
        self.assertIn("another test writes to", second.stderr)
        self.assertEqual(list(out.iterdir()), [])
        os.close(held)
        subprocess.run(command, env=support.PLAIN, stdout=subprocess.DEVNULL, check=True)
        self.assertTrue((out / "results.json").exists())

    @staticmethod
    def kept(*words):
        return subprocess.run([support.CC_CI, "--state", support.STATE, "kept", *words], check=True,
                              env=support.PLAIN, stdout=subprocess.PIPE, text=True).stdout

    def test_kept(self):
        recipe = self.recipe()
        recipe.release("1.0.0+1", command="exit 1")
        done = subprocess.run([*self.command(recipe, "--tiers", "install", "--keep")],
                              env=support.PLAIN, stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1, done.stdout)
        name = next(line.split()[-1] for line in done.stdout.splitlines() if "remove:" in line)
        self.assertNotEqual(self.traces(name), [])
        # The look needs no docker of the host.
        look = next(line for line in done.stdout.splitlines() if "look:" in line).split()[1:]
        seen = subprocess.run(look, env={"PATH": "/nonexistent"}, stdout=subprocess.PIPE, text=True,
                              check=True)
        self.assertIn("demo/app:1", seen.stdout)
        # It is listed until it is removed, and every test says so.
        listed, = json.loads(self.kept("--json"))["kept"]
        self.assertEqual((listed["name"], listed["subject"], listed["engine"], listed["runs"]),
                         (name, "demo 1.0.0+1: install failed", "private", True))
        self.assertEqual(listed["look"], " ".join(look))
        self.assertIn("  look:   " + listed["look"], self.kept())
        other = subprocess.run([*self.command(recipe, "--tiers", "lint")], env=support.PLAIN,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=True)
        self.assertRegex(other.stderr, rf"{name} \(demo 1.0.0\+1: install failed\) is kept since .*: cc-ci kept")
        remove = next(line for line in done.stdout.splitlines() if "remove:" in line).split()[2:]
        self.assertEqual(listed["remove"].split()[1:], remove)
        gone = subprocess.run([support.CC_CI, "-q", *remove],
                              env=support.PLAIN, stdout=subprocess.PIPE, text=True, check=False)
        self.assertEqual((gone.returncode, gone.stdout), (0, name + ": removed\n"))
        self.assertEqual(self.kept(), "no deployment is kept\n")
        self.assertEqual(self.traces(), [])

    def test_secrets_are_masked(self):
        recipe = self.recipe()
        recipe.write(".env.sample", "TYPE=demo\nDOMAIN=x\nSECRET_DB_VERSION=v1 # length=24\n")
        recipe.release("1.0.0+1", command="echo the secret is $(cat /run/secrets/db); exit 3",
                       service="    secrets: [db]\n",
                       more="secrets:\n  db:\n    external: true\n"
                            "    name: ${STACK_NAME}_db_${SECRET_DB_VERSION}\n")
        _, printed = self.run_test(recipe, "--tiers", "install", status=1)
        self.assertIn("the secret is ***", printed)


if __name__ == "__main__":
    support.main()
