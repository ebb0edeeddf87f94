#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules of a Python package index that the test makes: wheels, commands, conflicts, hostile files."""
import base64
import hashlib
import http.server
import io
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
import zipfile

import support

# Its packages are those that every declaration here needs, with the resolver.
GROUND = ('[runtime]\ntools = ["python3"]\n'
          'packages = ["python3-pip-whl", "python3-idna", "libstdc++6", "libatomic1"]\n')


def digest(data):
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def wheel(name, version, files=(), needs=(), commands=(), tag="py3-none-any", python="",
          record=None, extra=(), info=None):
    """The name and bytes of a wheel. `record` changes its list of digests; `extra` is not listed."""
    stem = f"{name.replace('-', '_')}-{version}"
    info = info or f"{stem}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {need}\n" for need in needs)
    metadata += f"Requires-Python: {python}\n" if python else ""
    content = {f"{name.replace('-', '_')}/__init__.py": f"version = {version!r}\n"
               "def main():\n    print('main of', __name__, version)\n", **dict(files),
               f"{info}/METADATA": metadata,
               f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\n"
                                f"Tag: {tag}\n"}
    if commands:
        content[f"{info}/entry_points.txt"] = "[console_scripts]\n" + "".join(
            f"{command} = {target}\n" for command, target in commands)
    content = {path: text if isinstance(text, bytes) else text.encode()
               for path, text in content.items()}
    lines = {path: f"{path},sha256={digest(data)},{len(data)}" for path, data in content.items()}
    lines[f"{info}/RECORD"] = f"{info}/RECORD,,"
    if record:
        record(lines)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in content.items():
            archive.writestr(path, data)
        archive.writestr(f"{info}/RECORD", "\n".join(lines.values()) + "\n")
        for path, data, mode in extra:
            entry = zipfile.ZipInfo(path)
            entry.external_attr = mode << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, data)
    return f"{stem}-{tag}.whl", out.getvalue()


class Index(http.server.BaseHTTPRequestHandler):
    files = {}      # project -> {file name: (bytes, attributes)}
    password = None
    away = ""       # another server that has the files
    asked = []

    def do_GET(self):
        Index.asked.append(self.path)
        if Index.password and self.headers.get("Authorization") != Index.password:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="index"')
            self.end_headers()
            return
        self.serve()

    def serve(self):
        parts = self.path.strip("/").split("/")
        if parts[-1] == "zz-endless":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            try:
                while True:
                    self.wfile.write(b"<a href='x'>x</a>" * 65536)
            except OSError:
                return
        if len(parts) == 2 and parts[0] == "simple" and parts[1] in Index.files:
            rows = [f'<a href="{Index.away}/files/{parts[1]}/{name}'
                    f'#sha256={hashlib.sha256(data).hexdigest()}" {attributes}>{name}</a>'
                    for name, (data, attributes) in Index.files[parts[1]].items()]
            self.answer(("<html><body>" + "\n".join(rows) + "</body></html>").encode(), "text/html")
        elif len(parts) == 3 and parts[0] == "files" and parts[2] in Index.files.get(parts[1], {}):
            self.answer(Index.files[parts[1]][parts[2]][0], "application/octet-stream")
        else:
            self.send_error(404)

    def answer(self, data, kind):
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_):
        pass


class Elsewhere(Index):
    """A server that must not see the password of the index."""
    logins = []

    def do_GET(self):
        Elsewhere.logins.append(self.headers.get("Authorization"))
        self.serve()


