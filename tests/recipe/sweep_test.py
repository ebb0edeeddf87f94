#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sweeps over real recipes on real engines: decisions, one verdict each, memory."""
import datetime
import functools
import gzip
import http.server
import json
import os
import signal
import sqlite3
import subprocess
import threading
import time

import support

QUICK = 'images = ["demo.tar"]\nskip = { upgrade = "short", restore = "short", remove = "short" }\n'


class Sweep(support.RunTest):
    def setUp(self):
        super().setUp()
        # A state of its own with the built environment of all tests: results are counted.
        self.state = support.STATE
        for left in ["results.sqlite", "sweeps"]:
            subprocess.run(["rm", "-rf", self.state / left], check=True)

    def enrol(self, *names, more=""):
        self.declare("".join(f'[recipes.{name}]\nsource = "{name}"\n{QUICK}' for name in names) + more)

    def call(self, *words, status=0):
        done = subprocess.run([support.CC_CI, "-q", "-C", self.dir, "--state", self.state, *words],
                              env=support.PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done

    def cc_ci(self, *words, status=0):
        return self.call(*words, status=status).stdout

    def sweep(self, *words, status=0):
        return json.loads(self.cc_ci("sweep", "--json", *words, status=status))

    def verdicts(self):
        with sqlite3.connect(self.state / "results.sqlite") as results:
            return results.execute("SELECT night, recipe, verdict FROM verdicts ORDER BY id").fetchall()

    def test_decisions_and_verdicts(self):
        good, bad, flaky, raw = (self.recipe(name) for name in ["good", "bad", "flaky", "raw"])
        good.release("1.0.0+1")
        bad.release("1.0.0+1", command="echo no database; exit 1")
        flaky.release("1.0.0+1", image_name="demo/flaky:1")
        support.image(self.dir / "flaky.tar", ["demo/another:1"], self.busybox)
        support.image(self.dir / "whole.tar", ["demo/flaky:1"], self.busybox)
        raw.write("compose.yml", support.compose())
        raw.commit()
        told = self.dir / "told"
        script = self.dir / "tell"
        script.write_text(f"#!/bin/sh\ncat >>{told}\n")
        script.chmod(0o755)
        self.enrol("good", "bad", "raw",
                   more=f'[recipes.flaky]\nsource = "flaky"\n{QUICK.replace("demo", "flaky")}'
                   f'[recipes.gone]\nsource = "gone.git"\n[sweep]\nnotify = ["{script}"]\n')
        plan = json.loads(self.cc_ci("sweep", "--dry-run", "--json"))
        self.assertEqual({r["name"]: (r["decision"], r["reason"]) for r in plan["recipes"]}, {
            "good": ("run", "first run"), "bad": ("run", "first run"), "flaky": ("run", "first run"),
            "raw": ("skip", "never released"), "gone": ("run", "cannot be fetched")})
        self.assertFalse((self.state / "results.sqlite").exists())
        threading.Thread(target=self.mend_when_run_again, daemon=True).start()
        first = self.sweep(status=1)
        rows = {r["name"]: r for r in first["recipes"]}
        self.assertEqual({name: row["verdict"] for name, row in rows.items()}, {
            "good": "pass", "bad": "fail", "flaky": "flaky", "raw": None, "gone": "fail"})
        self.assertIn("no database", rows["bad"]["problem"] + self.log("bad"))
        shown = self.cc_ci("results", "show", first["sweep"] + "/bad")
        self.assertRegex(shown, r"last words\n( .*\n)*  no database")
        for name, text in [("junit.xml", "no database\n</failure><system-out>log: "),
                           ("summary.html", '<a href="runs/flaky/log.txt">log of the first run</a>')]:
            self.assertIn(text, (self.state / "sweeps" / first["sweep"] / name).read_text())
        self.assertIn("no database", json.loads(told.read_text())["recipes"][0]["last_words"])
        self.assertIn("failed first: install", rows["flaky"]["problem"])
        self.assertEqual(rows["good"]["level"], 5)
        self.assertTrue(rows["good"]["promoted"])
        self.assertEqual(json.loads(told.read_text())["sweep"], first["sweep"])
        self.assertEqual(self.traces(), [])
        # The second night: what is green is skipped, the rest is run again.
        told.unlink()
        second = self.sweep(status=1)
        rows = {r["name"]: r for r in second["recipes"]}
        today = datetime.datetime.now(datetime.timezone.utc).date()
        self.assertRegex(rows["good"]["reason"], r"no new version since 1\.0\.0\+1 of \d{4}-\d\d-\d\d")
        self.assertEqual((rows["bad"]["reason"], rows["flaky"]["reason"]), ("last red", "last flaky"))
        self.assertEqual(rows["flaky"]["verdict"], "pass")
        self.assertNotEqual(second["sweep"], first["sweep"])
        self.assertTrue(told.exists(), today)
        # A new release that breaks: the cause is named.
        good.release("1.1.0+1", command="exit 1")
        third = self.sweep("--only", "good", status=1)
        self.assertEqual(third["recipes"][0]["reason"], "new version 1.1.0+1")
        self.assertIn("the recipe moved from 1.0.0+1 to 1.1.0+1", third["recipes"][0]["cause"])
        self.assertIn("the last one of all recipes: cc-ci results show " + second["sweep"],
                      self.cc_ci("results", "show"))
        self.assertNotIn("of all recipes", self.cc_ci("results", "show", second["sweep"]))
        self.assertRegex(self.cc_ci("results", "list"), third["sweep"] + r" .*some recipes\n")
        compared = self.cc_ci("results", "compare", second["sweep"], third["sweep"], status=1)
        self.assertRegex(compared, r"good +turned red +pass +fail")
        # A run and a night: only the run's recipe.
        compared = self.cc_ci("results", "compare", second["sweep"], third["sweep"] + "/good", status=1)
        self.assertRegex(compared, r"good +turned red")
        self.assertNotIn("vanished", compared)
        self.assertIn("raw was skipped: never released", self.cc_ci("results", "show", "raw"))
        self.assertIn("canonical: 1.0.0+1", self.cc_ci("results", "show", "good"))
        self.assertIn(first["sweep"], self.cc_ci("results", "list"))
        exported = self.dir / "all.json"
        exported.write_text(self.cc_ci("results", "export"))
        self.assertIn("0 verdicts stored, ", self.cc_ci("results", "import", exported))
        self.assertEqual(len(self.verdicts()), len(set((n, r) for n, r, _ in self.verdicts())))

    def test_a_notify_command_that_cannot_start_is_told(self):
        script = self.dir / "tell"
        script.write_text("#!/absent/interpreter\n")
        script.chmod(0o755)
        self.enrol(more=f'[recipes.gone]\nsource = "gone.git"\n[sweep]\nnotify = ["{script}"]\n')
        told = self.call("sweep", status=1).stderr
        self.assertIn(f"the notify command {script} cannot be started, so nobody was told", told)

    def test_a_dependency_that_cannot_be_read_is_blamed(self):
        broken, front = self.recipe("broken"), self.recipe("front")
        broken.release("1.0.0+1")
        front.release("1.0.0+1")
        broken.write("compose.yml", "services: [\n")
        broken.commit("1.1.0+1")
        self.enrol(more=f'[recipes.broken]\nsource = "broken"\n'
                   f'[recipes.front]\nsource = "front"\n{QUICK}dependencies = ["broken"]\n'
                   f'[recipes.lost]\nsource = "absent"\n'
                   f'[recipes.other]\nsource = "front"\n{QUICK}dependencies = ["lost"]\n')
        rows = {r["name"]: r for r in self.sweep("--only", "front,other", status=4)["recipes"]}
        for name, blamed in [("front", "dependency broken cannot be read: compose.yml:2:1: not YAML"),
                             ("other", "dependency lost cannot be read: ")]:
            self.assertEqual(rows[name]["verdict"], "unverified", rows)
            self.assertIn(blamed, rows[name]["problem"])
            # Nothing is run again, and no machine has failed.
            self.assertEqual(list(self.state.glob(f"sweeps/*/runs/{name}+again")), [])

    def test_an_environment_of_nothing_is_refused(self):
        self.recipe("good").release("1.0.0+1")
        self.enrol("good")
        told = self.call("test", "good", "--environment-of", "absent.toml", status=2).stderr
        self.assertIn("--environment-of absent.toml: expected another cc-ci.toml, found no such file", told)

    def reasons(self, *words):
        plan = json.loads(self.cc_ci("sweep", "--dry-run", "--json", *words))
        return {r["name"]: (r["decision"], r["reason"]) for r in plan["recipes"]}

    def test_what_only_files_turn_red_is_tested_once(self):
        lint, unreadable, crash = (self.recipe(name) for name in ["lint", "unreadable", "crash"])
        for recipe in [lint, crash]:
            (recipe.path / ".env.sample").unlink()
        lint.release("1.0.0+1")
        crash.release("1.0.0+1", command="exit 1")
        unreadable.release("1.0.0+1", service="    netwrks: [proxy]\n")
        self.enrol("lint", "unreadable", "crash")
        night = self.sweep(status=1)
        rows = {r["name"]: r for r in night["recipes"]}
        self.assertEqual({row["verdict"] for row in rows.values()}, {"fail"})
        self.assertIn("R008", rows["lint"]["problem"])
        self.assertIn("[recipe.unknown-key]", rows["unreadable"]["problem"])
        runs = self.state / "sweeps" / night["sweep"] / "runs"
        self.assertEqual([path.name for path in runs.glob("*+again")], ["crash+again"])
        settled = {name: json.loads((runs / name / "results.json").read_text())["settled"] for name in rows}
        self.assertEqual(settled, {"lint": True, "unreadable": True, "crash": False})

    def test_other_images_are_a_reason(self):
        self.recipe("archived").release("1.0.0+1")
        self.recipe("declared").release(
            "1.0.0+1", image_name="docker.io/demo/site:1", command="exec busybox httpd -f -p 8080 -h /www",
            health='healthcheck: {test: ["CMD", "busybox", "true"], interval: 1s}')
        page = self.dir / "page.html"
        page.write_text("first")
        skip = QUICK.split("\n", 1)[1]
        self.declare(f'[recipes.archived]\nsource = "archived"\n{QUICK}'
                     f'[recipes.declared]\nsource = "declared"\n{skip}'
                     '[images.site]\ntags = ["demo/site:1"]\npackages = ["busybox-static"]\n'
                     'essential = false\nlinks = { "/bin/sh" = "busybox" }\n'
                     '[images.site.files."/www/index.html"]\nsource = "page.html"\n')
        first = self.sweep()
        self.assertEqual([row["verdict"] for row in first["recipes"]], ["pass", "pass"])
        quiet = self.reasons()
        self.assertEqual({decision for decision, _ in quiet.values()}, {"skip"}, quiet)
        # Another file with the same images is no other image.
        os.replace(self.dir / "demo.tar", self.dir / "old.tar")
        (self.dir / "demo.tar").write_bytes(gzip.compress((self.dir / "old.tar").read_bytes(), 1))
        self.assertEqual(self.reasons(), quiet)
        support.image(self.dir / "demo.tar", ["demo/app:1"], self.busybox, {"www/new": "second"})
        # An image that no earlier run of this test has made.
        page.write_text(f"second {time.time_ns()}")
        self.assertEqual(self.reasons(), {
            "archived": ("run", "image demo/app:1 changed"),
            "declared": ("run", "image docker.io/demo/site:1 changed, or never made on this machine")})
        second = self.sweep("--only", "declared")
        row, = second["recipes"]
        self.assertEqual((row["reason"], row["verdict"]), ("image docker.io/demo/site:1 changed", "pass"))
        self.assertEqual(self.reasons("--only", "declared"), {"declared": quiet["declared"]})
        # The environment is unknown, but not everything.
        self.declare((self.dir / "cc-ci.toml").read_text()[len(support.DECLARATION):].replace(
            '"busybox-static"]\nessential', '"busybox-static", "ca-certificates"]\nessential'))
        unknown = self.reasons()
        self.assertEqual(unknown["archived"], ("run", "image demo/app:1 changed"))
        self.assertIn("if it is the same as before: no new version since", unknown["declared"][1])
        (self.dir / "demo.tar").unlink()
        self.assertRegex(self.reasons()["archived"][1], r"its images cannot be read: .*demo\.tar")

    def test_what_is_kept_and_what_is_no_release(self):
        kept, tree, whole = (self.recipe(name) for name in ["kept", "tree", "whole"])
        kept.release("1.0.0+1", command="exit 1")
        for recipe in [tree, whole]:
            recipe.write("compose.yml", support.compose())
            recipe.commit()
        tree.git("tag", "-a", "2.0.0+1", "-m", "2", "HEAD^{tree}")
        subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{whole.path}", self.dir / "part"],
                       env=support.PLAIN, check=True)
        self.enrol("kept", "tree", "part")
        self.cc_ci("test", "kept", "--tiers", "install", "--keep", status=1)
        one, = json.loads(self.cc_ci("kept", "--json"))["kept"]
        told = self.told("sweep", "--only", "tree,part", status=0)
        self.assertRegex(told, rf"{one['name']} \(kept 1\.0\.0\+1: install failed\) is kept since .*: cc-ci kept")
        self.assertIn("tree: tag 2.0.0+1 leads to no commit, so it is no release", told)
        reasons = self.reasons("--only", "tree,part")
        self.assertEqual(reasons["tree"], ("skip", "never released"))
        self.assertIn(f"shallow clone, and these have no older tags: git -C {self.dir}/part fetch "
                      "--unshallow --tags", reasons["part"][1])
        self.cc_ci("test", "--remove", one["name"])
        self.assertEqual(self.traces(), [])

    def mend_when_run_again(self):
        """The archive of the image is whole as soon as the second run begins."""
        while not list((self.state / "sweeps").glob("*/runs/flaky+again")):
            time.sleep(0.01)
        os.replace(self.dir / "whole.tar", self.dir / "flaky.tar")

    def log(self, recipe):
        files = list((self.state / "sweeps").glob(f"*/runs/{recipe}*/log.txt"))
        return "".join(file.read_text() for file in files)

    def test_recipe_of_a_catalogue_has_its_settings(self):
        self.recipe("cat").release("1.0.0+1")
        (self.dir / "recipes.json").write_text(json.dumps({"cat": {"repository": "cat"}}))
        self.declare(f'[recipes]\ncatalogue = "recipes.json"\n[recipes.cat]\n{QUICK}')
        swept = self.sweep()
        self.assertEqual([row["verdict"] for row in swept["recipes"]], ["pass"], swept)

    def test_catalogue_at_a_url(self):
        recipe = self.recipe("raw")
        recipe.write("compose.yml", support.compose())
        recipe.commit()
        served = self.dir / "served"
        served.mkdir()
        (served / "recipes.json").write_text(json.dumps({"raw": {"repository": str(self.dir / "raw")}}))
        handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=served)
        handler.log_message = lambda *_: None
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/recipes.json"
        self.declare(f'[recipes]\ncatalogue = "{url}"\n')
        copies = self.state / "catalogues"
        subprocess.run(["rm", "-rf", copies], check=True)
        # A look fetches it, and keeps nothing.
        self.assertIn("never released", self.cc_ci("sweep", "--dry-run"))
        self.assertIn("raw", self.cc_ci("test", "raw", "--dry-run"))
        self.assertFalse(copies.exists())
        self.assertIn("expected the copy of an earlier sweep",
                      self.told("--offline", "sweep", "--dry-run", status=3))
        self.sweep()
        self.assertEqual([file.suffix for file in copies.iterdir()], [".json"])
        self.declare(f'[recipes.far]\nsource = "{url[:-len("/recipes.json")]}/far.git"\n')
        self.assertIn("its server is not asked, because of --offline",
                      self.cc_ci("--offline", "sweep", "--dry-run"))
        self.declare(f'[recipes]\ncatalogue = "{url}"\n')
        server.shutdown()
        server.server_close()
        # The sweep of the night does not need the server if there is a copy.
        self.assertIn("; the copy of ", self.told("sweep", "--dry-run", status=0))
        self.assertEqual(self.sweep()["recipes"][0]["reason"], "never released")
        subprocess.run(["rm", "-rf", copies], check=True)
        refused = self.told("sweep", status=3)
        self.assertIn("Connection refused", refused)
        self.assertEqual(list(copies.iterdir()), [])

    def test_data_of_the_canonical_is_kept(self):
        """In a restic repository of the operator's, by restic of the environment."""
        kept, plain = self.recipe("kept"), self.recipe("plain")
        labels = ('        - "backupbot.backup=true"\n'
                  '        - "backupbot.backup.volumes.data.path=dump"\n')
        kept.release("1.0.0+1", labels=labels, more="volumes: {data: {}}\n",
                     service="    volumes: [data:/data]",
                     command="echo first >/data/dump; " + support.SERVE)
        plain.release("1.0.0+1")
        vault, word = self.dir / "vault", self.dir / "word"
        word.write_text("of the house\n")
        self.enrol("kept", "plain",
                   more=f'[sweep]\nsnapshots = "{vault}"\nsnapshots_password = "{word}"\n')
        first = self.sweep()
        self.assertEqual([row["promoted"] for row in first["recipes"]], [True, True], first)
        self.assertRegex(self.cc_ci("results", "show", "kept"), "canonical: .*, its data is snapshot ")
        self.assertNotIn("snapshot", self.cc_ci("results", "show", "plain"))
        self.assertEqual(list((self.state / "sweeps").glob("*/runs/*/backup")), [])
        snapshot, = self.restic(vault, "snapshots")
        self.assertIn("version=1.0.0+1", snapshot["tags"])
        restored = self.dir / "restored"
        self.restic(vault, "restore", snapshot["id"], "--target", restored)
        dump, = restored.glob("**/dump")
        self.assertEqual(dump.read_text(), "first\n")
        # What cannot be kept is not canonical.
        word.write_text("another\n")
        self.assertIn("wrong password", self.told("sweep", "--all", status=3))
        self.assertEqual(self.traces(), [])

    def restic(self, vault, *words):
        done = subprocess.run(
            [support.CC_CI, "-q", "-C", self.dir, "--state", self.state, "run", "--", "/usr/bin/restic",
             "--repo", vault, "--no-cache", "--json", *words], check=True, stdout=subprocess.PIPE,
            env={**support.PLAIN, "RESTIC_PASSWORD": "of the house"}, text=True)
        return json.loads(done.stdout) if words[0] == "snapshots" else None

    def test_bisect_finds_the_commit_and_the_revision(self):
        good, picky = self.recipe("good"), self.recipe("picky")
        picky.write("tests/test_mode.py",
                    "import os\n\ndef test_mode():\n    assert os.environ['MODE'] == 'old'\n")
        for recipe in [good, picky]:
            recipe.release("1.0.0+1")
        revisions = [self.commit_declaration("old")]
        self.assertEqual([r["verdict"] for r in self.sweep()["recipes"]], ["pass"] * 2)
        self.told("sweep", "--bisect", "good", status=2)
        # Of the recipe's next commits the second breaks it.
        broken = None
        for number, command in enumerate([support.SERVE + " ", "echo broken; exit 1", "exit 1"]):
            good.write("compose.yml", support.compose("1.1.0+1", command=command))
            good.commit("1.1.0+1" if number == 2 else None)
            if number == 1:
                broken = self.head(good.path)
        self.assertEqual(self.sweep("--only", "good", status=1)["recipes"][0]["verdict"], "fail")
        found = json.loads(self.cc_ci("sweep", "--bisect", "good", "--json"))
        self.assertEqual((found["culprit"], found["first_red"]), ("recipe", broken), found)
        # Of the declaration's next revisions the second breaks it.
        revisions += [self.commit_declaration("old", "# a comment\n"), self.commit_declaration("new"),
                      self.commit_declaration("new", "# another\n")]
        self.assertEqual(self.sweep("--only", "picky", status=1)["recipes"][0]["verdict"], "fail")
        verdicts = self.verdicts()
        found = json.loads(self.cc_ci("sweep", "--bisect", "picky", "--json"))
        self.assertEqual((found["culprit"], found["last_green"], found["first_red"]),
                         ("environment", revisions[1], revisions[2]), found)
        self.assertEqual(self.verdicts(), verdicts)
        # Then the settings of the recipe, of which the second revision breaks it too.
        revisions = [self.commit_declaration("old")]
        self.assertEqual(self.sweep("--only", "picky")["recipes"][0]["verdict"], "pass")
        wrong = '[recipes.picky.checks.front]\ntitle = "not there"\n'
        revisions += [self.commit_declaration("old", "# a comment\n"),
                      self.commit_declaration("old", wrong)]
        self.commit_declaration("old", wrong + "status = 200\n")
        row, = self.sweep("--only", "picky", status=1)["recipes"]
        self.assertEqual(row["reason"], "settings changed: checks")
        self.assertEqual(row["cause"], "its settings in the declaration changed: checks")
        found = json.loads(self.cc_ci("sweep", "--bisect", "picky", "--json"))
        self.assertEqual((found["culprit"], found["last_green"], found["first_red"]),
                         ("settings", revisions[1], revisions[2]), found)
        self.assertEqual(self.traces(), [])

    def commit_declaration(self, mode, before=""):
        self.enrol("good", "picky", more=f'{before}[runtime.variables]\nMODE = "{mode}"\n')
        self.cc_ci("lock")
        if not (self.dir / ".git").exists():
            subprocess.run(["git", "init", "--quiet", self.dir], env=support.PLAIN, check=True)
        git = ["git", "-C", self.dir, "-c", "user.name=a", "-c", "user.email=a@b.test"]
        subprocess.run([*git, "add", "cc-ci.toml", "cc-ci.lock"], env=support.PLAIN, check=True)
        subprocess.run([*git, "commit", "--quiet", "-m", mode], env=support.PLAIN, check=True)
        return self.head(self.dir)

    def head(self, directory):
        return subprocess.run(["git", "-C", directory, "rev-parse", "HEAD"], env=support.PLAIN,
                              stdout=subprocess.PIPE, text=True, check=True).stdout.strip()

    def told(self, *words, status):
        done = subprocess.run([support.CC_CI, "-C", self.dir, "--state", self.state, *words],
                              env=support.PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, check=False)
        self.assertEqual(done.returncode, status, done.stdout + done.stderr)
        return done.stderr

    def test_killed_sweep_is_continued(self):
        names = ["one", "two", "three"]
        for name in names:
            self.recipe(name).release("1.0.0+1")
        self.enrol(*names)
        command = [support.CC_CI, "-q", "-C", self.dir, "--state", self.state, "sweep", "--jobs", "1"]
        for kills in range(20):
            run = subprocess.Popen(command, env=support.PLAIN, stdout=subprocess.DEVNULL)
            self.addCleanup(run.kill)
            while run.poll() is None and len(self.done()) < min(kills + 1, 2):
                time.sleep(0.05)
            if len(self.done()) == 2:
                break
            run.kill()
            run.wait()
        busy = subprocess.run(command, env=support.PLAIN, stdout=subprocess.DEVNULL,
                              stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(busy.returncode, 3, busy.stderr)
        self.assertIn("another sweep is running", busy.stderr)
        run.send_signal(signal.SIGKILL)
        run.wait()
        resumed = subprocess.run([*command, "--json"], env=support.PLAIN, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, text=True, check=True)
        last = json.loads(resumed.stdout)
        self.assertTrue(last["continued"])
        self.assertIn(f"the sweep of {last['sweep']} goes on: verdicts so far: 2 of 3",
                      resumed.stderr)
        self.assertEqual([r["verdict"] for r in last["recipes"]], ["pass"] * 3)
        rows = self.verdicts()
        self.assertEqual(sorted(recipe for _, recipe, _ in rows), sorted(names))
        self.assertEqual(len({night for night, _, _ in rows}), 1)
        deadline = time.time() + 60
        while self.traces() and time.time() < deadline:
            time.sleep(0.2)
        self.assertEqual(self.traces(), [])

    def done(self):
        if not (self.state / "results.sqlite").exists():
            return []  # opening it would make an empty file, which a sweep refuses
        try:
            return self.verdicts()
        except sqlite3.OperationalError:
            return []


if __name__ == "__main__":
    support.main()
