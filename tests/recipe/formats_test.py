#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The plan of a sweep for other engines: valid by their published schemas, with the words of the command.

check-jsonschema of the Python package index has the schemas, and brings a reader of YAML 1.2.
"""
import json
import os
import re
import subprocess

import support

CHECKER = """\
[runtime]
tools  = ["bash", "coreutils", "python3"]
python = ["check-jsonschema"]
[packages.check-jsonschema]
pypi    = "check-jsonschema"
version = "==0.39.0"
"""
SCHEMAS = {"drone": "drone-ci", "github": "github-workflows", "gitlab": "gitlab-ci",
           "woodpecker": "woodpecker-ci"}
READ = ("import json, sys, ruamel.yaml as y; "
        "print(json.dumps(list(y.YAML(typ='safe').load_all(sys.stdin))))")
NAMES = ["a.b_c-1", "sweep"]
NASTY = "it's $HOME \"here\" ${NIGHT} ${{ github.sha }} `id` #1"


class Formats(support.RunTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        place = support.PLACE / "formats"
        place.mkdir(exist_ok=True)
        (place / "cc-ci.toml").write_text(CHECKER)
        words = [support.CC_CI, "-q", "-C", place, "--state", support.STATE]
        support.patiently(lambda: support.build(place), "the environment of the checker cannot be built")
        cls.inside = [*words, "run", "--"]

    def setUp(self):
        super().setUp()
        self.project = self.dir / NASTY
        self.project.mkdir()
        self.use(NAMES)
        # A cc-ci that says with what words it was called.
        self.said = self.dir / "said"
        (self.dir / "bin").mkdir()
        program = self.dir / "bin" / "cc-ci"
        program.write_text(f'#!/bin/sh\nprintf "%s\\0" "$@" >>{self.said}\n')
        program.chmod(0o755)

    def use(self, names):
        (self.project / "cc-ci.toml").write_text(support.DECLARATION + "".join(
            f'[recipes."{name}"]\nsource = "{name}"\n' for name in names))
        for name in names:
            if not (self.project / name).exists():
                support.Recipe(self.project / name).release("1.0.0+1")

    def plan(self, form):
        done = subprocess.run([support.CC_CI, "-q", "-C", self.project, "--state", self.dir / "state",
                               "sweep", "--plan", "--format", form, "--night", "n.1"],
                              env=support.PLAIN, stdout=subprocess.PIPE, text=True, check=True)
        return done.stdout

    def check(self, form, text):
        """Validates the plan; its documents."""
        read = subprocess.run([*self.inside, "python3", "-c", READ], input=text, text=True,
                              env=support.PLAIN, stdout=subprocess.PIPE, check=True)
        documents = json.loads(read.stdout)
        for number, document in enumerate(documents):
            file = self.dir / f"{form}-{number}.json"
            file.write_text(json.dumps(document))
            done = subprocess.run(
                [*self.inside, "check-jsonschema", "--builtin-schema", f"vendor.{SCHEMAS[form]}", file],
                env=support.PLAIN, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                check=False)
            self.assertEqual(done.returncode, 0, f"{text}\n{done.stdout}")
        return documents

    def words_of(self, lines):
        """What cc-ci is called with by these lines of a shell."""
        self.said.unlink(missing_ok=True)
        for line in lines:
            subprocess.run(["bash", "-euc", line], check=True, cwd="/",
                           env={**support.PLAIN, "PATH": f"{self.dir}/bin:/usr/bin:/bin"})
        said = self.said.read_bytes().decode().split("\0")[:-1] if self.said.exists() else []
        return [said[i:i + len(said) // len(lines)]
                for i in range(0, len(said), max(1, len(said) // len(lines)))]

    def assert_calls(self, lines, names):
        called = self.words_of(lines)
        self.assertEqual(len(called), len(names), lines)
        for words, name in zip(called, names):
            at = words.index("--file")
            self.assertEqual(words[at + 1], str(self.project / "cc-ci.toml"))
            self.assertEqual(words[-6:], ["sweep", "--night", "n.1", "--only", name, "--all"])

    @staticmethod
    def expanded(text, **variables):
        """As Woodpecker and Drone expand the bytes of a file."""
        assert "\\" not in text
        def value(found):
            return "$" if found[0] == "$$" else variables[found[1]]
        return re.sub(r"\$\$|\$\{(\w+)\}", value, text)

    def test_drone(self):
        documents = self.check("drone", self.expanded(self.plan("drone")))
        self.assertEqual([one["name"] for one in documents], ["sweep-" + name for name in NAMES])
        self.assert_calls([one["steps"][0]["commands"][0] for one in documents], NAMES)

    def test_woodpecker(self):
        text = self.plan("woodpecker")
        whole, = self.check("woodpecker", text)
        self.assertEqual([row["RECIPE"] for row in whole["matrix"]["include"]], NAMES)
        lines = []
        for row in whole["matrix"]["include"]:
            workflow, = self.check("woodpecker", self.expanded(text, **row))
            lines += workflow["steps"][0]["commands"]
        self.assert_calls(lines, NAMES)

    def test_gitlab(self):
        whole, = self.check("gitlab", self.plan("gitlab"))
        jobs = {name: job for name, job in whole.items() if name.startswith("sweep ")}
        self.assertEqual(sorted(jobs), ["sweep " + name for name in NAMES])
        self.assert_calls([jobs["sweep " + name]["script"][0] for name in NAMES], NAMES)

    def test_github(self):
        whole, = self.check("github", self.plan("github"))
        rows = [row for job in whole["jobs"].values() for row in job["strategy"]["matrix"]["include"]]
        self.assertEqual([row["recipe"] for row in rows], NAMES)
        for row in rows:  # no expression but the one that stands for its own beginning
            self.assertEqual(set(re.findall(r"\$\{\{.*?\}\}", row["command"])), {"${{ '${{' }}"})
        self.assert_calls([row["command"].replace("${{ '${{' }}", "${{") for row in rows], NAMES)
        self.assertEqual(whole["jobs"]["sweep"]["steps"][0]["run"], "${{ matrix.command }}")

    def test_nothing_to_do(self):
        self.use([])
        (self.project / "cc-ci.toml").write_text(
            support.DECLARATION + '[recipes.never]\nsource = "never"\n')
        recipe = support.Recipe(self.project / "never")
        recipe.write("compose.yml", support.compose())
        recipe.commit()
        for form in SCHEMAS:
            self.check(form, self.plan(form))
        script = self.plan("slurm")
        subprocess.run(["bash", "-euc", script], check=True,
                       env={**os.environ, "SLURM_ARRAY_TASK_ID": "0"})


if __name__ == "__main__":
    support.main()
