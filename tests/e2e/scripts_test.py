#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The scripts that guard the sources must fail on what they guard against."""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parent.parent.parent / "scripts"
HEAD = "// SPDX-License-Identifier: GPL-3.0-or-later\n"


class Sources(unittest.TestCase):
    script = ""

    def setUp(self):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        self.root = pathlib.Path(place.name)
        for room in ("base", "declare", "store", "source", "lock", "enter", "environment", "cli"):
            self.write(f"src/{room}/noun.hpp",
                       f"#pragma once\nnamespace ccci::{room} {{\n}}  // namespace\n")
        self.write("src/enter/entrypoint.hpp", "#pragma once\nnamespace ccci::enter {\n}\n")
        self.rooms("enter:", "entrypoint:", "base:", "wording: base", "declare: base", "store: base",
                   "source: base declare store", "lock: base source",
                   "environment: base lock entrypoint", "next run: base lock", "cli: base lock")
        self.write("src/wording/base.cpp", '{.code = "base.open", .message = "{path}: no"},\n')
        self.write("src/base/noun.cpp", 'fail("base.open").with("path", path);\n')

    def write(self, path, text, head=HEAD):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(head + text)

    def rooms(self, *lines):
        (self.root / "src/rooms").write_text("# comment\n\n" + "\n".join(lines) + "\n")

    def run_it(self):
        return subprocess.run(["/usr/bin/python3", SCRIPTS / self.script, self.root],
                              capture_output=True, text=True, check=False)

    def good(self):
        done = self.run_it()
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def bad(self, *parts):
        done = self.run_it()
        self.assertEqual(done.returncode, 1, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)


class Layers(Sources):
    script = "check-layers"

    def test_sound_sources_pass(self):
        self.write("src/lock/x.cpp", '#include <string>\n#include "base/noun.hpp"\n'
                   '#include "source/noun.hpp"\nnamespace ccci::lock {\nnamespace {\n}\n}\n')
        self.write("src/environment/x.cpp", '#include "enter/entrypoint.hpp"\n')
        self.write("src/enter/x.cpp", '#include "noun.hpp"\n#include "enter/noun.hpp"\n')
        self.write("src/cli/y.hpp", "#pragma once\nnamespace ccci::base {\nclass Noun;\n}\n"
                   "namespace ccci::cli {\nnamespace inner {\n}\n}\n")
        self.good()

    def test_includes_point_one_way(self):
        for room, included in (("base", "store"), ("store", "declare"), ("declare", "store"),
                               ("source", "lock"), ("environment", "cli"), ("base", "enter"),
                               ("enter", "base")):
            with self.subTest(room=room, included=included):
                self.write(f"src/{room}/x.cpp", f'#include "{included}/noun.hpp"\n')
                self.bad(f"src/{room}/x.cpp:2")
                (self.root / f"src/{room}/x.cpp").unlink()

    def test_only_the_entrypoint_of_enter_is_seen(self):
        self.write("src/environment/x.cpp", '#include "enter/noun.hpp"\n')
        self.bad("'environment' may not see 'enter'")

    def test_headers_are_named_from_the_source_root(self):
        self.write("src/lock/x.cpp", '#include "noun.hpp"\n')
        self.bad("src/lock/x.cpp:2")
        self.write("src/lock/x.cpp", '#include "../base/noun.hpp"\n')
        self.bad("src/lock/x.cpp:2")

    def test_a_room_must_be_in_the_order(self):
        self.write("src/common/x.cpp", "")
        self.bad("src/common", "no line")

    def test_a_line_names_only_rooms_above_it(self):
        self.rooms("enter:", "entrypoint:", "base: store", "declare:", "store: base", "source:", "lock:",
                   "environment:", "cli:")
        self.bad("src/rooms:5", "'base' may not see 'store'")

    def test_the_order_lists_what_exists(self):
        self.rooms("enter:", "entrypoint:", "base:", "declare:", "store:", "source:", "lock:",
                   "environment:", "run:", "cli:")
        self.bad("src/rooms:11", "src/run does not exist")
        self.rooms("enter:", "entrypoint:", "base:", "declare:", "store:", "source:", "lock:",
                   "environment:", "next run:", "next cli: base", "server: run")
        self.bad("src/cli exists", "src/server does not exist", "only planned")

    def test_a_line_of_another_form_is_named(self):
        self.rooms("base -> declare")
        self.bad("src/rooms:3", "expected 'ROOM: ROOM...'")

    def test_a_namespace_is_named_like_its_folder(self):
        self.write("src/lock/x.cpp", "namespace ccci::store {\nint x;\n}\n")
        self.bad("expected 'ccci::lock'")

    def test_a_header_guards_itself(self):
        self.write("src/lock/x.hpp", "namespace ccci::lock {\n}\n")
        self.bad("src/lock/x.hpp", "#pragma once")

    def test_every_source_names_its_licence(self):
        self.write("src/lock/x.cpp", "int x;\n", head="")
        self.bad("src/lock/x.cpp", "SPDX")
        self.write("src/lock/x.cpp", "int x;\n")
        self.write("scripts/x", "#!/bin/sh\ntrue\n", head="")
        self.bad("scripts/x", "SPDX")

    def test_length_is_warned_about(self):
        self.write("src/lock/x.cpp", "void f() {\n" + "  g();\n" * 70 + "}\n" + "int x;\n" * 400)
        done = self.run_it()
        self.assertEqual(done.returncode, 0)
        self.assertIn("a function of 72 lines", done.stderr)
        self.assertIn("more than 400", done.stderr)


