#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""From inside an environment: it is complete, and it is closed."""
import json
import os
import pathlib
import re
import shutil
import socket
import ssl
import subprocess
import threading
import unittest

import support

TEXT = """[runtime]
tools = ["bash", "coreutils", "curl", "fontconfig", "fonts-dejavu-core", "git", "grep", "less",
         "openssl", "python3", "sed", "util-linux", "wget"]
python = ["pytest", "yaml"]
[runtime.variables]
DECLARED = "as declared"
[packages.fonts-dejavu-core]
debian = "fonts-dejavu-core"
commands = []
"""
LDD = r"""
IFS=:
for directory in $PATH; do
  for program in "$directory"/*; do
    LC_ALL=C ldd "$program" 2>/dev/null | grep -F 'not found' | sed "s|^|$program: |"
  done
done
"""


class Inside(support.BuildTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.dir = cls.base
        maker = cls("test_variables")
        maker.dir = cls.base / "shared"
        maker.dir.mkdir()
        cls.here = maker.project(TEXT)
        cls.state_ = maker.state(cls.here)
        cls.built = maker.build(cls.here, cls.state_)["environment"]
        cls.root = pathlib.Path(cls.built["root"])

    def run_inside(self, *words, **options):
        return self.inside(self.here, self.state_, *words, **options)

    def says(self, *words, **options):
        return self.good(self.run_inside(*words, **options))

    @unittest.skipUnless(support.ROOT, "only root can run a command as another user")
    def test_a_user_takes_the_systems_store(self):
        here = self.project(support.TINY, "shared-project")
        state = self.state(here, "prefix/var/lib/cc-ci")
        built = self.build(here, state)["environment"]["hash"]
        home = self.dir / "home"
        home.mkdir()
        os.chown(home, 65534, 65534)
        done = self.call(self.program, "-C", here, "--offline", "run", "--", "bash", "-c",
                         "echo $CC_CI_ENVIRONMENT", user=65534, group=65534, extra_groups=[],
                         env={"HOME": str(home), "PATH": "/usr/bin:/bin",
                              "CC_CI_PREFIX": str(self.dir / "prefix")})
        self.assertEqual(self.good(done).strip(), built)
        self.assertEqual(list(home.rglob("*")), [])

    # Complete.

    def test_every_library_of_every_program_is_found(self):
        self.assertEqual(self.says("bash", "-c", LDD), "")

    def test_alternatives(self):
        self.assertEqual(self.says("sh", "-c", "echo a b | awk '{print $2}'"), "b\n")
        self.assertRegex(self.says("which", "git"), r"^/usr/lib/cc-ci/path/git/git\n$")
        self.assertIn("less", self.says("/usr/bin/pager", "--version"))

    def test_python(self):
        self.says("python3", "-c", "import pytest, yaml, ssl, sqlite3, ctypes, lzma, bz2, curses")
        self.assertIn("pytest", self.says("pytest", "--version"))
        prefix = self.says("python3", "-c", "import sys, os; print(sys.prefix, sys.executable)")
        self.assertRegex(prefix, r"^/usr /usr/\S*python3\S*\n$")
        where = self.says("python3", "-c", "import pytest; print(pytest.__file__)")
        self.assertEqual(where, "/usr/lib/python3/dist-packages/pytest/__init__.py\n")

    def test_fonts(self):
        self.assertIn("DejaVuSans.ttf", self.says("fc-list"))
        self.assertIn("DejaVu", self.says("fc-match", "sans"))

    def test_the_bundle_of_authorities(self):
        self.says("openssl", "x509", "-in", "/etc/ssl/certs/ca-certificates.crt", "-noout")
        count = self.says("python3", "-c", "import ssl; "
                          "print(ssl.create_default_context().cert_store_stats()['x509_ca'])")
        self.assertGreater(int(count), 100)
        # Each of them, looked up by the hash links.
        verdict = self.says("bash", "-c", "cd /etc/ssl/certs && openssl verify -no_check_time "
                            "-CApath . *.pem")
        self.assertGreater(verdict.count(": OK\n"), 100)

    def test_tls_to_a_stranger_ends_in_a_verdict(self):
        """Not in a complaint that no authorities were found."""
        key, certificate = self.base / "key.pem", self.base / "certificate.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                        "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(server.close)

        def serve():
            while True:
                try:
                    connection, _ = server.accept()
                except OSError:
                    return
                try:
                    with context.wrap_socket(connection, server_side=True) as talk:
                        talk.recv(4096)
                        talk.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nhi\n")
                except OSError:
                    connection.close()

        threading.Thread(target=serve, daemon=True).start()
        url = f"https://localhost:{server.getsockname()[1]}/"
        python = f"import urllib.request as u; u.urlopen('{url}')"
        for words, verdict in (
            (["curl", "-sS", url], "self-signed certificate"),
            (["git", "ls-remote", url], "certificate verification failed"),
            (["wget", "-O-", url], "not trusted"),
            (["python3", "-c", python], "CERTIFICATE_VERIFY_FAILED"),
        ):
            with self.subTest(tool=words[0]):
                result = self.run_inside(*words, env=support.environment(no_proxy="localhost"))
                self.assertNotEqual(result.returncode, 0)
                self.assertIn(verdict, result.stderr)
        # The same server is good for who trusts it: it was the verdict and nothing else.
        self.assertEqual(self.says("curl", "-sS", "--noproxy", "*", "--cacert", certificate, url),
                         "hi\n")

    # Closed.

    def test_path_is_what_build_printed(self):
        self.assertEqual(self.says("sh", "-c", "echo $PATH"), ":".join(self.built["paths"]) + "\n")
        self.assertEqual(self.says("env", "-i", "sh", "-c", "command -v env"), "/usr/bin/env\n")

    def test_variables(self):
        self.assertEqual(self.says("sh", "-c", "echo $DECLARED"), "as declared\n")

    def test_exactly_the_declared_commands_are_on_path(self):
        seen = self.says("bash", "-c", "IFS=:; for d in $PATH; do for f in $d/*; do "
                         "echo $d ${f##*/}; done; done").split("\n")[:-1]
        on_path = {}
        for line in seen:
            directory, command = line.split(" ", 1)
            on_path.setdefault(directory, set()).add(command)
        self.assertLessEqual(set(on_path), set(self.built["paths"]))

        essential = [name for name, row in self.locked().items() if "essential" in row["because"]]
        for name in ("git", "curl", "openssl", "grep", "wget", "coreutils"):
            self.assertEqual(on_path[f"/usr/lib/cc-ci/path/{name}"], self.commands([name]), name)
        self.assertEqual(on_path["/usr/lib/cc-ci/path/less"], self.commands(["less"]) | {"pager"})
        python = ["python3", "python3-minimal", "python3-pytest", "python3-yaml"]
        self.assertEqual(on_path["/usr/lib/cc-ci/path/python3"], self.commands(python))
        extra = on_path["/usr/lib/cc-ci/essential"] - self.commands(essential)
        # Alternatives: of tar and debianutils, and the one that base-files vouches for.
        self.assertEqual(extra, {"awk", "rmt", "which"})
        # git needs perl, but perl was not declared: of its commands only Essential's are there.
        self.assertTrue((self.root / "usr/bin/corelist").exists())
        self.assertEqual(self.run_inside("corelist").returncode, 127)

    def locked(self):
        shown = json.loads(self.good(self.cc_ci(self.here, self.state_, "show", "--json")))
        return {row["name"]: row for row in shown["locked"]}

    def commands(self, packages):
        locked = self.locked()
        found = set()
        for name in packages:
            label = re.sub(r"[^a-zA-Z0-9.+-]", "-", f"{name}-{locked[name]['version']}")
            (package,) = (self.state_ / "store/package").glob(f"{'?' * 32}-{label}")
            for directory in ("bin", "sbin", "games"):
                found |= {path.name for path in package.glob(f"root/usr/{directory}/*")}
        return found

    def test_the_hosts_own_tools_are_out_of_reach(self):
        candidates = [path for place in ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/games")
                      if os.path.isdir(place) for path in pathlib.Path(place).iterdir()]
        foreign = [path for path in candidates if os.access(path, os.X_OK)
                   and not os.path.lexists(f"{self.root}{path}")]
        self.assertGreater(len(foreign), 50)
        script = 'while read -r f; do if test -e "$f"; then echo "$f"; fi; done'
        self.assertEqual(self.says("bash", "-c", script, stdin=None,
                                   input="".join(f"{path}\n" for path in foreign)), "")
        for name in ("strace", "gcc"):
            self.assertEqual(self.run_inside(name).returncode, 127, name)
            self.assertNotEqual(self.run_inside(f"/usr/bin/{name}").returncode, 0, name)
            self.assertNotEqual(self.run_inside(f"/bin/{name}").returncode, 0, name)

    @unittest.skipUnless(shutil.which("gcc"), "gcc is not installed")
    def test_variables_of_loaders_and_languages_let_nothing_in(self):
        library = self.dir / "in.so"
        (self.dir / "in.c").write_text(
            '#include <stdio.h>\n__attribute__((constructor)) static void in(void)'
            '{ puts("the host is in"); }\n')
        subprocess.run(["gcc", "-shared", "-fPIC", "-o", library, self.dir / "in.c"], check=True)
        modules = self.dir / "modules"
        modules.mkdir()
        (modules / "sitecustomize.py").write_text('print("the host is in")\n')
        (modules / "bashrc").write_text('echo "the host is in"\n')
        hostile = support.environment(
            LD_LIBRARY_PATH=str(self.dir), PYTHONPATH=str(modules), PYTHONHOME=str(modules),
            PYTHONSTARTUP=str(modules / "sitecustomize.py"), PERL5LIB=str(modules),
            PERL5OPT="-Mnothing", GIT_EXEC_PATH=str(modules), NODE_PATH=str(modules),
            BASH_ENV=str(modules / "bashrc"), ENV=str(modules / "bashrc"), KEPT="yes")
        # Not for cc-ci itself, which is the host's: for what it starts.
        hostile["LD_PRELOAD"] = str(library)
        for words, said in ((["bash", "-c", "echo $KEPT"], "yes\n"),
                            (["python3", "-c", "print(1)"], "1\n"),
                            (["perl", "-e", "print 1"], "1"),
                            (["git", "--exec-path"], "/usr/lib/git-core\n")):
            with self.subTest(words=words):
                out = self.says(*words, env=hostile)
                # The preloaded library greets once, from cc-ci and its launcher, before entry.
                self.assertEqual(out.replace("the host is in\n", ""), said)
                self.assertLessEqual(out.count("the host is in"), 1, out)
        inside = self.says("sh", "-c", "env", env=hostile)
        for name in ("LD_PRELOAD", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "PERL5LIB",
                     "GIT_EXEC_PATH", "NODE_PATH", "BASH_ENV"):
            self.assertNotRegex(inside, rf"(?m)^{name}=")


if __name__ == "__main__":
    support.main()
