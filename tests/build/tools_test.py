#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tools that are not simply a list of commands: metapackages, recommended packages, documentation."""
import json
import pathlib
import resource

import support
from signed_archive import ArchiveTest


class Tools(ArchiveTest):
    def setUp(self):
        super().setUp()
        self.current = self.dir / "state"

    def ready(self):
        archive = self.archive(support.TINY)
        self.package(archive, "suite", {"usr/share/doc/suite/copyright": "x"},
                     depends="Depends: part-one, part-two\n")
        self.package(archive, "part-one", {"usr/bin/one": "#!/bin/sh\necho one\n"})
        self.package(archive, "part-two", {"usr/lib/two/bin/two": "#!/bin/sh\necho two\n"},
                     scripts={"postinst": "#!/bin/sh\nset -e\nupdate-alternatives --install /usr/bin/two "
                                          "two /usr/lib/two/bin/two 10\n"})
        self.package(archive, "hungry", {"usr/bin/hungry": "#!/bin/sh\nside dish\n"},
                     depends="Recommends: absent | side, nowhere\n")
        self.package(archive, "side", {"usr/bin/side": '#!/bin/sh\necho "side $1"\n'})
        self.package(archive, "data", {"usr/share/data/x": "x", "usr/share/doc/data/examples/e": "e"},
                     depends="Depends: side\n")
        self.sign(archive)
        return archive

    def make(self, here):
        self.good(self.cc_ci(here, self.current, "lock"))
        built = self.good(self.cc_ci(here, self.current, "build", "--locked", "--json"))
        return pathlib.Path(json.loads(built)["environment"]["root"])

    def run_inside(self, here, *words):
        return self.cc_ci(here, self.current, "--offline", "run", "--", *words)

    def test_a_metapackage_brings_what_it_stands_for(self):
        here = self.from_archive(self.ready(), 'tools = ["suite"]')
        self.make(here)
        self.assertEqual(self.good(self.run_inside(here, "one")), "one\n")
        self.assertEqual(self.good(self.run_inside(here, "two")), "two\n")

    def test_scripts_see_the_directories_that_are_the_hosts_inside(self):
        archive = self.archive(support.TINY)
        self.package(archive, "mail", {"var/spool/mail-toy/README": "x", "usr/bin/mail-toy": "#!/bin/sh\n"},
                     scripts={"postinst": "#!/bin/sh\nset -e\ncd /var/spool/mail-toy\n"
                                          "mkdir -p /usr/share/mail-toy\nls >/usr/share/mail-toy/seen\n"})
        self.sign(archive)
        root = self.make(self.from_archive(archive, 'tools = ["mail"]'))
        self.assertEqual((root / "usr/share/mail-toy/seen").read_text(), "README\n")
        self.assertFalse((root / "var/spool").exists())

    def test_scripts_see_their_package_on_the_essential_ones_and_no_running_system(self):
        # The package is no Essential one: its root is a layer on top of these.
        archive = self.archive(support.TINY)
        self.package(archive, "asks", {"usr/bin/asks": "#!/bin/sh\n", "usr/lib/asks/data": "x"},
                     scripts={"postinst": "#!/bin/sh\nset -e\nmkdir -p /usr/share/asks\n"
                                          "if ischroot; then echo yes; else echo no; fi >/usr/share/asks/chroot\n"
                                          "cat /usr/lib/asks/data >/usr/share/asks/own\n"
                                          "cut -d: -f1 /etc/passwd | head -n 1 >/usr/share/asks/account\n"})
        self.sign(archive)
        answers = self.make(self.from_archive(archive, 'tools = ["asks"]')) / "usr/share/asks"
        self.assertEqual({name: (answers / name).read_text().strip()
                          for name in ("chroot", "own", "account")},
                         {"chroot": "yes", "own": "x", "account": "root"})

    def test_recommended_packages_are_taken_if_declared(self):
        archive = self.ready()
        here = self.from_archive(archive, 'tools = ["hungry"]')
        self.make(here)
        self.assertEqual(self.run_inside(here, "hungry").returncode, 127)
        self.from_archive(archive, 'tools = ["hungry"]', "[packages.hungry]\nrecommends = true")
        self.make(here)
        self.assertEqual(self.good(self.run_inside(here, "hungry")), "side dish\n")
        self.assertEqual(self.run_inside(here, "side").returncode, 127)
        why = json.loads(self.good(self.cc_ci(here, self.current, "why", "--json", "side")))
        self.assertEqual(why["chains"][0]["chain"], ["tool hungry", "hungry", "side"])
        self.assertEqual(self.cc_ci(here, self.current, "lock", "--check").returncode, 0)

    def test_why_answers_for_what_nothing_exposes(self):
        here = self.from_archive(self.ready(), 'tools = ["jq"]\npackages = ["suite"]')
        self.make(here)
        for name, package in (("one", "part-one"), ("two", "part-two"), ("/usr/bin/two", "part-two")):
            why = json.loads(self.good(self.cc_ci(here, self.current, "why", "--json", name)))
            self.assertEqual(why["package"], package)
        told = self.good(self.cc_ci(here, self.current, "why", "two"))
        self.assertIn("/usr/bin/two, not on PATH", told)

    def test_why_names_the_package_of_what_is_not_declared(self):
        here = self.from_archive(self.ready(), 'tools = ["jq", "hungry"]')
        self.make(here)
        why = lambda name: self.cc_ci(here, self.current, "why", name)
        # A package of the archive, whose name is like a declared one's.
        told = self.refused(why("suite"), 2, "cli.undeclared-package", "Debian has a package")
        self.assertNotIn("did you mean", told)
        # A command of a package of this machine.
        self.refused(why("dpkg-architecture"), 2, "cli.undeclared-command", "'dpkg-dev'")
        self.refused(why("hungr"), 2, "cli.unknown-name", "did you mean 'hungry'")

    def test_data_as_a_tool_is_told_to_be_a_package(self):
        archive = self.ready()
        here = self.from_archive(archive, 'tools = ["jq", "data"]')
        self.good(self.cc_ci(here, self.current, "lock"))
        self.refused(self.cc_ci(here, self.current, "build", "--locked"), 2,
                     "environment.no-commands", 'packages = ["data"]')
        self.from_archive(archive, 'tools = ["jq"]\npackages = ["data"]')
        root = self.make(here)
        self.assertTrue((root / "usr/share/doc/data/examples/e").exists())
        self.assertTrue((root / "usr/share/doc/jq").exists())
        self.assertFalse((root / "usr/share/doc/libjq1").exists(), "of a dependency")

    def test_a_font_as_a_tool_is_refused_when_locking(self):
        archive = self.archive(support.TINY)
        self.package(archive, "fonts-toy", {"usr/share/fonts/toy": "x"}, depends="Section: fonts\n")
        self.package(archive, "fonts-seek", ["usr/bin/seek"], depends="Section: fonts\n")
        self.sign(archive)
        here = self.from_archive(archive, 'tools = ["jq", "fonts-seek", "fonts-toy"]')
        told = self.refused(self.cc_ci(here, self.current, "lock"), 2, "environment.no-commands",
                            "cc-ci.toml:2", 'packages = ["fonts-toy"]')
        self.assertNotIn("fonts-seek'", told)
        self.assertFalse((here / "cc-ci.lock").exists())
        self.from_archive(archive, 'tools = ["jq", "fonts-seek"]\npackages = ["fonts-toy"]')
        self.good(self.cc_ci(here, self.current, "lock"))

    def test_a_state_whose_path_no_entrypoint_can_name_is_refused_before_the_work(self):
        here = self.from_archive(self.ready(), 'tools = ["jq"]')
        state = self.dir / "my state"
        for words in (["lock"], ["build"]):
            self.refused(self.cc_ci(here, state, *words), 2, "store.state-blank", str(state),
                         "without blanks")
        self.assertFalse(state.exists())
        long = self.dir / ("long" * 60)
        self.good(self.cc_ci(here, long, "lock"))
        self.refused(self.cc_ci(here, long, "build", "--locked"), 3, "host.entrypoint", "short path")
        self.assertEqual([*(long / "store" / "package").glob("*")], [])

    def test_a_rule_without_an_origin_means_the_package_of_its_name(self):
        here = self.from_archive(self.ready(), 'tools = ["suite"]',
                                 '[packages.suite]\ncommands = ["two"]')
        self.make(here)
        self.assertEqual(self.good(self.run_inside(here, "two")), "two\n")
        self.assertEqual(self.run_inside(here, "one").returncode, 127)

    def test_too_few_open_files_are_said(self):
        here = self.from_archive(self.ready(), 'tools = ["jq"]')
        limit = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (12, 12))
        self.refused(self.cc_ci(here, self.current, "show", preexec_fn=limit), 3, "cli.open-files",
                     "ulimit -n")


if __name__ == "__main__":
    support.main()
