# SPDX-License-Identifier: GPL-3.0-or-later
"""`cc-ci prove` on two packages that own one path: the hosts do not build, and both are named. The
packages come from a signed archive in a directory, made here."""
import json
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "build"))
import support  # noqa: E402

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


class ArchiveTest(support.BuildTest):
    """Makes signed archives in directories."""

    def archive(self):
        """An empty one; skips the test where the programs that make it are missing."""
        for needed in ("gpg", "gpgconf", "apt-ftparchive", "dpkg-deb"):
            if not shutil.which(needed):
                self.skipTest(f"{needed} is not installed")
        place = self.dir / "archive"
        (place / "pool").mkdir(parents=True)
        return place

    def run_in(self, directory, *words, **options):
        return subprocess.run([str(word) for word in words], cwd=directory, check=True,
                              capture_output=True, **options).stdout

    def package(self, archive, name, files, depends=""):
        root = self.dir / "packages" / name
        (root / "DEBIAN").mkdir(parents=True)
        (root / "DEBIAN" / "control").write_text(
            f"Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: t <t@example.org>\n"
            f"{depends}Description: {name}\n")
        for file in files:
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("#!/bin/sh\n")
            path.chmod(0o755)
        self.run_in(self.dir, "dpkg-deb", "--root-owner-group", "--build", root,
                    archive / "pool" / f"{name}_1_all.deb")

    def sign(self, archive):
        architecture = self.run_in(self.dir, "dpkg", "--print-architecture", text=True).strip()
        lists = archive / "dists/test/main" / f"binary-{architecture}"
        lists.mkdir(parents=True)
        (lists / "Packages").write_bytes(self.run_in(archive, "apt-ftparchive", "packages", "pool"))
        release = self.run_in(archive, "apt-ftparchive", "-oAPT::FTPArchive::Release::Suite=test",
                              "-oAPT::FTPArchive::Release::Codename=test",
                              "-oAPT::FTPArchive::Release::Components=main",
                              f"-oAPT::FTPArchive::Release::Architectures={architecture}",
                              "release", "dists/test")
        (archive / "dists/test/Release").write_bytes(release)
        home = self.dir / "gpg"
        home.mkdir(mode=0o700)
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", ""]
        self.run_in(archive, *gpg, "--quick-gen-key", "t@example.org", "rsa2048", "sign", "never")
        self.run_in(archive, *gpg, "--clearsign", "--output", "dists/test/InRelease",
                    "dists/test/Release")
        (archive / "key.gpg").write_bytes(self.run_in(archive, *gpg, "--export"))
        self.addCleanup(subprocess.run, ["gpgconf", "--homedir", home, "--kill", "all"])


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
