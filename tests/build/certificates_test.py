#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Certificate authorities of the house: declared in the project, trusted inside."""
import json
import pathlib
import shutil
import subprocess
import unittest

import support
from support import environment

TEXT = '[runtime]\ntools = ["bash", "openssl", "perl"]\n'


@unittest.skipUnless(shutil.which("openssl"), "openssl is not installed")
class Certificates(support.BuildTest):
    def authority(self, name):
        """A certificate authority, and the path of a certificate that it signed."""
        place = self.dir / name
        place.mkdir()
        run = lambda *words: subprocess.run(["openssl", *words], cwd=place, check=True,
                                            capture_output=True)
        run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-days", "30", "-subj", f"/CN={name} authority")
        run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "s.key", "-out", "s.csr", "-subj",
            f"/CN={name}.example.org")
        run("x509", "-req", "-in", "s.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "30", "-out", "server.pem")
        return place / "ca.pem", place / "server.pem"

    def declare(self, here, files):
        quoted = ", ".join(f'"{name}"' for name in files)
        (here / "cc-ci.toml").write_text(TEXT.replace("[runtime]\n",
                                                      f"[runtime]\ncertificates = [{quoted}]\n"))

    def test_a_declared_authority_is_trusted_and_counts_for_the_address(self):
        here = self.project(TEXT)
        state = self.state(here)
        company, server = self.authority("company")
        other, stranger = self.authority("other")
        plain = self.build(here, state)["environment"]
        self.assertNotEqual(self.inside(here, state, "openssl", "verify", server).returncode, 0)
        (here / "certs").mkdir()
        shutil.copy(company, here / "certs/company.pem")
        self.declare(here, ["certs/company.pem"])
        built = self.build(here, state)["environment"]
        self.assertNotEqual(built["hash"], plain["hash"])
        self.good(self.inside(here, state, "openssl", "verify", server))
        self.assertNotEqual(self.inside(here, state, "openssl", "verify", stranger).returncode, 0)
        bundle = (pathlib.Path(built["root"]) / "etc/ssl/certs/ca-certificates.crt").read_text()
        self.assertIn(company.read_text().strip(), bundle)
        # What the host says about its own files does not hold inside.
        told = self.inside(here, state, "bash", "-c", "echo ${SSL_CERT_FILE-unset}",
                           env=environment(SSL_CERT_FILE="/etc/ssl/certs/ca-certificates.crt"))
        self.assertEqual(told.stdout, "unset\n")
        # A commit's environment is planned from the commit's certificates.
        for words in (["init", "-q"], ["add", "."],
                      ["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "one"]):
            subprocess.run(["git", "-C", here, *words], check=True, env=environment())
        compared = self.good(self.cc_ci(here, state, "diff", "HEAD"))
        self.assertIn("no difference", compared)
        proved = json.loads(self.cc_ci(here, state, "prove", "--json").stdout)
        appeared = [one for one in proved["proofs"] if one["name"] == "appeared"]
        self.assertEqual([one["verdict"] for one in appeared], ["pass"], appeared)
        # Another content is another environment, though the declaration is the same.
        shutil.copy(other, here / "certs/company.pem")
        changed = self.build(here, state)["environment"]
        self.assertNotIn(changed["hash"], (plain["hash"], built["hash"]))
        self.good(self.inside(here, state, "openssl", "verify", stranger))
        self.verified(here, state)

    def test_mistakes_are_named(self):
        here = self.project(TEXT)
        state = self.state(here)
        self.declare(here, ["certs/missing.pem"])
        self.refused(self.cc_ci(here, state, "show"), 2, "cli.certificate", "certs/missing.pem")
        (here / "certs").mkdir()
        (here / "certs/missing.pem").write_text("no certificate")
        self.refused(self.cc_ci(here, state, "--offline", "build", "--locked"), 2,
                     "environment.no-certificate", "certs/missing.pem")
        # A damaged one: before anything is resolved, by its own path.
        good, _ = self.authority("company")
        lines = good.read_text().splitlines(keepends=True)
        (here / "certs/missing.pem").write_text("".join([*lines, *lines[:3], *lines[-1:]]))
        (here / "cc-ci.lock").unlink()
        self.refused(self.cc_ci(here, state, "--offline", "lock"), 2,
                     "environment.broken-certificate", "certs/missing.pem: certificate 2 of 2",
                     "cc-ci.toml:2:17")
        self.declare(here, ["../company.pem"])
        self.refused(self.cc_ci(here, state, "show"), 2, "declare.value", "../company.pem")


if __name__ == "__main__":
    support.main()
