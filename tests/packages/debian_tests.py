# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian's own tests of its packages (autopkgtest): their sources, and what each test wants.

Only what a test in an environment can have is understood: a test that wants a virtual machine, a built
source or another architecture is left out, with the reason.
"""
import pathlib
import re
import shutil
import subprocess

KEYRING = pathlib.Path("/usr/share/keyrings/debian-archive-keyring.gpg")
UNDERSTOOD = {"allow-stderr", "needs-root", "superficial", "skippable", "rw-build-tree", "hint-testsuite-triggers"}
BUILD_ESSENTIAL = ["build-essential", "binutils"]

# Of sources that name only a kind of test: how the test is called, and what it needs beside the package.
KINDS = {
    "autopkgtest-pkg-perl": ("/usr/share/pkg-perl-autopkgtest/runner runtime-deps", ["pkg-perl-autopkgtest"]),
    "autopkgtest-pkg-nodejs": ("/usr/share/pkg-js-autopkgtest/runner require", ["pkg-js-autopkgtest"]),
}


class LeftOut(Exception):
    """No verdict about cc-ci: the archive has no such source, or the test cannot run here."""


def paragraphs(text):
    """The paragraphs of a control file, each a dict with names in lower case."""
    fields, name = {}, ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields = {}
        elif line[0].isspace():
            fields[name] += "\n" + line.strip()
        else:
            name, _, value = line.partition(":")
            name = name.strip().lower()
            fields[name] = value.strip()


def words(text):
    return re.split(r"[\s,]+", text.strip()) if text.strip() else []


def alternatives(text):
    """'a (>= 1) | b, c [i386]' to [['a', 'b']]: the names of each relation that holds here."""
    for relation in text.replace("\n", " ").split(","):
        names = []
        for choice in relation.split("|"):
            found = re.match(r"\s*([@a-z0-9][a-z0-9+.@-]*)[^\[]*(?:\[([^\]]*)\])?", choice)
            if found and (found[2] is None or is_for_us(found[2])):
                names.append(found[1])
        if names:
            yield names


def is_for_us(architectures):
    own = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True).stdout.strip()
    listed = architectures.split()
    here = {own, "any", "linux-any", "all"}
    excluded = [name[1:] for name in listed if name.startswith("!")]
    return not here & set(excluded) if excluded else bool(here & set(listed)) or not listed


class Archive:
    """The sources of the machine's own Debian archive, in a directory of its own."""

    def __init__(self, place):
        self.place = place
        (place / "lists/partial").mkdir(parents=True, exist_ok=True)
        self.options = [f"-oDir::Etc::sourcelist={place}/sources", "-oDir::Etc::sourceparts=/dev/null",
                        f"-oDir::State::Lists={place}/lists", f"-oDir::Cache={place}/cache", "-oAPT::Sandbox::User=root"]
        self.update()

    def update(self):
        shown = self.apt("apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI) $(RELEASE) $(COMPONENT)",
                         "Created-By: Packages", own=False)
        signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
        lines = sorted({f"deb-src {signed}{line.split(' ', 1)[1]}\n" for line in shown.splitlines()
                        if line.startswith("Debian ")})
        if not lines:
            raise LeftOut("apt has no source of Debian")
        sources = self.place / "sources"
        if not sources.exists() or sources.read_text() != "".join(lines):
            sources.write_text("".join(lines))
            self.apt("apt-get", "-qq", "update")

    def apt(self, program, *arguments, own=True, **options):
        done = subprocess.run([program, *(self.options if own else []), *arguments], capture_output=True, text=True,
                              **options)
        if done.returncode != 0:
            raise LeftOut(f"{program} {arguments[0]}: {done.stderr.strip()[-300:]}")
        return done.stdout

    def source(self, package):
        """The directory of the unpacked source."""
        tree = self.place / package / "tree"
        if not tree.exists():
            shutil.rmtree(self.place / package, ignore_errors=True)
            (self.place / package).mkdir()
            self.apt("apt-get", "-qq", "source", "--download-only", package, cwd=self.place / package)
            description = next((self.place / package).glob("*.dsc"))
            self.apt("dpkg-source", "--no-check", "-x", description.name, "new", own=False, cwd=self.place / package)
            (self.place / package / "new").rename(tree)
        return tree


class Test:
    """One test of a source: `command` runs in the source's directory; `depends`: a list of alternatives each."""

    def __init__(self, name, command, depends, restrictions):
        self.name, self.command, self.depends, self.restrictions = name, command, depends, set(restrictions)

    def left_out(self, root):
        unknown = self.restrictions - UNDERSTOOD
        if unknown:
            return "it wants " + ", ".join(sorted(unknown))
        return "it needs root" if "needs-root" in self.restrictions and not root else ""


def tests_of(tree):
    """The tests of the source in `tree`."""
    source, *binaries = paragraphs((tree / "debian/control").read_text())
    own = [[binary["package"]] for binary in binaries
           if is_for_us(binary.get("architecture", "any")) and "package-type" not in binary]

    def expanded(text):
        for names in alternatives(text):
            if names[0] == "@":
                yield from own
            elif names[0] == "build-essential":
                yield from ([name] for name in BUILD_ESSENTIAL)
            else:
                yield names

    control = tree / "debian/tests/control"
    for number, fields in enumerate(paragraphs(control.read_text()) if control.exists() else [], 1):
        if not is_for_us(fields.get("architecture", "any").replace("\n", " ")):
            continue
        restrictions = words(fields.get("restrictions", ""))
        restrictions += [word for word in words(fields.get("depends", "")) if word in ("@builddeps@", "@recommends@")]
        depends = list(expanded(fields.get("depends", "@")))
        directory = fields.get("tests-directory", "debian/tests")
        for name in words(fields.get("tests", "")):
            yield Test(name, f"chmod +x {directory}/{name} && exec ./{directory}/{name}", depends, restrictions)
        if "test-command" in fields:
            yield Test(f"command{number}", fields["test-command"].replace("\n", " "), depends, restrictions)
    for kind in words(source.get("testsuite", "")):
        if kind in KINDS:
            command, more = KINDS[kind]
            yield Test(kind.rpartition("-")[2], command, [*own, *([name] for name in more)], ["allow-stderr"])