class Pypi(support.BuildTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
        threading.Thread(target=cls.server.serve_forever, daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)
        cls.index = f"http://127.0.0.1:{cls.server.server_address[1]}/simple"

    def setUp(self):
        super().setUp()
        Index.files, Index.password, Index.asked, Index.away = {}, None, [], ""
        self.ground = self.project(GROUND, "ground")
        self.place = self.fresh("state")

    def fresh(self, name):
        """A state with the packages of Debian."""
        return self.state(self.ground, name=name, apt=True)

    def offer(self, *args, attributes="", **options):
        name, data = wheel(*args, **options)
        project = re.sub(r"[-_.]+", "-", args[0]).lower()
        Index.files.setdefault(project, {})[name] = (data, attributes)
        return hashlib.sha256(data).hexdigest()

    def declare(self, python, rest="", source="", name="project"):
        names = ", ".join(f'"{one}"' for one in python)
        return self.project(
            f'[runtime]\ntools = ["python3"]\npython = [{names}]\n'
            f'packages = ["python3-pip-whl", "python3-idna"]\n'
            f'[sources.pypi]\nindex = "{self.index}"\n{source}\n{rest}\n', name, locked=False)

    def lock(self, here, *words, **options):
        return self.cc_ci(here, self.place, "--offline", "lock", *words, **options)

    def locked(self, here):
        return json.loads(self.good(self.cc_ci(here, self.place, "show", "--json")))["locked"]

    def test_modules_and_commands_work_as_debians_do(self):
        sha256 = self.offer("Tool_Box", "1.2", needs=["helper>=2", "idna"],
                            commands=[("toolbox", "Tool_Box:main")],
                            files={"Tool_Box-1.2.data/scripts/old-tool": "#!python\nprint('old')\n",
                                   "Tool_Box-1.2.data/data/share/toolbox/x": "x\n"})
        self.offer("helper", "2.1", files={"helper.pth": "import helper\n"},
                   commands=[("help-me", "helper:main")])
        self.offer("helper", "1.0")
        here = self.declare(["tool-box"])
        self.good(self.lock(here))
        rows = {row["name"]: row for row in self.locked(here)}
        self.assertEqual((rows["pypi:tool-box"]["sha256"], rows["pypi:tool-box"]["because"]),
                         (sha256, ["python tool-box"]))
        self.assertEqual(rows["pypi:helper"]["version"], "2.1")
        self.assertEqual((rows["pypi:helper"]["from"], rows["python3-idna"]["from"].split()[0]),
                         ("pypi", "debian"))
        # Debian supplies idna.
        self.assertNotIn("pypi:idna", rows)
        self.assertIn("package pypi:tool-box", rows["python3-idna"]["because"])
        built = self.build(here, self.place)
        code = "import Tool_Box, helper, idna; print(Tool_Box.__file__, helper.version)"
        self.assertEqual(self.good(self.inside(here, self.place, "python3", "-I", "-c", code)),
                         "/usr/lib/cc-ci/python/lib/Tool_Box/__init__.py 2.1\n")
        self.assertEqual(self.good(self.inside(here, self.place, "toolbox")),
                         "main of Tool_Box 1.2\n")
        self.assertEqual(self.good(self.inside(here, self.place, "old-tool")), "old\n")
        self.assertTrue(os.path.exists(built["environment"]["root"] + "/usr/share/toolbox/x"))
        self.assertIn("python tool-box -> pypi:tool-box -> pypi:helper",
                      self.good(self.cc_ci(here, self.place, "why", "helper")))
        # A command of a dependency is not on PATH; `why` says how to have it there.
        self.assertEqual(self.inside(here, self.place, "help-me").returncode, 127)
        self.assertIn("add 'helper' to [runtime] python, and: [packages.helper] pypi = \"helper\"",
                      self.good(self.cc_ci(here, self.place, "why", "help-me")))
        self.verified(here, self.place)
        self.good(self.cc_ci(here, self.place, "lock", "--check"))
        # The same bytes from the kept files, without the index.
        Index.files = {}
        other = self.state(name="other")
        for kept in (self.place / "archives").iterdir():
            support.link_or_copy(kept, other / "archives" / kept.name)
        again = self.build(here, other)
        self.assertEqual(again["environment"]["digest"], built["environment"]["digest"])

    def test_requirements_and_constraints(self):
        self.offer("alpha", "1.0", needs=["beta"])
        self.offer("beta", "1.0", commands=[("beta", "beta:main")])
        self.offer("beta", "2.0", commands=[("beta", "beta:main")])
        here = self.declare([], source='requirements = "requirements.txt"\n'
                                       'constraints = "pins/all.txt"\n')
        (here / "requirements.txt").write_text("alpha  # wanted\n-r more.txt\n")
        (here / "more.txt").write_text("beta\n")
        (here / "pins").mkdir()
        (here / "pins/all.txt").write_text("beta<2\n")
        self.good(self.lock(here))
        rows = {row["name"]: row for row in self.locked(here)}
        self.assertEqual(rows["pypi:beta"]["version"], "1.0")
        self.assertEqual(rows["pypi:alpha"]["because"], ["requirements requirements.txt"])
        self.build(here, self.place)
        self.assertEqual(self.good(self.inside(here, self.place, "beta")), "main of beta 1.0\n")
        (here / "pins/all.txt").write_text("beta\n")
        self.assertEqual(self.cc_ci(here, self.place, "lock", "--check").returncode, 1)
        # What need not change does not change.
        self.good(self.lock(here))
        rows = {row["name"]: row for row in self.locked(here)}
        self.assertEqual(rows["pypi:beta"]["version"], "1.0")
        self.good(self.lock(here, "--update", "beta"))
        rows = {row["name"]: row for row in self.locked(here)}
        self.assertEqual(rows["pypi:beta"]["version"], "2.0")

    def test_digests_of_requirements_beside_modules_of_the_declaration(self):
        right = self.offer("alpha", "1.0")
        self.offer("beta", "1.0")
        here = self.declare(["beta"], source='requirements = "requirements.txt"\n')
        lines = "alpha==1.0 \\\n    --hash=sha256:{} \\\n    --hash=sha256:{}\n"
        (here / "requirements.txt").write_text(lines.format("0" * 64, right))
        self.good(self.lock(here))
        self.assertIn("pypi:alpha", {row["name"] for row in self.locked(here)})
        before = (here / "cc-ci.lock").read_bytes()
        (here / "requirements.txt").write_text(lines.format("0" * 64, "1" * 64))
        self.refused(self.lock(here), 3, "python.hash", "requirements.txt:1:1", "alpha",
                     "alpha-1.0-py3-none-any.whl", right)
        self.assertEqual((here / "cc-ci.lock").read_bytes(), before)

    def test_the_host_has_no_influence(self):
        self.offer("alpha", "1.0")
        here = self.declare(["alpha"])
        (self.dir / "pip.conf").write_text("[global]\nindex-url = http://127.0.0.1:1/simple\n")
        env = support.environment(PIP_INDEX_URL="http://127.0.0.1:1/simple", PIP_NO_INDEX="1",
                                  PIP_CONFIG_FILE=str(self.dir / "pip.conf"), PYTHONPATH="/x")
        self.good(self.lock(here, env=env))
        self.assertIn("/simple/alpha/", Index.asked)

    def test_offline_the_wheels_at_hand_may_be_the_answer(self):
        self.offer("alpha", "1.0", needs=["beta"])
        self.offer("beta", "2.0")
        here = self.declare(["alpha"])
        self.good(self.lock(here))
        before = self.locked(here)
        toml = here / "cc-ci.toml"
        toml.write_text(toml.read_text().replace(self.index, "https://pypi.example.org/simple"))
        Index.asked = []
        self.good(self.lock(here))
        self.assertEqual((self.locked(here), Index.asked), (before, []))
        self.good(self.cc_ci(here, self.place, "lock", "--check"))
        for words in (["--update"], ["--update", "alpha"]):
            self.refused(self.lock(here, *words), 3, "python.offline")
        toml.write_text(toml.read_text().replace('"alpha"', '"alpha", "gamma"'))
        self.refused(self.lock(here), 3, "python.offline")

    def test_a_private_index(self):
        self.offer("alpha", "1.0")
        here = self.declare(["alpha"])
        Index.password = "Basic " + base64.b64encode(b"me:s3cret").decode()
        self.refused(self.lock(here), 3, "python.denied", "'alpha'")
        self.refused(self.lock(here, env=support.environment(NETRC="/nowhere/netrc")), 3,
                     "source.no-netrc", "'/nowhere/netrc'")
        home = self.dir / "home"
        home.mkdir()
        (home / ".netrc").write_text("machine 127.0.0.1 login me password s3cret\n")
        env = support.environment(HOME=str(home))
        told = self.lock(here, env=env)
        self.good(told)
        built = self.cc_ci(here, self.place, "build", "--locked", env=env)
        self.good(built)
        for text in (told.stderr, built.stderr, (here / "cc-ci.lock").read_text()):
            self.assertNotIn("s3cret", text)
        left = [path for path in self.place.rglob("*") if path.is_file() and
                path.stat().st_size < 1 << 16 and b"s3cret" in path.read_bytes()]
        self.assertEqual(left, [])

    def authority(self):
        """A certificate authority, and a server's key with a certificate for 127.0.0.1."""
        place = self.dir / "authority"
        place.mkdir()
        run = lambda *words: subprocess.run(["openssl", *words], cwd=place, check=True, capture_output=True)
        run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-days",
            "30", "-subj", "/CN=house")
        run("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "s.key", "-out", "s.csr", "-subj", "/CN=index")
        (place / "names").write_text("subjectAltName=IP:127.0.0.1\n")
        run("x509", "-req", "-in", "s.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days",
            "30", "-extfile", "names", "-out", "s.pem")
        return place

    def test_a_server_whose_certificate_is_of_a_declared_authority(self):
        place = self.authority()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(place / "s.pem", place / "s.key")
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        address = f"https://127.0.0.1:{server.server_address[1]}"
        self.offer("alpha", "1.0")
        program = b"#!/bin/sh\necho mine\n"
        Index.files["plain"] = {"mytool": (program, "")}
        rest = (f'[packages.mytool]\nurl = "{address}/files/plain/mytool"\n'
                f'sha256 = "{hashlib.sha256(program).hexdigest()}"\n')
        here = self.declare(["alpha"], rest)
        toml = here / "cc-ci.toml"
        toml.write_text(toml.read_text().replace(self.index, address + "/simple")
                        .replace('tools = ["python3"', 'tools = ["python3", "mytool"'))
        self.assertEqual(self.lock(here).returncode, 3)
        shutil.copy(place / "ca.pem", here / "house.pem")
        toml.write_text(toml.read_text().replace("[runtime]", '[runtime]\ncertificates = ["house.pem"]'))
        self.good(self.lock(here))
        self.good(self.cc_ci(here, self.place, "build", "--locked"))
        code = "import alpha; print(alpha.version)"
        self.assertEqual(self.good(self.inside(here, self.place, "python3", "-c", code)), "1.0\n")
        self.assertEqual(self.good(self.inside(here, self.place, "mytool")), "mine\n")

    def test_another_port_of_the_host_gets_no_password(self):
        other = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
        threading.Thread(target=other.serve_forever, daemon=True).start()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        self.offer("alpha", "1.0")
        here = self.declare(["alpha"])
        Index.password = "Basic " + base64.b64encode(b"me:s3@cret/").decode()
        Index.away = f"http://127.0.0.1:{other.server_address[1]}"
        netrc = self.dir / "netrc"
        env = support.environment(NETRC=str(netrc))
        netrc.write_text(f"machine 127.0.0.1:{other.server_address[1]} login me password s3@cret/\n")
        self.refused(self.lock(here, env=env), 3, "python.denied", "'alpha'")
        netrc.write_text(f"machine 127.0.0.1:{self.server.server_address[1]} "
                         "login me password s3@cret/\n")
        told = self.lock(here, env=env)
        self.good(told)
        self.good(self.cc_ci(here, self.place, "build", "--locked", env=env))
        self.assertIn(Index.away, (here / "cc-ci.lock").read_text())
        self.assertNotIn("cret", told.stderr + (here / "cc-ci.lock").read_text())
        self.assertEqual(set(Elsewhere.logins), {None})

    def test_what_cannot_be_locked_is_refused_by_name(self):
        self.offer("zz-alpha", "1.0")
        self.offer("zz-alpha", "3.0", attributes='data-yanked="broken"')
        self.offer("zz-future", "1.0", tag="cp399-cp399-manylinux_2_28_x86_64")
        self.offer("zz-later", "1.0", python=">=3.99")
        self.offer("python-zz-near", "1.0")
        Index.files["zz-source"] = {"zz-source-1.0.tar.gz": (b"x", "")}
        self.offer("zz-one", "1.0", needs=["zz-both<2"])
        self.offer("zz-two", "1.0", needs=["zz-both>=2"])
        self.offer("zz-both", "1.0")
        self.offer("zz-both", "2.0")
        for number, (names, rest, code, status, parts) in enumerate([
                (["zz-near"], "", "python.unknown", 2, ["python-zz-near"]),
                (["zz-source"], "", "python.sdist", 3, ["'zz-source'"]),
                (["zz-future"], "", "python.no-wheel", 3, ["cp399-cp399"]),
                (["zz-later"], "", "python.wrong-python", 3, [">=3.99"]),
                (["zz-alpha"], '[packages.zz-alpha]\npypi = "zz-alpha"\nversion = "==3.0"',
                 "python.yanked", 3, ["broken"]),
                (["zz-alpha"], '[packages.zz-alpha]\npypi = "zz-alpha"\nversion = "7.*"',
                 "python.no-version", 2, ["1.0"]),
                (["zz-one", "zz-two"], "", "python.conflict", 3, ["zz-one 1.0", "zz-two 1.0"])]):
            with self.subTest(code):
                here = self.declare(names, rest, name=f"refused{number}")
                self.refused(self.lock(here), status, code, *parts)
                self.assertFalse((here / "cc-ci.lock").exists())
                self.assert_nothing_staged(self.place)

    def test_an_index_without_end(self):
        here = self.declare(["zz-endless"])
        self.refused(self.lock(here), 3, "python.endless")
        self.assert_nothing_staged(self.place)

    def test_a_module_of_debian_that_does_not_fit_is_hidden(self):
        self.offer("zz-new", "1.0", needs=["idna>=1000"])
        self.offer("idna", "1000.0")
        here = self.declare(["zz-new"])
        told = self.call(self.program, "-C", here, "--state", self.place, "--offline", "lock")
        self.good(told)
        self.assertIn("pypi:idna 1000.0 hides the module of python3-idna", told.stderr)
        self.build(here, self.place)
        code = "import idna; print(idna.version)"
        self.assertEqual(self.good(self.inside(here, self.place, "python3", "-c", code)),
                         "1000.0\n")

    def test_a_missing_library_is_named(self):
        self.offer("zz-binary", "1.0", files={"zz_binary/x.so": support.needing("libasound.so.2")})
        here = self.declare(["zz-binary"])
        for dry in ([], ["--dry-run"]):
            self.refused(self.lock(here, *dry), 3, "environment.missing-library", "libasound.so.2",
                         "add 'libasound2' to", "pypi:zz-binary", "zz_binary/x.so")
        self.assertFalse((here / "cc-ci.lock").exists())
        # One that Debian does not have, one that is there, and one that the wheel brings itself.
        for name, files, missing in [
                ("zz-unknown", {"zz_unknown/x.so": support.needing("libq.so.6")}, "libq.so.6"),
                ("zz-there", {"zz_there/x.so": support.needing("libz.so.1")}, None),
                ("zz-own", {"zz_own/x.so": support.needing("libq.so.6"),
                            "zz_own.libs/libq.so.6": support.needing("libc.so.6")}, None)]:
            with self.subTest(name):
                self.offer(name, "1.0", files=files)
                one = self.declare([name], name=name)
                if missing:
                    self.assertNotIn("add '", self.refused(
                        self.lock(one), 3, "environment.missing-library", missing))
                else:
                    self.good(self.lock(one))
        # A library that no job uses, as plugins have them.
        toml = here / "cc-ci.toml"
        whole = toml.read_text()
        toml.write_text(whole.replace("[runtime]",
                                      '[runtime]\nabsent_libraries = ["libasound.so.2"]'))
        self.good(self.lock(here))
        self.build(here, self.place)
        toml.write_text(whole)
        self.refused(self.cc_ci(here, self.fresh("other"), "--offline", "build", "--locked"), 3,
                     "environment.missing-library")

    def test_names_that_imitate_each_other_are_one(self):
        here = self.declare(["some-module", "Some_Module"],
                            '[packages.some-module]\npypi = "some-module"\n'
                            '[packages.Some_Module]\npypi = "Some_Module"\n')
        self.refused(self.lock(here), 2, "declare.same-project", "some-module")

    def test_hostile_wheels_are_refused_when_they_are_unpacked(self):
        def altered(lines):
            lines["bad/__init__.py"] = "bad/__init__.py,sha256=" + "A" * 43 + ",1"

        # tests/unit/store/wheel_unpack_test.cpp has more of them.
        self.offer("zz-bad", "1.0", record=altered, files={"bad/__init__.py": ""})
        here = self.declare(["zz-bad"])
        self.refused(self.lock(here), 3, "store.wheel-record", "pypi:zz-bad")
        self.assertFalse((here / "cc-ci.lock").exists())
        self.assert_nothing_staged(self.place)
        self.assertEqual([one for one in support.objects(self.place, "package") if "zz-bad" in one],
                         [])

    def test_another_file_under_the_locked_name(self):
        self.offer("alpha", "1.0")
        here = self.declare(["alpha"])
        self.good(self.lock(here))
        before = (here / "cc-ci.lock").read_text()
        self.offer("alpha", "1.0", files={"alpha/more.py": "x = 1\n"})
        self.offer("beta", "1.0")
        self.refused(self.cc_ci(here, self.fresh("other"), "--offline", "build", "--locked"), 3,
                     "source.wheel-changed", "alpha")
        text = (here / "cc-ci.toml").read_text()
        (here / "cc-ci.toml").write_text(text.replace('["alpha"]', '["alpha", "beta"]'))
        self.refused(self.lock(here), 3, "python.replaced", "alpha")
        self.assertEqual((here / "cc-ci.lock").read_text(), before)
        self.good(self.lock(here, "--update", "alpha"))
        self.build(here, self.place)


if __name__ == "__main__":
    support.main()