class Wording(Sources):
    script = "check-wording"

    def test_sound_sources_pass(self):
        self.write("src/lock/x.cpp", "// \" an unpaired quote\nchar c = '\"';\n"
                   'auto s = R"(raw ")"; auto u = "http://x";\n')
        self.good()

    def test_a_code_needs_a_row(self):
        self.write("src/base/x.cpp", 'fail("base.unworded");\n')
        self.bad("src/base/x.cpp:2", "'base.unworded' has no row")

    def test_a_code_that_goes_through_a_helper_needs_one_too(self):
        self.write("src/base/x.cpp", 'refused("base.too-odd");\n')
        self.bad("'base.too-odd' looks like a code")

    def test_a_row_needs_a_use(self):
        self.write("src/base/noun.cpp", '// "base.open"\n')
        self.bad("nothing uses 'base.open'")

    def test_a_row_stands_once_and_in_its_own_table(self):
        self.write("src/wording/lock.cpp", '{.code = "base.open", .message = "x"},\n')
        self.bad("has a row already", "stands in the table of 'lock'")

    def test_a_field_must_be_set_somewhere(self):
        self.write("src/wording/base.cpp", '{.code = "base.open", .message = "{paht}"},\n')
        self.bad("names the field 'paht'")

    def test_a_code_has_its_form(self):
        self.write("src/base/x.cpp", 'fail("Base Open");\n')
        self.bad("is no code")



class Textfile(unittest.TestCase):
    """examples/monitoring/cc-ci-textfile, with a cc-ci that answers what a test wants."""

    def run_it(self, answer, status):
        place = tempfile.TemporaryDirectory()
        self.addCleanup(place.cleanup)
        directory = pathlib.Path(place.name)
        (directory / "cc-ci").write_text(f"#!/bin/sh\ncat <<'E'\n{answer}\nE\nexit {status}\n")
        (directory / "cc-ci").chmod(0o755)
        script = SCRIPTS.parent / "examples" / "monitoring" / "cc-ci-textfile"
        subprocess.run([script, directory / "cc-ci.prom"], check=True,
                       env={"PATH": f"{directory}:/usr/bin:/bin"})
        text = (directory / "cc-ci.prom").read_text()
        return [line for line in text.splitlines() if not line.startswith("#")]

    @unittest.skipUnless(shutil.which("jq"), "jq is not installed")
    def test_metrics(self):
        self.assertEqual(self.run_it('{"generation": 3, "drift": []}', 0),
                         ["cc_ci_up 1", "cc_ci_drift 0", "cc_ci_generation 3"])
        answer = '{"generation": 3, "drift": [{}], "updates": {"security": [{}, {}]}}'
        self.assertEqual(self.run_it(answer, 1),
                         ["cc_ci_up 1", "cc_ci_drift 1", "cc_ci_generation 3",
                          "cc_ci_security_updates 2"])
        self.assertEqual(self.run_it("", 3), ["cc_ci_up 0"])



