#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages of other apt archives than Debian's: what they may supply, and what they may not do."""
import functools
import hashlib
import http.server
import json
import os
import shutil
import subprocess
import threading

import signed_archive
import support


def program(text):
    return f"#!/bin/sh\necho {text}\n"


class Quiet(http.server.SimpleHTTPRequestHandler):
    asked = []

    def do_GET(self):
        Quiet.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_):
        pass


class Archives(signed_archive.ArchiveTest):
    def setUp(self):
        super().setUp()
        self.debian = self.archive(support.TINY)
        self.sign(self.debian)
        self.place = self.state()

    def gpg(self, key, *words, **options):
        home = self.dir / f"gpg-{key}"
        call = ["gpg", "--homedir", home, "--batch", "--quiet", "--yes", "--passphrase", ""]
        if not home.exists():
            home.mkdir(mode=0o700)
            self.run_in(self.dir, *call, "--quick-gen-key", f"{key}@example.org", "ed25519", "sign",
                        "never")
            self.addCleanup(subprocess.run, ["gpgconf", "--homedir", home, "--kill", "all"])
        return self.run_in(self.dir, *call, *words, **options)

    def new_archive(self, name="vendor"):
        (self.dir / name / "pool").mkdir(parents=True, exist_ok=True)
        return self.dir / name

    def publish(self, archive, key="vendor", suite="bookworm", signed=True, fields="", detached=False,
                by_hash=False):
        """Writes and signs the index. A `suite` that ends in '/' is flat."""
        flat = suite.endswith("/")
        place = archive / suite if flat else archive / "dists" / suite
        lists = place if flat else place / "main/binary-amd64"
        lists.mkdir(parents=True, exist_ok=True)
        index = self.run_in(archive, "apt-ftparchive", "packages", "pool")
        (lists / "Packages").write_bytes(index)
        names = ["InRelease", "Release", "Release.gpg"]
        for old in names:
            (place / old).unlink(missing_ok=True)
        path = os.path.relpath(lists / "Packages", place)
        digest = hashlib.sha256(index).hexdigest()
        fields += "Acquire-By-Hash: yes\n" if by_hash else ""
        (place / "Release").write_text(
            f"Suite: {suite}\nCodename: {suite}\nComponents: main\nArchitectures: amd64 all\n"
            f"Date: Sat, 11 Jul 2026 10:16:37 UTC\n{fields}SHA256:\n"
            f" {digest} {len(index)} {path}\n")
        if by_hash:
            (lists / "by-hash/SHA256").mkdir(parents=True, exist_ok=True)
            (lists / "Packages").rename(lists / "by-hash/SHA256" / digest)
        if signed and detached:
            self.gpg(key, "--armor", "--detach-sign", "--output", place / "Release.gpg",
                     place / "Release")
        elif signed:
            self.gpg(key, "--clearsign", "--output", place / "InRelease", place / "Release")
            (place / "Release").unlink()

    def source(self, archive, name="vendor", key="vendor", suite="bookworm", uri=None, more="",
               armour=True):
        """The lines of [sources.NAME], and its key in the directory of the project."""
        here = self.dir / "project"
        (here / "keys").mkdir(parents=True, exist_ok=True)
        export = ["--armor"] * armour
        (here / "keys" / name).write_bytes(self.gpg(key, *export, "--export"))
        return (f'[sources.{name}]\nuri = "{uri or f"file:{archive}"}"\nsuite = "{suite}"\n'
                f'signed-by = "keys/{name}"\n{more}')

    def declare(self, tools, *more, **options):
        names = ", ".join(f'"{tool}"' for tool in tools)
        return self.from_archive(self.debian, f"tools = [{names}]", "\n".join(more), **options)

    def lock(self, here, *words):
        return self.cc_ci(here, self.place, "lock", *words)

    def rows(self, here):
        shown = json.loads(self.good(self.cc_ci(here, self.place, "show", "--json")))
        return {row["name"]: row for row in shown["locked"]}

    def terraform(self):
        """An archive that does its job, and would like to do more."""
        archive = self.new_archive()
        for version in ("1.9.7-1", "1.9.8-1", "1.10.0-1"):
            self.package(archive, "terraform", {"usr/bin/terraform": program(version)},
                         "Depends: zz-data, libc6 (>= 2), jq | zz-other\n"
                         "Provides: jq, bash\nReplaces: jq\nEssential: yes\n", version)
        self.package(archive, "zz-data", {"usr/share/zz/data": "data\n"}, "Provides: libc6\n")
        self.package(archive, "zz-other", {"usr/bin/zz-other": program("other")})
        self.package(archive, "zz-essential", {"usr/bin/zz-essential": program("e")},
                     "Essential: yes\n")
        for name in ("libc6", "jq", "bash", "dpkg"):
            self.package(archive, name, {f"usr/bin/{name}": program("evil")}, "Essential: yes\n",
                         "99:1")
        return archive

    def test_an_archive_supplies_what_is_asked_of_it(self):
        archive = self.terraform()
        self.publish(archive)
        source = self.source(archive)
        rule = '[packages.terraform]\nsource = "vendor"\n'
        here = self.declare(["jq", "terraform"], rule + 'version = "1.9.*"\n', source)
        self.good(self.lock(here))
        rows = self.rows(here)
        self.assertEqual(rows["terraform"]["version"], "1.9.8-1")
        self.assertEqual(rows["terraform"]["from"], "apt vendor bookworm main")
        self.assertEqual(rows["zz-data"]["from"], "apt vendor bookworm main")
        self.assertEqual(rows["zz-data"]["because"], ["package terraform"])
        others = {name for name, row in rows.items() if row["from"].startswith("apt ")}
        self.assertEqual(others, {"terraform", "zz-data"})
        self.assertTrue(rows["jq"]["from"].startswith("debian "))
        text = (here / "cc-ci.lock").read_text()
        self.assertTrue(text.startswith("cc-ci-lock 3\n"))
        self.assertNotIn(str(archive), text.split("\npackage ", 1)[1])
        self.good(self.lock(here, "--check"))
        self.assertIn("vendor bookworm/main", self.good(self.cc_ci(here, self.place, "why",
                                                                   "terraform")))
        self.assertIn("tool terraform -> terraform -> zz-data",
                      self.good(self.cc_ci(here, self.place, "why", "zz-data")))
        built = json.loads(self.good(self.cc_ci(here, self.place, "build", "--locked", "--json")))
        self.assertEqual(self.good(self.inside(here, self.place, "terraform")), "1.9.8-1\n")
        self.assertRegex(self.good(self.inside(here, self.place, "jq", "--version")), "^jq-1")
        self.assertIn("from vendor", self.good(self.cc_ci(here, self.place, "show")))
        self.verified(here, self.place)
        self.good(self.cc_ci(here, self.place, "gc"))
        # The same bytes from the kept files, without the archives.
        other = self.state(name="other")
        for kept in (self.place / "archives").iterdir():
            support.link_or_copy(kept, other / "archives" / kept.name)
        again = self.build(here, other)
        self.assertEqual(again["environment"]["digest"], built["environment"]["digest"])
        # A new version comes with an update only, and within what is declared.
        self.package(archive, "terraform", {"usr/bin/terraform": program("9")}, "", "1.9.9-1")
        self.publish(archive)
        self.good(self.lock(here))
        self.assertEqual((here / "cc-ci.lock").read_text(), text)
        old = self.dir / "old.lock"
        old.write_text(text)
        self.good(self.lock(here, "--update", "terraform"))
        self.assertEqual(self.rows(here)["terraform"]["version"], "1.9.9-1")
        told = self.good(self.cc_ci(here, self.place, "diff", old, here / "cc-ci.lock"))
        self.assertIn("1.9.8-1 [vendor] -> 1.9.9-1 [vendor]", told)
        # A version that cannot be had.
        toml = (here / "cc-ci.toml").read_text()
        (here / "cc-ci.toml").write_text(toml.replace("1.9.*", "7.*"))
        self.refused(self.lock(here), 2, "source.no-version", "'terraform'", "'7.*'", "1.10.0-1")
        # Nobody asks for its archive any more, so its packages are gone.
        (here / "cc-ci.toml").write_text(toml.replace(rule, "").replace(', "terraform"', "").replace(
            'version = "1.9.*"\n', ""))
        self.good(self.lock(here))
        self.assertTrue((here / "cc-ci.lock").read_text().startswith("cc-ci-lock 1\n"))

    def test_it_replaces_no_file_and_no_package_of_debian(self):
        archive = self.new_archive()
        self.package(archive, "zz-files", {"usr/bin/zz-files": program("f"),
                                           "usr/bin/jq": program("evil")}, "Replaces: jq\n")
        self.package(archive, "zz-divert", {"usr/bin/zz-divert": program("d"),
                                            "usr/bin/jq": program("evil")},
                     scripts={"preinst": "#!/bin/sh\ndpkg-divert --package zz-divert --rename "
                                         "--divert /usr/bin/jq.old --add /usr/bin/jq\n"})
        self.package(archive, "zz-enemy", {"usr/bin/zz-enemy": program("c")}, "Conflicts: jq\n")
        self.publish(archive)
        source = self.source(archive)
        for name in ("zz-files", "zz-divert"):
            with self.subTest(name):
                here = self.declare(["jq", name], f'[packages.{name}]\nsource = "vendor"\n', source)
                self.good(self.lock(here))
                self.refused(self.cc_ci(here, self.place, "build", "--locked"), 3,
                             "environment.collision", "usr/bin/jq", name)
                self.assert_nothing_staged(self.place)
                (here / "cc-ci.lock").unlink()
        here = self.declare(["jq", "zz-enemy"], '[packages.zz-enemy]\nsource = "vendor"\n', source)
        self.refused(self.lock(here), 3, "source.conflict", "zz-enemy", "jq")

    def test_a_library_that_a_package_does_not_depend_on_is_named(self):
        archive = self.new_archive()
        self.package(archive, "zz-tool", {"usr/bin/zz-tool": support.needing("libjq.so.1")})
        self.package(archive, "zz-other", {"usr/bin/zz-other": support.needing("libzz.so.1")})
        self.publish(archive)
        source = self.source(archive)
        rules = '[packages.zz-tool]\nsource = "vendor"\n'
        self.good(self.lock(self.declare(["jq", "zz-tool"], rules, source)))
        here = self.declare(["jq", "zz-other"], rules.replace("tool", "other"), source)
        (here / "cc-ci.lock").unlink()
        self.refused(self.lock(here), 3, "environment.missing-library", "libzz.so.1", "zz-other")
        self.assertFalse((here / "cc-ci.lock").exists())

    def test_archives_that_cannot_be_trusted_are_refused_by_name(self):
        archive = self.new_archive()
        self.package(archive, "terraform", {"usr/bin/terraform": program("1")})
        source = self.source(archive, armour=False)
        here = self.declare(["terraform"], '[packages.terraform]\nsource = "vendor"\n', source)
        for code, options in (("source.unsigned", {"signed": False}),
                              ("source.wrong-key", {"key": "stranger"}),
                              ("source.expired", {"fields": "Valid-Until: Sat, 18 Jul 2026 10:16:37 "
                                                            "UTC\n"})):
            with self.subTest(code):
                self.publish(archive, **options)
                self.refused(self.lock(here), 3, code, "[sources.vendor]")
                self.assertFalse((here / "cc-ci.lock").exists())
        self.publish(archive, detached=True)
        (here / "keys/vendor").rename(here / "keys/away")
        self.refused(self.lock(here), 2, "source.no-keyring", "keys/vendor", "[sources.vendor]")
        (here / "keys/vendor").write_text("<html>404</html>\n")
        self.refused(self.lock(here), 2, "source.bad-keyring", "[sources.vendor]")
        (here / "keys/away").rename(here / "keys/vendor")
        self.good(self.lock(here))
        # A lock that names an archive that nobody declared, and another file under a locked name.
        self.package(archive, "terraform", {"usr/bin/terraform": program("2")}, version="2")
        shutil.copy(archive / "pool/terraform_2_all.deb", archive / "pool/terraform_1_all.deb")
        self.refused(self.cc_ci(here, self.state(name="other"), "build", "--locked"), 3,
                     "source.mismatch", "terraform 1")

    def test_flat_by_hash_and_dated_archives(self):
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Quiet, directory=str(self.dir)))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        web = f"http://127.0.0.1:{server.server_address[1]}"
        flat, hashed = self.new_archive("flat"), self.new_archive("hashed")
        dated = self.new_archive("dated/20260901T000000Z")
        for archive, name in ((flat, "zz-flat"), (hashed, "zz-hashed"), (dated, "zz-dated")):
            self.package(archive, name, {f"usr/bin/{name}": program(name)})
        self.publish(flat, "flat", "./")
        self.publish(hashed, "hashed", by_hash=True)
        # A dated state has expired by its nature.
        self.publish(dated, "dated", fields="Valid-Until: Sat, 18 Jul 2026 10:16:37 UTC\n")
        names = ("flat", "hashed", "dated")
        rules = "".join(f'[packages.zz-{name}]\nsource = "{name}"\n' for name in names)
        here = self.declare(
            [f"zz-{name}" for name in names], rules,
            self.source(flat, "flat", "flat", "./", f"{web}/flat"),
            self.source(hashed, "hashed", "hashed", uri=f"{web}/hashed"),
            self.source(dated, "dated", "dated", uri=f"{web}/dated",
                        more='snapshot = "20260901T000000Z"\n'))
        self.good(self.lock(here))
        self.assertEqual({name: self.rows(here)[f"zz-{name}"]["from"] for name in names},
                         {"flat": "apt flat ./", "hashed": "apt hashed bookworm main",
                          "dated": "apt dated bookworm main"})
        self.assertTrue([path for path in Quiet.asked if "/by-hash/" in path])
        self.good(self.cc_ci(here, self.place, "build", "--locked"))
        for name in names:
            self.assertEqual(self.good(self.inside(here, self.place, f"zz-{name}")), f"zz-{name}\n")
        text = (here / "cc-ci.toml").read_text()
        (here / "cc-ci.toml").write_text(text.replace("20260901", "20250101"))
        self.refused(self.lock(here), 3, "source.no-suite", "[sources.dated]")


if __name__ == "__main__":
    support.main()
