#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages that lead what cc-ci writes out of the environment: refused, or written inside. No script
of them runs, so the text of a script is an attack as well.
"""
import json
import os
import pathlib
import subprocess

import support
from signed_archive import ArchiveTest

CERTIFICATE = "CERTIFICATE"  # replaced by a real one


def alternatives(*rows):
    lines = [f"update-alternatives --install {row}" for row in rows]
    return {"postinst": "#!/bin/sh\nset -e\n" + "\n".join(lines) + "\n"}


# name: (files, scripts). HOST stands for a directory of the host.
ATTACKS = {
    "payload-below-an-alternative": (
        {"etc/alternatives/evil/payload": "owned"}, alternatives("/usr/share/evil evil HOST 1")),
    "alternative-below-a-link": (
        {"usr/share/gate": "-> HOST", "usr/bin/evil": "#!/bin/sh\n"},
        alternatives("/usr/share/gate/evil evil /usr/bin/evil 1")),
    "alternative-below-a-relative-link": (
        {"usr/share/gate": "-> ../../../../../../../../HOST", "usr/bin/evil": "#!/bin/sh\n"},
        alternatives("/usr/share/gate/evil evil /usr/bin/evil 1")),
    "alternatives-directory-is-a-link": (
        {"etc/alternatives": "-> HOST", "usr/bin/evil": "#!/bin/sh\n"},
        alternatives("/usr/bin/x evil /usr/bin/evil 1")),
    "reserved-directory": ({"usr/lib/cc-ci": "-> HOST"}, {}),
    "reserved-file": ({"usr/lib/cc-ci/path/jq/sneak": "#!/bin/sh\n"}, {}),
    "reserved-by-diversion": ({"usr/bin/sneak": "#!/bin/sh\n"}, {"preinst": (
        "#!/bin/sh\ndpkg-divert --package other --add --divert /usr/lib/cc-ci/path/jq/x /usr/bin/sneak\n")}),
    "reserved-by-alternative": ({"usr/bin/sneak": "#!/bin/sh\n"}, alternatives(
        "/usr/lib/cc-ci/path/jq/x sneak /usr/bin/sneak 1")),
    "reserved-by-script": ({"usr/bin/sneak": "#!/bin/sh\n"}, {"postinst": (
        "#!/bin/sh\nmkdir -p /usr/lib/cc-ci/path/jq\nln -s /usr/bin/sneak /usr/lib/cc-ci/path/jq/x\n")}),
    "reserved-path": ({"usr/lib/cc-ci/path": "-> HOST"}, {}),
    "certificates": ({"etc/ssl/certs": "-> HOST",
                      "usr/share/ca-certificates/evil/x.crt": CERTIFICATE}, {}),
    "certificates-above": ({"etc/ssl": "-> HOST",
                            "usr/share/ca-certificates/evil/x.crt": CERTIFICATE}, {}),
    "java-store": ({"etc/ssl/certs/java": "-> HOST",
                    "usr/share/ca-certificates/evil/x.crt": CERTIFICATE}, {}),
    "php": ({"etc/php/8.2/cli/conf.d": "-> HOST",
             "etc/php/8.2/mods-available/evil.ini": "; priority=20\nextension=evil\n",
             "usr/lib/php/20220829/evil.so": "x", "usr/bin/php8.2": "#!/bin/sh\n"},
            {"postinst": "#!/bin/sh\nphp_invoke enmod 8.2 cli evil\nphpenmod evil\n"}),
    "linker-cache": ({"etc/ld.so.cache": "-> HOST/cache"}, {}),
    "profile": ({"etc/profile": "-> HOST/profile"}, {}),
    "profile-directory": ({"etc/profile.d": "-> HOST"}, {}),
    "shells": ({"etc/shells": "-> HOST/shells", "usr/share/debianutils/shells.d/x": "/bin/x\n"}, {}),
    "dpkg-database": ({"var/lib/dpkg": "-> HOST"}, {}),
    "dpkg-database-above": ({"var/lib": "-> HOST"}, {}),
    "bytecode": ({"usr/lib/python3/dist-packages/evil": "-> HOST"}, {}),
    "diversion": ({"usr/bin/jq": "#!/bin/sh\n"}, {"preinst": (
        "#!/bin/sh\ndpkg-divert --package evil --add --rename --divert /usr/share/gate/x /usr/bin/jq\n")}),
    "local-directory": ({"usr/local": "-> HOST"}, {}),
    "etc": ({"etc": "-> HOST"}, {}),
    "opt": ({"opt": "-> HOST"}, {}),
    "a-link-written-by-its-script": (
        {"usr/share/evil/x": "x"},
        {"postinst": "#!/bin/sh\nln -s HOST /usr/share/evil/out\necho owned >/usr/share/evil/out/x\n"
                     "echo owned >HOST/direct\n"}),
    "a-directory-made-a-link-by-its-script": (
        {"usr/share/evil/x": "x"},
        {"postinst": "#!/bin/sh\nrm -rf /etc/ssl /usr/lib/cc-ci\nmkdir -p /etc /usr/lib\n"
                     "ln -s HOST /etc/ssl\nln -s HOST /usr/lib/cc-ci\n"}),
}


def state_of(directory):
    rows = []
    for at, directories, files in os.walk(directory):
        for name in ["."] + directories + files:
            path = pathlib.Path(at, name)
            status = path.lstat()
            rows.append((str(path), status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns))
    return sorted(rows)


class Escape(ArchiveTest):
    def test_nothing_is_written_outside(self):
        archive = self.archive(support.TINY)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout",
                        self.dir / "key.pem", "-subj", "/CN=evil", "-out", self.dir / "ca.pem"],
                       check=True, capture_output=True)
        certificate = (self.dir / "ca.pem").read_text()
        host = self.dir / "host"
        host.mkdir()
        (host / "kept").write_text("kept")
        for name, (files, scripts) in ATTACKS.items():
            here = str(host).lstrip("/")

            def place(text, here=here):
                # A relative way up ends at the root without a second slash.
                text = certificate if text == CERTIFICATE else text
                return text.replace("../HOST", "../" + here).replace("HOST", "/" + here)

            self.package(archive, f"evil-{name}", {path: place(text) for path, text in files.items()},
                         scripts={script: place(text) for script, text in scripts.items()})
        self.sign(archive)
        before = state_of(host)
        state = self.dir / "state"
        for name in ATTACKS:
            with self.subTest(name):
                project = self.from_archive(archive, f'tools = ["jq"]\npackages = ["evil-{name}"]',
                                            name=f"project-{name}")
                self.good(self.cc_ci(project, state, "lock"))
                done = self.cc_ci(project, state, "build", "--locked")
                self.assertEqual(state_of(host), before, "something was written outside")
                self.assertIn(done.returncode, (0, 2, 3), done.stderr)
                self.assertNotIn("mistake in cc-ci", done.stderr)
                if done.returncode == 3:  # it says which package is to be removed
                    self.assertIn(f"evil-{name}", done.stderr)
                elif done.returncode == 0:
                    listed = self.good(self.cc_ci(project, state, "--offline", "run", "--", "jq", "-n",
                                                  "$ENV.PATH"))
                    self.assertIn("/usr/lib/cc-ci/path/jq", listed)
                    root = json.loads(self.good(self.cc_ci(
                        project, state, "build", "--locked", "--json")))["environment"]["root"]
                    self.assertEqual(os.listdir(f"{root}/usr/lib/cc-ci/path/jq"), ["jq"])
                    self.assertEqual(self.good(self.cc_ci(
                        project, state, "--offline", "run", "--", "jq", "-n", "1")), "1\n")
        self.verified(project, state)


if __name__ == "__main__":
    support.main()
