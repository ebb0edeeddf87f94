# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed archives in directories, with packages that a test makes."""
import os
import pathlib
import shutil
import subprocess

import support

PROGRAM = "#!/bin/sh\n"


class ArchiveTest(support.BuildTest):
    """Makes signed archives in directories."""

    def archive(self, *declarations):
        """An archive; skips the test where the programs that make it are missing. It holds the packages
        of the prepared `declarations`."""
        for needed in ("gpg", "gpgconf", "apt-ftparchive", "dpkg-deb"):
            if not shutil.which(needed):
                self.skipTest(f"{needed} is not installed")
        place = self.dir / "archive"
        (place / "pool").mkdir(parents=True)
        for text in declarations:
            for digest in support.locked_digests(support.prepared(text)):
                for kept in (support.CACHE / "state/archives").glob(digest + "*"):
                    if not (place / "pool" / f"{digest}.deb").exists():
                        support.link_or_copy(kept, place / "pool" / f"{digest}.deb")
        return place

    def run_in(self, directory, *words, **options):
        return subprocess.run([str(word) for word in words], cwd=directory, check=True,
                              capture_output=True, **options).stdout

    def package(self, archive, name, files, depends="", version="1", time=None, scripts=None):
        """Adds a package. `files`: a list of programs, or a dict from path to content. A content that
        begins with '#!' is a program, and one that begins with '-> ' is a link. `time`: of the files;
        `depends`: whole lines of the control file; `scripts`: a dict of control files."""
        root = self.dir / "packages" / f"{name}_{version}"
        (root / "DEBIAN").mkdir(parents=True)
        (root / "DEBIAN" / "control").write_text(
            f"Package: {name}\nVersion: {version}\nArchitecture: all\n"
            f"Maintainer: t <t@example.org>\n{depends}Description: {name}\n")
        for script, text in (scripts or {}).items():
            (root / "DEBIAN" / script).write_text(text)
            (root / "DEBIAN" / script).chmod(0o755)
        contents = files if isinstance(files, dict) else dict.fromkeys(files, PROGRAM)
        for file, content in contents.items():
            path = root / file
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(content, bytes):
                path.write_bytes(content)
                path.chmod(0o755)
            elif content.startswith("-> "):
                path.symlink_to(content[3:])
            else:
                path.write_text(content)
                path.chmod(0o755 if content.startswith("#!") else 0o644)
            if time is not None:
                os.utime(path, (time, time), follow_symlinks=False)
        self.run_in(self.dir, "dpkg-deb", "--root-owner-group", "--build", root,
                    archive / "pool" / f"{name}_{version}_all.deb")

    def sign(self, archive):
        """Writes the archive's index. May be called again after packages were added."""
        architecture = self.run_in(self.dir, "dpkg", "--print-architecture", text=True).strip()
        shutil.rmtree(archive / "dists", ignore_errors=True)
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
        gpg = ["gpg", "--homedir", home, "--batch", "--quiet", "--passphrase", ""]
        if not home.exists():
            home.mkdir(mode=0o700)
            self.run_in(archive, *gpg, "--quick-gen-key", "t@example.org", "rsa2048", "sign", "never")
            (archive / "key.gpg").write_bytes(self.run_in(archive, *gpg, "--export"))
            self.addCleanup(subprocess.run, ["gpgconf", "--homedir", home, "--kill", "all"])
        self.run_in(archive, *gpg, "--clearsign", "--output", "dists/test/InRelease",
                    "dists/test/Release")

    def from_archive(self, archive, runtime, more="", name="project"):
        """A project whose packages come from the archive. `runtime`: lines of [runtime]."""
        here = self.dir / name
        here.mkdir(exist_ok=True)
        (here / "cc-ci.toml").write_text(
            f"[runtime]\n{runtime}\n{more}\n[sources.debian]\nsuite = \"test\"\n"
            f'uri = "file:{archive}"\ncomponents = ["main"]\nsigned-by = "{archive}/key.gpg"\n')
        return here

    def small(self, more="", engine=()):
        """A project of a few packages of an archive of its own, locked, and a state where it is built."""
        archive = self.archive()
        self.package(archive, "words", {"usr/share/words/hello": "hello\n", "etc/words": "en\n"})
        self.package(archive, "greeter", ["usr/bin/greet", "usr/bin/greet-all"],
                     depends="Depends: words\n",
                     scripts={"postinst": "#!/bin/sh\nset -e\nupdate-alternatives --install "
                                          "/usr/bin/hail hail /usr/bin/greet 10\n"})
        for name in engine:
            self.package(archive, name, [f"usr/bin/{name}"])
        self.sign(archive)
        here = self.from_archive(archive, 'tools = ["greet"]',
                                 '[packages.greet]\ndebian = "greeter"\n'
                                 'commands = ["greet", "hail"]\n' + more)
        kept = self.dir / "kept"
        self.good(self.cc_ci(here, kept, "build"))
        return here, kept
