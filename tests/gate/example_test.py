# SPDX-License-Identifier: GPL-3.0-or-later
"""Gate M1 of the example: claimed with one key, verified from cold with another, on the status page.
And the same with one thing broken on purpose, for each item of M1: it fails there, nowhere else
where the rest does not need it, and the verdict says why.

Archives are those of the build cache; every verification compares them with the lock's digests."""
import json
import pathlib
import re
import shutil
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / name) for name in ("gate", "prove")]
import rig  # noqa: E402
import collision_test  # noqa: E402
from rig import support  # noqa: E402

BUILT = """cc-ci build --locked --json >"$TMPDIR/build.json"
root="$(cc-ci run -- jq -r '.hosts["cc-ci"].path' <"$TMPDIR/build.json")/root"
"""


class GateTest(rig.Rig, collision_test.ArchiveTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.example = support.example(cls.base / "example")
        cls.lock = support.prepared((cls.example / "cc-ci.toml").read_text()) / "cc-ci.lock"

    def setUp(self):
        super().setUp()
        self.here = self.dir / "project"
        shutil.copytree(self.example, self.here)
        shutil.copy(self.lock, self.here)
        self.begin()

    def edit(self, file, before, after):
        text = (self.here / file).read_text()
        self.assertIn(before, text)
        (self.here / file).write_text(text.replace(before, after, 1))

    def write(self, file, text):
        (self.here / file).parent.mkdir(parents=True, exist_ok=True)
        (self.here / file).write_text(text)

    def lock_again(self):
        """Answers the declaration as it was edited, without asking for more archives than needed."""
        state = support.CACHE / "state"
        if self.cc_ci(self.here, state, "--offline", "lock").returncode != 0:
            self.good(self.cc_ci(self.here, state, "lock"))

    def a_host_is_changed(self, script):
        """Between the build and the checks that look at it, as somebody would on the host."""
        self.edit("gates/runtime.toml", "# 2. Single source",
                  "[[gate.check]]\nname = \"somebody-changes-host-cc-ci\"\nhow = '''\n" + BUILT +
                  script + "echo changed'''\nexpect = { output = \"changed\" }\n\n# 2. Single source")

    def verify(self):
        """The verdict on the last claim: names of the red checks, and reasons."""
        result = self.gate("verify", "M1", "--key", self.key("reviewer"), "--archives",
                           support.CACHE / "state" / "archives", "--json")
        self.assertIn(result.returncode, (0, 1), result.stderr)
        verdict = json.loads(result.stdout)["verdict"]
        self.assertEqual(verdict["verdict"], ("pass", "fail")[result.returncode])
        self.verdict = verdict
        return {check["name"]: " ".join(check["reasons"]) for check in verdict["checks"]
                if not check["held"]}

    def claimed_and_verified(self, message):
        self.commit(message)
        self.push()
        self.good(self.gate("claim", "M1", "--key", self.key("builder")))
        return self.verify()

    def broken(self, message, *items):
        """It does not pass, no item but these is red, and the status page lists the red checks."""
        red = self.claimed_and_verified(message)
        self.assertEqual(sorted({name.split("-")[0] for name in red}), sorted(items), red)
        status = self.gate("status", "--markdown")
        self.assertEqual(status.returncode, 1)
        for name in red:
            self.assertIn(name.replace("-", "\\-"), status.stdout)
            self.assertIn(f"# {name}\n", self.verdict["reproduction"])
        return red

    def test_claim_cold_verification_pass_status(self):
        builder = self.key("builder")
        self.refused(self.gate("claim", "M1", "--key", builder), 2, "gate.unpushed")
        self.push()
        self.assertEqual(self.gate("status").returncode, 1)
        self.refused(self.gate("claim", "M2", "--key", builder), 1, "gate.closed")
        self.good(self.gate("claim", "M1", "--key", builder))
        same = self.gate("verify", "M1", "--key", builder)
        self.assertNotEqual(same.returncode, 0, same.stdout)
        self.assertEqual(self.verify(), {})
        self.good(self.gate("status", "M1"))
        page = self.gate("status", "--markdown")
        self.assertEqual(page.returncode, 1, "M2 is open now, and not passed")
        self.assertRegex(page.stdout, r"(?m)^\| M1 \| passed \| .* \| PASS \| 0 of \d+ \|$")
        self.assertRegex(page.stdout, r"(?m)^\| M2 \| open \|")
        self.good(self.gate("log"))
        if support.ROOT:
            self.assertEqual(self.verdict["state"]["path"], "/var/lib/cc-ci", self.verdict["state"])
            self.recorded_digest_is_the_hosts()

    def recorded_digest_is_the_hosts(self):
        """What the record says of the entrypoint is what a build below /var/lib/cc-ci comes to."""
        script = ('mkdir -p /var/lib/cc-ci && mount -t tmpfs -o mode=755 state /var/lib/cc-ci && '
                  'mkdir /var/lib/cc-ci/archives && mount --bind "$2" /var/lib/cc-ci/archives && '
                  '"$1" -q --offline build --locked --json')
        built = json.loads(self.good(self.call(
            "unshare", "--mount", "--propagation", "private", "sh", "-ec", script, "sh",
            self.program, support.CACHE / "state" / "archives", cwd=self.here)))
        evidence = self.here / self.verdict["evidence"]
        recorded = next(evidence.glob("*-4-one-entrypoint.out")).read_text().split()[0]
        self.assertEqual(recorded, built["entrypoints"]["cc-ci-run"]["digest"])
        build = json.loads(next(evidence.glob("*-1-builds.out")).read_text())
        self.assertEqual(build["hosts"], built["hosts"])

    def test_a_colliding_package(self):
        archive = self.archive()
        self.package(archive, "first", ["usr/bin/first", "usr/bin/both"])
        self.package(archive, "second", ["usr/bin/second", "usr/bin/both"])
        for digest in support.locked_digests(self.here):
            for kept in (support.CACHE / "state" / "archives").glob(digest + ".deb"):
                support.link_or_copy(kept, archive / "pool" / kept.name)
        self.sign(archive)
        self.edit("cc-ci.toml", 'suite = "bookworm"',
                  f'suite = "test"\nuri = "file:{archive}"\ncomponents = ["main"]\n'
                  f'signed-by = "{archive}/key.gpg"')
        self.edit("cc-ci.toml", '"python3", "sed"', '"first", "second", "python3", "sed"')
        self.good(self.cc_ci(self.here, self.state(), "lock"))
        red = self.claimed_and_verified("two packages that own one path")
        self.assertIn("1-builds", red)
        self.assertIn("/usr/bin/both: two packages own it: 'first 1' and 'second 1'", red["1-builds"])
        self.assertNotIn("2-no-second-list", red)

    def test_a_second_list_in_a_nix_file_and_in_a_workflow(self):
        self.write("nix/sweep.nix", "{ pkgs, ... }: {\n"
                   "  environment.systemPackages = with pkgs; [ git tree ];\n}\n")
        self.write(".github/workflows/test.yml", "jobs:\n  t:\n    steps:\n"
                   "      - run: sudo apt-get install -y jq\n")
        red = self.broken("second lists", "2")
        self.assertEqual(list(red), ["2-no-second-list"])
        out = next((self.here / self.verdict["evidence"]).glob("*-2-no-second-list.out")).read_text()
        self.assertEqual([line.split(":")[:2] for line in out.splitlines()],
                         [[".github/workflows/test.yml", "4"], ["nix/sweep.nix", "2"]])
        self.assertIn("nix/sweep.nix:2:", red["2-no-second-list"])

    def test_a_path_patched_in_a_unit(self):
        # In the repository, and on the host.
        self.write("units/sweep.service.d/path.conf", "[Service]\nEnvironment=PATH=/usr/bin\n")
        self.a_host_is_changed('mkdir "$root/systemd/nightly-sweep.service.d"\n'
                               'echo \'Environment="PATH=/usr/bin"\' '
                               '>"$root/systemd/nightly-sweep.service.d/path.conf"\n')
        red = self.broken("a PATH in a unit", "2", "4")
        self.assertEqual(sorted(red), ["2-no-path-patch",
                                       "2-units-have-the-environments-path-or-none",
                                       "4-the-same-units"])
        self.assertIn("units/sweep.service.d/path.conf:2:", red["2-no-path-patch"])
        self.assertIn('Environment="PATH=/usr/bin"',
                      red["2-units-have-the-environments-path-or-none"])

    def test_a_dropped_tool(self):
        self.edit("cc-ci.toml", '"openssl", "procps",', '"openssl",')
        self.lock_again()
        red = self.broken("nobody needs ps", "3")
        self.assertEqual(sorted(red), ["3-every-baseline-command", "3-fifteen-directories"])
        self.assertIn("found '14'", red["3-fifteen-directories"])
        self.assertRegex(red["3-every-baseline-command"], r"expected '.*ps', found '.*tar'")

    def test_another_entrypoint_on_one_host(self):
        self.a_host_is_changed('sed "s/^exec python3$/&\\nexec -I/" "$root/bin/cc-ci-run" >"$root/other"\n'
                               'chmod 755 "$root/other"\n'
                               'ln -sf ../other "$root/bin/cc-ci-run"\n')
        red = self.broken("one host's entrypoint", "4")
        self.assertEqual(sorted(red), ["4-one-entrypoint", "4-sweep-executes-the-entrypoint-on-path"])
        self.assertEqual(len(set(re.findall(r"[0-9a-f]{64}", red["4-one-entrypoint"]))), 2)

    def test_a_host_with_a_list_of_its_own(self):
        self.edit("cc-ci.toml", 'extra_tools = ["openssh-client"]', 'extra_tools = ["less"]')
        self.lock_again()
        red = self.broken("a host's own tools", "5")
        self.assertEqual(list(red), ["5-same-lists"])
        self.assertIn("/usr/lib/cc-ci/path/less", red["5-same-lists"])


if __name__ == "__main__":
    support.main()