class AptRepository(unittest.TestCase):
    """packaging/apt-repository makes what apt accepts with the key that lies next to it."""

    def call(self, *words, **more):
        done = subprocess.run(words, capture_output=True, text=True, check=False,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(self.place), **more})
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        return done.stdout

    @unittest.skipUnless(shutil.which("apt-ftparchive") and shutil.which("gpg"), "no apt-utils")
    def test_apt_accepts_it(self):
        place = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.addCleanup(place.cleanup)
        self.place = pathlib.Path(place.name)
        control = self.place / "deb" / "DEBIAN" / "control"
        control.parent.mkdir(parents=True)
        control.write_text("Package: cc-ci\nVersion: 1:2.0\nArchitecture: all\n"
                           "Maintainer: t <t@example.org>\nDescription: x\n")
        self.call("dpkg-deb", "--build", self.place / "deb", self.place / "x.deb")
        home = {"GNUPGHOME": str(self.place / "gnupg")}
        (self.place / "gnupg").mkdir(mode=0o700)
        self.call("gpg", "--batch", "--passphrase", "", "--quick-generate-key", "t@example.org",
                  "default", "default", **home)
        made = self.call(SCRIPTS.parent / "packaging" / "apt-repository", self.place / "apt",
                         self.place / "x.deb", **home)
        self.assertIn("1 packages", made)
        self.call("gpgconf", "--kill", "all", **home)
        for name in ("lists/partial", "cache/archives/partial", "etc"):
            (self.place / name).mkdir(parents=True)
        (self.place / "status").write_text("")
        (self.place / "sources.list").write_text(
            f"deb [signed-by={self.place}/apt/cc-ci.asc] file:{self.place}/apt ./\n")
        options = [f"-oDir::State={self.place}", f"-oDir::State::lists={self.place}/lists",
                   f"-oDir::State::status={self.place}/status", f"-oDir::Cache={self.place}/cache",
                   f"-oDir::Etc::sourcelist={self.place}/sources.list",
                   "-oDir::Etc::sourceparts=/dev/null", "-oAPT::Sandbox::User=root",
                   "-oAcquire::Languages=none", "-oAPT::Update::Error-Mode=any"]
        self.call("apt-get", *options, "update")
        self.assertIn("1:2.0", self.call("apt-cache", *options, "policy", "cc-ci"))


class LastWords(unittest.TestCase):
    """What failed is said again at the end of a long run."""

    def said(self, *tests):
        with tempfile.TemporaryDirectory() as place:
            logs = pathlib.Path(place) / "Testing" / "Temporary"
            logs.mkdir(parents=True)
            log = "Start testing: Nov 29 17:20 UTC\n" + "-" * 10 + "\n"
            for number, (name, output, _) in enumerate(tests, 1):
                log += (f"{number}/9 Testing: {name}\n{number}/9 Test: {name}\nCommand: \"x\"\nOutput:\n"
                        + "-" * 10 + f"\n{output}<end of output>\nTest time =   0.35 sec\n" + "-" * 10 + "\n\n")
            (logs / "LastTest.log").write_text(log)
            failed = "".join(f"{number}:{name}\n" for number, (name, _, bad) in enumerate(tests, 1) if bad)
            if failed:
                (logs / "LastTestsFailed.log").write_text(failed)
            return subprocess.run([SCRIPTS / "last-words", place], capture_output=True, text=True,
                                  check=True).stdout

    def test_only_failed_ones_with_their_reasons(self):
        trace = "".join(f"  File x, line {n}\n" for n in range(50))
        said = self.said(("a.good", "error: as expected\n", False),
                         ("a.bad", f"ok\nERROR: test_one\n----\n{trace}ValueError: no mirror\n", True),
                         ("a.mute", "".join(f"line {n}\n" for n in range(40)), True))
        self.assertEqual(said, "\na.bad failed:\n  ERROR: test_one\n  ----\n    File x, line 0\n"
                         "  ValueError: no mirror\n\na.mute failed:\n"
                         + "".join(f"  line {n}\n" for n in range(26, 40)))

    def test_nothing_if_nothing_failed(self):
        self.assertEqual(self.said(("a.good", "fine\n", False)), "")


if __name__ == "__main__":
    unittest.main()
