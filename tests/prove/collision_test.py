# SPDX-License-Identifier: GPL-3.0-or-later
"""`cc-ci prove` on two packages that own one path: the hosts do not build, and both are named. The
packages come from a signed archive in a directory, made here."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "build"))
import support  # noqa: E402
from signed_archive import ArchiveTest  # noqa: E402

DECLARATION = """[runtime]
tools = ["first", "second"]
[sources.debian]
suite = "test"
uri = "file:{archive}"
components = ["main"]
signed-by = "{archive}/key.gpg"
[hosts.one]
[hosts.two]
"""


class CollisionTest(ArchiveTest):
    def test_both_are_named(self):
        archive = self.archive()
        self.package(archive, "first", ["usr/bin/first", "usr/bin/both"])
        self.package(archive, "second", ["usr/bin/second", "usr/bin/both"])
        self.package(archive, "ca-certificates", ["usr/share/ca-certificates/none"])
        self.sign(archive)
        here = self.dir / "project"
        here.mkdir()
        (here / "cc-ci.toml").write_text(DECLARATION.format(archive=archive))
        state = self.dir / "state"
        self.good(self.cc_ci(here, state, "lock"))
        result = self.cc_ci(here, state, "prove", "--json")
        self.assertEqual(result.returncode, 1, result.stderr)
        proofs = {proof["name"]: proof for proof in json.loads(result.stdout)["proofs"]}
        builds = proofs["builds"]
        self.assertEqual(builds["verdict"], "fail", builds)
        for host in ("one", "two"):
            self.assertIn(f"host '{host}': /usr/bin/both: both 'first 1' and 'second 1' own it; "
                          "remove the tool that brings one of them (cc-ci why second)",
                          builds["details"])
        self.assertEqual({proof["verdict"] for name, proof in proofs.items()
                          if name not in ("builds", "propagation", "superset", "appeared")},
                         {"unproven"})


if __name__ == "__main__":
    support.main()
